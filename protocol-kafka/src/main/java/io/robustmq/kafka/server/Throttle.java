package io.robustmq.kafka.server;

import io.robustmq.core.loop.Cancellable;
import io.robustmq.core.loop.Loop;
import io.robustmq.kafka.KafkaMetrics;
import io.robustmq.kafka.quota.ClientQuotas;
import io.robustmq.kafka.quota.ConnectionQuota;
import io.robustmq.kafka.quota.ThrottleTimes;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.jspecify.annotations.Nullable;

/**
 * Holds one connection to the quotas of its client: what a request did is counted, its answer says how long the client is
 * over, and for that long nothing of the connection is read or started (KIP-219). Owned by the connection's loop.
 */
final class Throttle {
    private final ConnectionQuota quota;
    private final Loop loop;
    private final KafkaMetrics metrics;
    private final Runnable whenOver;
    private @Nullable Cancellable unmuting;
    private long mutedUntilNanos;

    Throttle(ClientQuotas quotas, Loop loop, KafkaMetrics metrics, Runnable whenOver) {
        this.quota = new ConnectionQuota(quotas);
        this.loop = loop;
        this.metrics = metrics;
        this.whenOver = whenOver;
    }

    boolean isMuted() {
        return unmuting != null;
    }

    /** Until a client has logged in, nobody's quota is used up. */
    private boolean applies(Exchange exchange, long nowNanos) {
        return exchange.identity().isTrusted()
                && quota.applies(exchange.principal().name(), exchange.clientId(), nowNanos);
    }

    /** The handler returned. */
    void worked(Exchange exchange, long beginNanos) {
        long now = loop.nanoTime();
        if (applies(exchange, now)) {
            mute(quota.worked(now - beginNanos, now), now);
        }
    }

    /** As {@link KafkaRequest#mutates}. */
    int mutates(Exchange exchange, int partitions, boolean strict) {
        long now = loop.nanoTime();
        if (!applies(exchange, now)) {
            return 0;
        }
        int ms = quota.mutated(partitions, strict, now);
        exchange.throttle(ms);
        return strict ? ms : 0;
    }

    int fetchBytesMax(Exchange exchange) {
        long now = loop.nanoTime();
        return applies(exchange, now) ? quota.fetchBytesMax() : Integer.MAX_VALUE;
    }

    /** {@code response} null: there is none to say it in. */
    void answers(Exchange exchange, @Nullable ApiMessage response) {
        long now = loop.nanoTime();
        if (!applies(exchange, now)) {
            return;
        }
        if (exchange.api() == ApiKeys.PRODUCE) {
            exchange.throttle(quota.produced(exchange.frameBytes(), now));
        } else if (response instanceof FetchResponseData fetched) {
            exchange.throttle(quota.fetched(SliceRecords.sizeOf(fetched), now));
        }
        exchange.throttle(quota.worked(0, now));
        if (exchange.throttleMs() > 0 && response != null) {
            ThrottleTimes.set(response, exchange.throttleMs());
        }
        mute(exchange.throttleMs(), now);
    }

    private void mute(int ms, long nowNanos) {
        long until = nowNanos + TimeUnit.MILLISECONDS.toNanos(ms);
        if (ms == 0 || (isMuted() && until - mutedUntilNanos <= 0)) {
            return;
        }
        if (unmuting == null) {
            metrics.connectionMuted();
        } else {
            unmuting.cancel();
        }
        mutedUntilNanos = until;
        unmuting = loop.schedule(ms, this::unmute);
    }

    private void unmute() {
        unmuting = null;
        whenOver.run();
    }

    void close() {
        if (unmuting != null) {
            unmuting.cancel();
        }
    }
}
