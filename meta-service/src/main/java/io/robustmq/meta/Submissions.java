package io.robustmq.meta;

import io.robustmq.core.error.BrokerError;
import io.robustmq.core.error.BrokerException;
import io.robustmq.core.meta.MetaCommand;
import io.robustmq.core.meta.MetaReply;
import io.robustmq.core.model.TopicId;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/** Commands that wait for their outcome: no more than {@code meta.pending.max}, none longer than {@code meta.request.timeout.ms}. Thread-safe. */
final class Submissions {
    private final MetaConfig config;
    private final Supplier<UUID> ids;
    private final MetaMetrics metrics;
    private final ScheduledExecutorService metaThread;
    private final DecisionQueue decisions;
    private final AtomicInteger pending = new AtomicInteger();

    /**
     * @param ids random, for topics
     * @param metaThread in which {@code decisions} lives
     */
    Submissions(
            MetaConfig config,
            Supplier<UUID> ids,
            MetaMetrics metrics,
            ScheduledExecutorService metaThread,
            DecisionQueue decisions) {
        this.config = config;
        this.ids = ids;
        this.metrics = metrics;
        this.metaThread = metaThread;
        this.decisions = decisions;
        metrics.gauge("robustmq.meta.pending", "Commands that wait for their outcome", pending::get);
    }

    CompletableFuture<MetaReply> submit(MetaCommand command) {
        if (pending.incrementAndGet() > config.pendingMax()) {
            pending.decrementAndGet();
            metrics.overloaded.increment();
            return CompletableFuture.failedFuture(new BrokerException(
                    BrokerError.OVERLOADED, config.pendingMax() + " changes of metadata are waiting"));
        }
        long startNs = System.nanoTime();
        CompletableFuture<MetaReply> outcome = new CompletableFuture<>();
        TopicId fresh = TopicId.of(ids.get());
        PendingCommand entry = new PendingCommand(machine -> machine.decide(command, fresh), outcome);
        ScheduledFuture<?> timeout =
                metaThread.schedule(() -> expire(outcome), config.requestTimeoutMs(), TimeUnit.MILLISECONDS);
        var unused = outcome.whenComplete((reply, failure) -> {
            timeout.cancel(false);
            pending.decrementAndGet();
            metrics.submit.record(System.nanoTime() - startNs, TimeUnit.NANOSECONDS);
        });
        metaThread.execute(() -> decisions.add(entry));
        return outcome;
    }

    private void expire(CompletableFuture<MetaReply> outcome) {
        if (outcome.completeExceptionally(new BrokerException(BrokerError.REQUEST_TIMED_OUT))) {
            metrics.timedOut.increment();
        }
    }
}
