package io.robustmq.e2e.ecosystem;

import java.time.Duration;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.JoinWindows;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.StreamJoined;

/** Joins two topics record by record where their times are near enough, as a process of its own. */
final class WindowedJoin {
    static final String APPLICATION = "windowed-join";
    static final String ORDERS = "join-orders";
    static final String PAYMENTS = "join-payments";
    static final String PAID = "join-paid";
    static final Duration WINDOW = Duration.ofMinutes(1);

    private WindowedJoin() {}

    /** The broker, a directory for the state, and the group protocol. */
    public static void main(String[] arguments) throws InterruptedException {
        StreamsProgram.run(APPLICATION, topology(), arguments);
    }

    private static Topology topology() {
        var builder = new StreamsBuilder();
        var strings = Consumed.with(Serdes.String(), Serdes.String());
        // Which of the topics is read first is chance: nothing is too late.
        var windows = JoinWindows.ofTimeDifferenceAndGrace(WINDOW, Duration.ofHours(10));
        builder.stream(ORDERS, strings)
                .join(
                        builder.stream(PAYMENTS, strings),
                        (order, payment) -> order + " " + payment,
                        windows,
                        StreamJoined.with(Serdes.String(), Serdes.String(), Serdes.String()))
                .to(PAID, Produced.with(Serdes.String(), Serdes.String()));
        return builder.build();
    }
}
