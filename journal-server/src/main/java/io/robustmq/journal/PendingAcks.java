package io.robustmq.journal;

import io.robustmq.core.error.BrokerError;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.port.AppendResult;
import java.util.ArrayDeque;

/**
 * Appends that are written and wait to be committed, in the order of their offsets. Owned by the shard loop. Bounded by the
 * bytes in flight, which they hold until answered.
 */
final class PendingAcks {
    private static final long NS_PER_MS = 1_000_000L;

    private final Loop loop;
    private final Replies replies;
    private final ArrayDeque<AppendRequest> waiting = new ArrayDeque<>();
    private boolean timerArmed;

    PendingAcks(Loop loop, Replies replies) {
        this.loop = loop;
        this.replies = replies;
    }

    void add(AppendRequest request, long nowNs) {
        request.deadlineNs = nowNs + request.options.timeoutMs() * NS_PER_MS;
        waiting.add(request);
    }

    boolean isEmpty() {
        return waiting.isEmpty();
    }

    void complete(long highWatermark, long logStartOffset) {
        long nowNs = loop.nanoTime();
        AppendRequest request = waiting.peek();
        while (request != null && request.endOffset <= highWatermark) {
            waiting.poll();
            replies.add(request, request.success(logStartOffset), nowNs);
            request = waiting.peek();
        }
        armTimer(nowNs);
    }

    void refuseAll(BrokerError error) {
        long nowNs = loop.nanoTime();
        for (AppendRequest request = waiting.poll(); request != null; request = waiting.poll()) {
            replies.add(request, AppendResult.refused(error), nowNs);
        }
    }

    private void armTimer(long nowNs) {
        AppendRequest first = waiting.peek();
        if (first != null && !timerArmed) {
            timerArmed = true;
            loop.schedule(Math.max(1, (first.deadlineNs - nowNs) / NS_PER_MS), this::onTimer);
        }
    }

    /** The append itself stands: only the wait for it ends. */
    private void onTimer() {
        timerArmed = false;
        long nowNs = loop.nanoTime();
        int count = waiting.size();
        for (int i = 0; i < count; i++) {
            AppendRequest request = waiting.remove();
            if (request.deadlineNs - nowNs <= 0) {
                replies.add(request, AppendResult.refused(BrokerError.REQUEST_TIMED_OUT), nowNs);
            } else {
                waiting.add(request);
            }
        }
        armTimer(nowNs);
        replies.send();
    }
}
