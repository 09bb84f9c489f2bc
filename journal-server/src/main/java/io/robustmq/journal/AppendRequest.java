package io.robustmq.journal;

import io.netty.buffer.ByteBuf;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.port.AppendOptions;
import io.robustmq.core.port.AppendResult;
import java.util.function.Consumer;

/** An append on its way. Made in the caller's thread, then owned by the shard loop. */
final class AppendRequest {
    ByteBuf batches;
    final AppendOptions options;
    final Loop replyLoop;
    final Consumer<AppendResult> reply;
    final int bytes;
    final long submittedNs;
    long baseOffset;
    long endOffset;
    long appendTimeMs;
    long deadlineNs;
    boolean answered;
    /** Its batches are references, which were checked before. */
    boolean refers;
    /** It was appended before, too long ago to tell where. */
    boolean isForgotten;

    /** Takes {@code batches}. */
    AppendRequest(
            ByteBuf batches, AppendOptions options, Loop replyLoop, Consumer<AppendResult> reply, long submittedNs) {
        this.batches = batches;
        this.options = options;
        this.replyLoop = replyLoop;
        this.reply = reply;
        this.bytes = batches.readableBytes();
        this.submittedNs = submittedNs;
    }

    /** From now on it is about what refers to its batches; takes {@code references}. It counts as before. */
    void refer(ByteBuf references) {
        batches.release();
        batches = references;
        refers = true;
    }

    AppendResult success(long logStartOffset) {
        return isForgotten
                ? AppendResult.refused(BrokerError.DUPLICATE_SEQUENCE)
                : AppendResult.appended(baseOffset, appendTimeMs, logStartOffset);
    }
}
