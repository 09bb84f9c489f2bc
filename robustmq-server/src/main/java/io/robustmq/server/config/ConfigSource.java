package io.robustmq.server.config;

import java.util.List;

/** Values from one place, strongest place first when listed together. */
record ConfigSource(List<Value> values) {
    ConfigSource {
        values = List.copyOf(values);
    }

    /** @param origin where the operator finds the value, such as {@code robustmq.yaml:12} */
    record Value(String key, String text, String origin) {}
}
