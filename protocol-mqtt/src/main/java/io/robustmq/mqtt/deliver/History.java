package io.robustmq.mqtt.deliver;

import io.robustmq.core.error.BrokerError;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.port.Isolation;
import io.robustmq.core.port.Journal;
import io.robustmq.core.port.PartitionState;
import io.robustmq.mqtt.session.PartitionLog;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where in the log a subscription wants to begin: {@code earliest}, an offset, or a time in milliseconds since 1970, which is
 * every number from 10^11 on. Immutable.
 */
public final class History {
    private static final Logger LOG = LoggerFactory.getLogger(History.class);
    private static final int AGAIN_MS = 200;
    private static final long PATIENCE_NANOS = 30_000_000_000L;
    private static final long TIME_MIN = 100_000_000_000L;

    private final long start;

    private History(long start) {
        this.start = start;
    }

    /** Null when the text is none. */
    public static @Nullable History parse(String text) {
        if (text.equals("earliest")) {
            return new History(0);
        }
        return text.matches("\\d{1,18}") ? new History(Long.parseLong(text)) : null;
    }

    /**
     * What lies between there and where the subscription is live; {@code done} runs in {@code loop} when that is known.
     *
     * @param ends where the subscription begins in each partition that it could match
     */
    void plan(
            Subscription subscription,
            Map<PartitionLog, Long> ends,
            Journal journal,
            Loop loop,
            Consumer<List<Replay>> done) {
        List<Replay> replays = new ArrayList<>();
        if (start < TIME_MIN) {
            ends.forEach((log, end) -> add(replays, subscription, log, start, end, journal));
            done.accept(replays);
            return;
        }
        plan(subscription, ends, replays, journal, loop, loop.nanoTime() + PATIENCE_NANOS, done);
    }

    /**
     * What a leader cannot say yet, as the object store is away or it is new, it is asked again; not for long, as what is live waits for
     * the replay.
     */
    private void plan(
            Subscription subscription,
            Map<PartitionLog, Long> ends,
            List<Replay> replays,
            Journal journal,
            Loop loop,
            long untilNanos,
            Consumer<List<Replay>> done) {
        if (ends.isEmpty() || subscription.isOut()) {
            done.accept(replays);
            return;
        }
        int[] missing = {ends.size()};
        Map<PartitionLog, Long> again = new HashMap<>();
        ends.forEach(
                (log, end) -> journal.offsetForTime(log.partition(), start, Isolation.READ_COMMITTED, loop, found -> {
                    boolean isGone = found.error() == BrokerError.UNKNOWN_TOPIC_OR_PARTITION;
                    if (found.error().retriable() && !isGone && loop.nanoTime() - untilNanos < 0) {
                        again.put(log, end);
                    } else if (found.error() != BrokerError.NONE) {
                        LOG.error(
                                "client={} filter={} shard={} action=replay nothing reason=\"{}\"",
                                subscription.session().clientId(),
                                subscription.filter().text(),
                                log.partition(),
                                found.error().text());
                    } else {
                        add(replays, subscription, log, found.offset() < 0 ? end : found.offset(), end, journal);
                    }
                    if (--missing[0] > 0) {
                        return;
                    }
                    if (again.isEmpty()) {
                        done.accept(replays);
                    } else {
                        loop.schedule(
                                AGAIN_MS, () -> plan(subscription, again, replays, journal, loop, untilNanos, done));
                    }
                }));
    }

    private static void add(
            List<Replay> to, Subscription subscription, PartitionLog log, long from, long end, Journal journal) {
        PartitionState state = journal.state(log.partition());
        long first = state == null ? from : Math.max(from, state.logStartOffset());
        if (first < end) {
            to.add(new Replay(subscription, log, first, end));
        }
    }
}
