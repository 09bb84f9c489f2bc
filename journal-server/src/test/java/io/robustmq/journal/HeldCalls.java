package io.robustmq.journal;

import io.robustmq.core.port.NodeLink.Call;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Questions and answers between nodes that a test holds on their way, as when a process stands still. Thread-safe. */
final class HeldCalls {
    private final Map<Integer, Set<Call>> asked = new ConcurrentHashMap<>();
    private final Map<Integer, Set<Call>> answered = new ConcurrentHashMap<>();
    private final Map<Integer, Integer> appends = new ConcurrentHashMap<>();
    private final Map<Integer, List<Runnable>> questions = new ConcurrentHashMap<>();
    private final Map<Integer, List<Runnable>> answers = new ConcurrentHashMap<>();

    synchronized void hold(int node, Call... calls) {
        asked.put(node, Set.of(calls));
    }

    synchronized void holdAnswers(int node, Call... calls) {
        answered.put(node, Set.of(calls));
    }

    synchronized void ask(int node, Call call, Runnable question) {
        if (asked.getOrDefault(node, Set.of()).contains(call)) {
            questions.computeIfAbsent(node, n -> new ArrayList<>()).add(question);
            if (call == Call.APPEND) {
                appends.merge(node, 1, Integer::sum);
            }
        } else {
            question.run();
        }
    }

    synchronized void answer(int node, Call call, Runnable answer) {
        if (answered.getOrDefault(node, Set.of()).contains(call)) {
            answers.computeIfAbsent(node, n -> new ArrayList<>()).add(answer);
        } else {
            answer.run();
        }
    }

    synchronized int answers(int node) {
        return answers.getOrDefault(node, List.of()).size();
    }

    /** Questions held that append. */
    synchronized int appends(int node) {
        return appends.getOrDefault(node, 0);
    }

    /** What is asked from now on arrives at once, and overtakes what is held. */
    synchronized void holdNoMore(int node) {
        asked.remove(node);
    }

    /** All goes on, in the order in which it was held. */
    synchronized void release(int node) {
        asked.remove(node);
        answered.remove(node);
        answers.getOrDefault(node, List.of()).forEach(Runnable::run);
        answers.remove(node);
        questions.getOrDefault(node, List.of()).forEach(Runnable::run);
        questions.remove(node);
        appends.remove(node);
    }
}
