package io.robustmq.core.share;

import io.robustmq.core.deadletter.DeadLetter;
import io.robustmq.core.deadletter.DeadLetter.Cause;
import io.robustmq.core.deadletter.DeadLetterWriter;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.loop.LoopGroup;
import io.robustmq.core.share.ShareEffect.WriteDeadLetters;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * Has dead letters written, for each share partition one run of records after the other, and tells its coordinator. As
 * long as this node coordinates each is written once, whatever happens to the coordinator meanwhile. Thread-safe.
 */
final class DeadLetterOffice {
    private static final long AGAIN_MS = 1_000;

    private final DeadLetterWriter writer;
    private final ShareService shares;
    private final LoopGroup loops;
    /** What is being written, and how often it was asked for. No more than are shared. */
    private final ConcurrentMap<ShareKey, Integer> writing = new ConcurrentHashMap<>();

    DeadLetterOffice(DeadLetterWriter writer, ShareService shares, LoopGroup loops) {
        this.writer = writer;
        this.shares = shares;
        this.loops = loops;
    }

    /** A coordinator that has read its state again asks again for what is being written; it is told when that is done. */
    void write(WriteDeadLetters dead) {
        if (writing.merge(dead.key(), 1, Integer::sum) == 1) {
            Loop loop = loops.loopFor(dead.key());
            writer.write(letter(dead), loop, () -> report(dead, loop));
        }
    }

    private DeadLetter letter(WriteDeadLetters dead) {
        ShareKey key = dead.key();
        boolean rejected = dead.rejected()
                || dead.deliveries() < shares.termsOf(key.groupId()).deliveriesMax();
        return new DeadLetter(
                key.groupId(),
                key.partition(),
                dead.first(),
                dead.last(),
                dead.deliveries(),
                rejected ? Cause.REJECTED : Cause.EXHAUSTED);
    }

    /** Where another node coordinates by now, that has them written itself. */
    private void report(WriteDeadLetters dead, Loop loop) {
        int asked = writing.getOrDefault(dead.key(), 0);
        ShareRequester requester = new ShareRequester() {
            @Override
            public void answer(ShareReply reply) {
                writing.remove(dead.key());
            }

            @Override
            public void refuse(BrokerError error) {
                if (error != BrokerError.NOT_COORDINATOR) {
                    loop.schedule(AGAIN_MS, () -> report(dead, loop));
                } else if (!writing.remove(dead.key(), asked)) {
                    // This node coordinates again, and who asked meanwhile waits for this report.
                    loop.execute(() -> report(dead, loop));
                }
            }
        };
        shares.submitHere(dead.key(), new ShareCommand.Archive(requester, dead.key(), dead.first(), dead.last()));
    }
}
