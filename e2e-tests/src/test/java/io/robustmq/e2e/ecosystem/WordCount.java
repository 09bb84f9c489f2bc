package io.robustmq.e2e.ecosystem;

import java.util.Arrays;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
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
        var ended = new CountDownLatch(1);
        var streams = new KafkaStreams(topology(), config(arguments[0], arguments[1], arguments[2]));
        streams.setStateListener((state, previous) -> {
            System.out.println(state);
            if (state == KafkaStreams.State.ERROR) {
                ended.countDown();
            }
        });
        streams.setUncaughtExceptionHandler(failure -> {
            System.out.println("failed: " + failure);
            for (Throwable cause = failure.getCause(); cause != null; cause = cause.getCause()) {
                System.out.println("cause: " + cause);
            }
            return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
        });
        Runtime.getRuntime().addShutdownHook(new Thread(streams::close));
        streams.start();
        ended.await();
        System.exit(1);
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

    private static Properties config(String bootstrap, String stateDirectory, String groupProtocol) {
        var config = new Properties();
        config.put(StreamsConfig.APPLICATION_ID_CONFIG, APPLICATION);
        config.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrap);
        config.put(StreamsConfig.STATE_DIR_CONFIG, stateDirectory);
        config.put(StreamsConfig.GROUP_PROTOCOL_CONFIG, groupProtocol);
        config.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
        config.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, 2);
        config.put(StreamsConfig.DEFAULT_KEY_SERDE_CLASS_CONFIG, Serdes.StringSerde.class);
        // Each count is seen, not only the last of a while.
        config.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, 0);
        config.put(StreamsConfig.REPARTITION_PURGE_INTERVAL_MS_CONFIG, 1_000);
        // Who was killed is gone soon.
        if (groupProtocol.equals("classic")) {
            config.put(StreamsConfig.consumerPrefix("session.timeout.ms"), 6_000);
            config.put(StreamsConfig.consumerPrefix("heartbeat.interval.ms"), 1_000);
        }
        return config;
    }
}
