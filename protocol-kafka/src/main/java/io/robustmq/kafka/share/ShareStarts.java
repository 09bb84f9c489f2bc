package io.robustmq.kafka.share;

import io.robustmq.core.error.BrokerError;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.port.Isolation;
import io.robustmq.core.port.PartitionState;
import io.robustmq.core.port.TimestampedOffset;
import io.robustmq.core.share.OffsetReset;
import io.robustmq.core.share.ShareCommand.Start;
import io.robustmq.core.share.ShareKey;
import io.robustmq.kafka.handler.ShareAnswer;
import java.util.function.Consumer;

/** Finds out where a group begins to read a partition, and has that written down. Stateless. */
final class ShareStarts {
    private ShareStarts() {}

    /** {@code whenDone} runs in the loop. */
    static void start(
            ShareCalls calls,
            ShareKey key,
            PartitionState state,
            OffsetReset reset,
            Loop loop,
            Consumer<BrokerError> whenDone) {
        switch (reset.kind()) {
            case EARLIEST -> begin(calls, key, state.logStartOffset(), loop, whenDone);
            case LATEST -> begin(calls, key, state.highWatermark(), loop, whenDone);
            case BY_DURATION ->
                calls.journal()
                        .offsetForTime(
                                key.partition(),
                                loop.nowMs() - reset.durationMs(),
                                Isolation.READ_UNCOMMITTED,
                                loop,
                                found -> begin(calls, key, found, state, loop, whenDone));
        }
    }

    /** Nothing is written down that is not known: the member asks again. */
    private static void begin(
            ShareCalls calls,
            ShareKey key,
            TimestampedOffset found,
            PartitionState state,
            Loop loop,
            Consumer<BrokerError> whenDone) {
        if (found.error() != BrokerError.NONE) {
            whenDone.accept(found.error());
        } else {
            begin(calls, key, found.offset() < 0 ? state.highWatermark() : found.offset(), loop, whenDone);
        }
    }

    private static void begin(ShareCalls calls, ShareKey key, long offset, Loop loop, Consumer<BrokerError> whenDone) {
        calls.service()
                .submit(
                        key,
                        new Start(
                                ShareAnswer.done(loop, whenDone),
                                key,
                                offset,
                                calls.image().index()));
    }
}
