package io.robustmq.core.security;

import org.jspecify.annotations.Nullable;

/** Topic filters of rules: which topics and filters they stand for. Stateless. */
final class MqttFilters {
    private static final String CLIENT_ID = "%c";
    private static final String USER_NAME = "%u";

    private MqttFilters() {}

    /** A name that no log topic can have; the literal {@code *} is no filter. */
    static boolean isFilter(String name) {
        return contains(name, "/+#%");
    }

    /** With {@code %c} and {@code %u} replaced; null when what they stand for would itself change the filter. */
    static @Nullable String resolve(String filter, String clientId, String userName) {
        if (filter.indexOf('%') < 0) {
            return filter;
        }
        boolean unsafe = (filter.contains(CLIENT_ID) && !isOneLevel(clientId))
                || (filter.contains(USER_NAME) && !isOneLevel(userName));
        // By way of a character that is in no name, so that a client id of %u stays one.
        return unsafe
                ? null
                : filter.replace(USER_NAME, "\0").replace(CLIENT_ID, clientId).replace("\0", userName);
    }

    private static boolean isOneLevel(String text) {
        return !text.isEmpty() && !contains(text, "/+#\0");
    }

    private static boolean contains(String text, String characters) {
        for (int i = 0; i < text.length(); i++) {
            if (characters.indexOf(text.charAt(i)) >= 0) {
                return true;
            }
        }
        return false;
    }

    /** Whether every topic that {@code other} matches is matched by {@code filter}; a topic is a filter too. */
    static boolean covers(String filter, String other) {
        String[] ours = filter.split("/", -1);
        String[] theirs = other.split("/", -1);
        for (int i = 0; i < ours.length; i++) {
            if (ours[i].equals("#")) {
                return true;
            }
            if (i >= theirs.length || theirs[i].equals("#")) {
                return false;
            }
            if (!ours[i].equals("+") && !ours[i].equals(theirs[i])) {
                return false;
            }
        }
        return ours.length == theirs.length;
    }

    /** Whether some topic is matched by both. */
    static boolean overlaps(String filter, String other) {
        String[] ours = filter.split("/", -1);
        String[] theirs = other.split("/", -1);
        int shared = Math.min(ours.length, theirs.length);
        for (int i = 0; i < shared; i++) {
            if (ours[i].equals("#") || theirs[i].equals("#")) {
                return true;
            }
            if (!ours[i].equals("+") && !theirs[i].equals("+") && !ours[i].equals(theirs[i])) {
                return false;
            }
        }
        return ours.length == theirs.length || endsAfter(ours, shared) || endsAfter(theirs, shared);
    }

    /** {@code a/#} matches {@code a} too. */
    private static boolean endsAfter(String[] levels, int count) {
        return levels.length == count + 1 && levels[count].equals("#");
    }
}
