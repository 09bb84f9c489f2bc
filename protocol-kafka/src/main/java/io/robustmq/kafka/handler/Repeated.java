package io.robustmq.kafka.handler;

import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Function;

/** Finds what a request names more than once: Kafka refuses such an item as a whole, and answers it once. Stateless. */
final class Repeated {
    private Repeated() {}

    static <T, K> Set<K> in(Collection<T> items, Function<T, K> key) {
        Set<K> seen = new HashSet<>();
        Set<K> repeated = new HashSet<>();
        for (T item : items) {
            K name = key.apply(item);
            if (!seen.add(name)) {
                repeated.add(name);
            }
        }
        return repeated;
    }
}
