package io.robustmq.kafka.handler;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The node's loggers, as Kafka's tools see and change them while it runs (KIP-412). Thread-safe. */
public interface Loggers {
    /** The name that stands for all loggers without a level of their own. */
    String ROOT = "root";

    /** A node whose loggers cannot be changed. */
    Loggers NONE = new Loggers() {
        @Override
        public Map<String, String> levels() {
            return Map.of();
        }

        @Override
        public boolean set(String name, @Nullable String level) {
            return false;
        }
    };

    /** The level in force, by logger. */
    Map<String, String> levels();

    /** Until the node stops; null goes back to what the parent has. False when there is no such logger or level. */
    boolean set(String name, @Nullable String level);
}
