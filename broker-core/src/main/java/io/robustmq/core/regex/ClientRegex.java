package io.robustmq.core.regex;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * A regular expression of a client. It is one of RE2, which takes time in proportion to the text whatever the expression is,
 * and it is bounded in size: repetitions inside of repetitions make a program of gigabytes out of twenty characters.
 */
public final class ClientRegex {
    /** Characters and classes that are matched one by one, repetitions counted as often as they may repeat. */
    private static final int SIZE_MAX = 2_000;

    private final String regex;
    private final Deque<Long> outer = new ArrayDeque<>();
    private int at;
    private long size;
    /** Of what a repetition would repeat. */
    private long last;

    private ClientRegex(String regex) {
        this.regex = regex;
    }

    /** Throws when it is none, or too large. */
    public static Pattern compile(String regex) throws PatternSyntaxException {
        new ClientRegex(regex).measure();
        return Pattern.compile(regex);
    }

    private void measure() {
        while (at < regex.length()) {
            char c = regex.charAt(at++);
            switch (c) {
                case '\\' -> escape();
                case '[' -> bracket();
                case '{' -> repetition();
                case '(' -> {
                    outer.push(size);
                    size = 0;
                }
                case ')' -> {
                    last = size;
                    size += outer.isEmpty() ? 0 : outer.pop();
                }
                default -> atom(1);
            }
            if (size > SIZE_MAX || outer.size() > SIZE_MAX) {
                throw new PatternSyntaxException("the expression is too large", regex);
            }
        }
    }

    private void atom(long count) {
        last = 1;
        size += count;
    }

    private void escape() {
        if (regex.startsWith("Q", at)) {
            int end = regex.indexOf("\\E", at);
            int stop = end < 0 ? regex.length() : end;
            atom(Math.max(0, stop - at - 1));
            at = end < 0 ? stop : end + 2;
            return;
        }
        boolean named = regex.startsWith("{", at + 1) && "pPx".indexOf(regex.charAt(at)) >= 0;
        int end = named ? regex.indexOf('}', at) : at;
        at = end < 0 ? regex.length() : end + 1;
        atom(1);
    }

    /** A class is one character of the text, whatever it lists. */
    private void bracket() {
        if (regex.startsWith("^", at)) {
            at++;
        }
        for (boolean first = true; at < regex.length(); first = false) {
            char c = regex.charAt(at++);
            if (c == '\\') {
                at++;
            } else if (c == '[' && regex.startsWith(":", at) && regex.indexOf(":]", at + 1) >= 0) {
                at = regex.indexOf(":]", at + 1) + 2;
            } else if (c == ']' && !first) {
                break;
            }
        }
        atom(1);
    }

    /** {n}, {n,} or {n,m}; anything else that begins with a brace is text. */
    private void repetition() {
        int end = regex.indexOf('}', at);
        String counts = end < 0 ? "" : regex.substring(at, end);
        if (!counts.matches("[0-9]{1,9}(,[0-9]{0,9})?")) {
            atom(1);
            return;
        }
        at = end + 1;
        long most = 1;
        for (String count : counts.split(",", -1)) {
            most = Math.max(most, count.isEmpty() ? 1 : Long.parseLong(count));
        }
        size += last * (most - 1);
        last *= most;
    }
}
