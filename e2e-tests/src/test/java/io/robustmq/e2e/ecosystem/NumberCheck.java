package io.robustmq.e2e.ecosystem;

import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Produced;

/**
 * An application of Kafka Streams, exactly once, for values {@code writer/number} whose numbers are 0, 1, 2 and so on for each writer: it
 * counts what came of each writer in a store, and writes the count in place of the number. As long as nothing is counted twice
 * or forgotten, what it writes is what it reads.
 */
public final class NumberCheck {
    public static final String APPLICATION = "number-check";
    public static final String ORDERS = "orders";
    public static final String NUMBERED = "numbered";

    private NumberCheck() {}

    /** The broker, a directory for the state, and the group protocol. */
    public static void main(String[] arguments) throws InterruptedException {
        StreamsProgram.run(APPLICATION, topology(), arguments);
    }

    private static Topology topology() {
        var builder = new StreamsBuilder();
        builder.stream(ORDERS, Consumed.with(Serdes.String(), Serdes.String()))
                // A key has one writer after the other.
                .groupByKey(Grouped.with(Serdes.String(), Serdes.String()))
                .aggregate(() -> "", NumberCheck::next, Materialized.with(Serdes.String(), Serdes.String()))
                .toStream()
                .to(NUMBERED, Produced.with(Serdes.String(), Serdes.String()));
        return builder.build();
    }

    /** @param last what was written for the key before */
    private static String next(String key, String value, String last) {
        String writer = value.substring(0, value.lastIndexOf('/') + 1);
        return writer + (last.startsWith(writer) ? Long.parseLong(last.substring(writer.length())) + 1 : 0);
    }
}
