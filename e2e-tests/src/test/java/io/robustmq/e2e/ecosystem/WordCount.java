package io.robustmq.e2e.ecosystem;

import java.util.Arrays;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Produced;

/**
 * The word count of every Kafka Streams tutorial as a process of its own, exactly once: lines are cut into words, repartitioned
 * by word, counted in a store with a changelog, and each new count is written. It prints its states.
 */
final class WordCount {
    static final String APPLICATION = "word-count";
    static final String LINES = "lines";
    static final String COUNTS = "counts";

    private WordCount() {}

    /** The broker, a directory for the state, and the group protocol. */
    public static void main(String[] arguments) throws InterruptedException {
        StreamsProgram.run(APPLICATION, topology(), arguments);
    }

    private static Topology topology() {
        var builder = new StreamsBuilder();
        builder.stream(LINES, Consumed.with(Serdes.String(), Serdes.String()))
                .flatMapValues(line -> Arrays.asList(line.split(" ", -1)))
                .groupBy((key, word) -> word, Grouped.with("words", Serdes.String(), Serdes.String()))
                .count(Materialized.as("count-by-word"))
                .toStream()
                .mapValues(count -> Long.toString(count))
                .to(COUNTS, Produced.with(Serdes.String(), Serdes.String()));
        return builder.build();
    }
}
