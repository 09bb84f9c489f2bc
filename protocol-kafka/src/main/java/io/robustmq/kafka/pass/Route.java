package io.robustmq.kafka.pass;

import io.robustmq.core.meta.PartitionImage;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.apache.kafka.common.protocol.ApiMessage;

/** Where a request goes, and how what several nodes answer becomes one answer. */
interface Route {
    /** What each node is asked; empty when no node is to be asked, or not each of them is known. */
    Map<Integer, ApiMessage> parts(ApiMessage body);

    /** Adds what {@code next} says to {@code answer}. */
    void merge(ApiMessage answer, ApiMessage next);

    /** Whether the handler of this node says what is right when a node does not answer. */
    boolean isForOneKey();

    /** All of it concerns one key; null: no coordinator is asked. */
    static <T extends ApiMessage> Route ofKey(
            PassingBroker.Homes homes, Class<T> type, Function<T, @org.jspecify.annotations.Nullable String> key) {
        return new Simple(
                body -> {
                    String found = key.apply(type.cast(body));
                    int node = found == null ? PartitionImage.NO_LEADER : homes.of(found);
                    return node == PartitionImage.NO_LEADER ? Map.of() : Map.of(node, body);
                },
                (answer, next) -> {},
                true);
    }

    /** Each item of a list concerns one key. */
    static <Q extends ApiMessage, I, R extends ApiMessage> Route ofKeys(
            PassingBroker.Homes homes,
            Class<Q> type,
            Function<Q, List<I>> items,
            Function<I, String> key,
            BiFunction<Q, List<I>, Q> with,
            Class<R> response,
            BiConsumer<R, R> merge) {
        return new Simple(
                body -> {
                    Q asked = type.cast(body);
                    Map<Integer, List<I>> byNode = new HashMap<>();
                    items.apply(asked).forEach(item -> byNode.computeIfAbsent(
                                    homes.of(key.apply(item)), node -> new ArrayList<>())
                            .add(item));
                    if (byNode.containsKey(PartitionImage.NO_LEADER)) {
                        return Map.of();
                    }
                    Map<Integer, ApiMessage> parts = new HashMap<>();
                    byNode.forEach((node, some) -> {
                        Q part = type.cast(asked.duplicate());
                        parts.put(node, with.apply(part, some));
                    });
                    return parts;
                },
                (answer, next) -> merge.accept(response.cast(answer), response.cast(next)),
                true);
    }

    /** Every coordinator is asked the same. */
    static <R extends ApiMessage> Route ofAll(PassingBroker.Homes homes, Class<R> response, BiConsumer<R, R> merge) {
        return new Simple(
                body -> {
                    Map<Integer, ApiMessage> parts = new HashMap<>();
                    homes.all().forEach(node -> parts.put(node, body));
                    return parts;
                },
                (answer, next) -> merge.accept(response.cast(answer), response.cast(next)),
                false);
    }

    /** A route made of functions. */
    record Simple(
            Function<ApiMessage, Map<Integer, ApiMessage>> parts,
            BiConsumer<ApiMessage, ApiMessage> merge,
            boolean isForOneKey)
            implements Route {
        @Override
        public Map<Integer, ApiMessage> parts(ApiMessage body) {
            return parts.apply(body);
        }

        @Override
        public void merge(ApiMessage answer, ApiMessage next) {
            merge.accept(answer, next);
        }
    }
}
