package io.robustmq.core.meta;

import java.util.Map;

/**
 * How fast nodes copy replicas that move, in bytes a second to and from each: the lowest rate that an operator gave together
 * with what it is that moves them. A row's value that stands beside {@link NodeState#KEY}.
 */
public final class MoveThrottle {
    public static final String KEY = "throttle";
    public static final long NONE = Long.MAX_VALUE;

    private MoveThrottle() {}

    public static long of(MetaImage image) {
        long lowest = NONE;
        for (Map.Entry<ConfigScope, Map<String, String>> row : image.configs().entrySet()) {
            if (row.getKey().kind() == ConfigScope.Kind.NODE_STATE) {
                lowest = Math.min(lowest, of(row.getValue()));
            }
        }
        return lowest;
    }

    /** Of a row. */
    public static long of(Map<String, String> row) {
        String text = row.get(KEY);
        return text == null ? NONE : Long.parseLong(text);
    }
}
