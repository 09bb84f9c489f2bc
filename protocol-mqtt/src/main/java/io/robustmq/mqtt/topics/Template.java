package io.robustmq.mqtt.topics;

import java.util.List;
import java.util.Optional;

/**
 * A topic or filter with places to fill in: {@code %c} the client id, {@code %u} the user, {@code {1}}, {@code {2}} what wildcards
 * captured. Immutable.
 */
record Template(String text) {
    /**
     * Empty when a client id or user name would not stay within its level.
     *
     * @param captures for {@code {1}} and so on
     */
    Optional<String> fill(String clientId, String user, List<String> captures) {
        boolean isSafe = (!text.contains("%c") || isOneLevel(clientId)) && (!text.contains("%u") || isOneLevel(user));
        if (!isSafe) {
            return Optional.empty();
        }
        StringBuilder filled = new StringBuilder(text.length() + 16);
        for (int i = 0; i < text.length(); i++) {
            if (text.startsWith("%c", i)) {
                filled.append(clientId);
                i++;
            } else if (text.startsWith("%u", i)) {
                filled.append(user);
                i++;
            } else if (capture(i) > 0) {
                filled.append(captures.get(capture(i) - 1));
                i += 2;
            } else {
                filled.append(text.charAt(i));
            }
        }
        return Optional.of(filled.toString());
    }

    /** The number of the capture that stands here; 0 if none does. */
    private int capture(int at) {
        boolean isThere = at + 2 < text.length()
                && text.charAt(at) == '{'
                && text.charAt(at + 1) >= '1'
                && text.charAt(at + 1) <= '9'
                && text.charAt(at + 2) == '}';
        return isThere ? text.charAt(at + 1) - '0' : 0;
    }

    int capturesMost() {
        int most = 0;
        for (int i = 0; i < text.length(); i++) {
            most = Math.max(most, capture(i));
        }
        return most;
    }

    private static boolean isOneLevel(String name) {
        return !name.isEmpty() && name.chars().noneMatch(c -> c == '/' || c == '+' || c == '#');
    }
}
