package io.robustmq.core.meta;

import java.util.Locale;
import java.util.Map;

/** What an operator wants a node to do. */
public enum NodeState {
    /** Its part. */
    ACTIVE,
    /** It leads nothing that another replica in sync can lead, and gets no new partitions where there are other nodes. */
    MAINTENANCE,
    /** The same, and its replicas move to other nodes. */
    DRAINING;

    /** The key of its row. */
    public static final String KEY = "state";

    /** Of a node of the image. */
    public static NodeState of(MetaImage image, int node) {
        return of(image.configs(ConfigScope.nodeState(node)));
    }

    /** Of a row. */
    public static NodeState of(Map<String, String> row) {
        String text = row.get(KEY);
        return text == null ? ACTIVE : parse(text);
    }

    /** Throws IllegalArgumentException for what is none. */
    public static NodeState parse(String text) {
        return valueOf(text.toUpperCase(Locale.ROOT));
    }

    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }
}
