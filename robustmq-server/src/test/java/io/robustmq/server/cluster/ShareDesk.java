package io.robustmq.server.cluster;

import io.robustmq.core.error.BrokerError;
import io.robustmq.core.model.Partition;
import io.robustmq.core.port.Isolation;
import io.robustmq.core.port.PartitionState;
import io.robustmq.core.share.AcknowledgeType;
import io.robustmq.core.share.OffsetReset;
import io.robustmq.core.share.ShareCommand.Acknowledge;
import io.robustmq.core.share.ShareCommand.Acknowledged;
import io.robustmq.core.share.ShareCommand.Acquire;
import io.robustmq.core.share.ShareCommand.LogBounds;
import io.robustmq.core.share.ShareCommand.OffsetRange;
import io.robustmq.core.share.ShareCommand.Seen;
import io.robustmq.core.share.ShareCommand.Start;
import io.robustmq.core.share.ShareCommand.Wish;
import io.robustmq.core.share.ShareKey;
import io.robustmq.core.share.ShareReply;
import io.robustmq.core.share.ShareReply.Acquired;
import io.robustmq.core.share.ShareReply.AcquiredRange;
import io.robustmq.core.share.ShareRequester;
import io.robustmq.core.share.ShareTerms;
import java.util.List;
import java.util.function.Consumer;

/** What a node that leads a partition does for the members of share groups, as the product's handlers have it. */
final class ShareDesk {
    private static final String GROUP = "s";
    private static final int LOCK_MS = 600;
    private static final ShareTerms TERMS = new ShareTerms(
            LOCK_MS, 100, 500, true, Isolation.READ_COMMITTED, new OffsetReset(OffsetReset.Kind.EARLIEST, 0), false);

    private final NodeServices services;

    ShareDesk(NodeServices services) {
        this.services = services;
    }

    private static ShareKey key(Partition partition) {
        return new ShareKey(GROUP, partition);
    }

    /** {@code reply} is told what the member has now; of a node that cannot say, nothing. */
    void acquire(Partition partition, String memberId, Consumer<List<AcquiredRange>> reply) {
        ask(partition, memberId, Seen.NOTHING, answer -> {
            if (answer instanceof ShareReply.NotStarted) {
                start(partition);
                reply.accept(List.of());
            } else if (answer instanceof Acquired acquired) {
                offer(partition, memberId, acquired.lookAt(), reply);
            }
        });
    }

    private void start(Partition partition) {
        services.shares.submit(key(partition), new Start(ShareRequester.NOBODY, key(partition), 0, 1));
    }

    private void offer(Partition partition, String memberId, long lookAt, Consumer<List<AcquiredRange>> reply) {
        DataReader.Piece piece = DataReader.read(services.real, partition, lookAt, Isolation.READ_COMMITTED);
        List<OffsetRange> records = piece.records().stream()
                .map(record -> new OffsetRange(record.offset(), record.offset()))
                .toList();
        ask(partition, memberId, new Seen(lookAt, piece.next(), records), answer -> {
            if (answer instanceof Acquired acquired) {
                reply.accept(acquired.ranges());
            }
        });
    }

    private void ask(Partition partition, String memberId, Seen seen, Consumer<ShareReply> then) {
        PartitionState state = services.real.state(partition);
        if (state == null || !state.leader()) {
            return;
        }
        LogBounds log = new LogBounds(0, state.logEndOffset(), state.leaderEpoch());
        services.shares.submit(
                key(partition),
                new Acquire(
                        telling(then, error -> {}),
                        key(partition),
                        memberId,
                        TERMS,
                        log,
                        seen,
                        new Wish(6, true, 10),
                        () -> {}));
    }

    void acknowledge(
            Partition partition,
            String memberId,
            OffsetRange range,
            AcknowledgeType type,
            Consumer<BrokerError> reply) {
        services.shares.submit(
                key(partition),
                new Acknowledge(
                        telling(done -> reply.accept(((ShareReply.Done) done).error()), reply),
                        key(partition),
                        memberId,
                        TERMS,
                        List.of(new Acknowledged(range.first(), range.last(), List.of(type)))));
    }

    private static ShareRequester telling(Consumer<ShareReply> then, Consumer<BrokerError> refused) {
        return new ShareRequester() {
            @Override
            public void answer(ShareReply reply) {
                then.accept(reply);
            }

            @Override
            public void refuse(BrokerError error) {
                refused.accept(error);
            }
        };
    }
}
