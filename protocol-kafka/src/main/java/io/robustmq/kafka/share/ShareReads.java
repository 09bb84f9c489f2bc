package io.robustmq.kafka.share;

import io.netty.buffer.ByteBuf;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.port.Isolation;
import io.robustmq.core.port.LogSlice;
import io.robustmq.core.port.PartitionState;
import io.robustmq.core.port.ReadResult;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import org.apache.kafka.common.message.ShareFetchRequestData;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One pass over the partitions of a share fetch. Owns what it read until it is loaded. Owned by the connection's loop. */
final class ShareReads {
    private static final Logger LOG = LoggerFactory.getLogger(ShareReads.class);

    /** Of one partition at once: what is read is looked through, and most of it may be more than the member wants. */
    private static final int PARTITION_BYTES_MAX = 1 << 20;

    private final ShareCalls calls;
    private final Isolation isolation;
    private final int bytesMax;
    private final int bytesMin;
    private final Deque<Read> reads = new ArrayDeque<>();
    private int bytes;

    ShareReads(ShareCalls calls, ShareFetchRequestData body, Isolation isolation) {
        this.calls = calls;
        this.isolation = isolation;
        this.bytesMax = Math.max(0, Math.min(body.maxBytes(), calls.config().fetchBytesMax()));
        this.bytesMin = Math.min(body.minBytes(), Math.min(bytesMax, PARTITION_BYTES_MAX));
    }

    /** Batches from where the coordinator said. */
    record Read(SharedPartition partition, PartitionState state, long from, ReadResult result, LogSlice slice) {
        /** Null if the storage failed. Once; frees the slice. */
        @Nullable
        SeenBatches load(Isolation isolation) {
            try (LogSlice owned = slice) {
                ByteBuf buffer = owned.toBuffer();
                return new SeenBatches(buffer, from, result, isolation);
            } catch (IOException e) {
                LOG.warn("partition={} cannot be read for a share group: {}", partition.partition(), e.toString());
                return null;
            }
        }
    }

    /** Leaves an error in the partition when that cannot be read. */
    void read(SharedPartition partition) {
        PartitionState state = calls.journal().state(partition.partition());
        if (state == null || !state.leader()) {
            partition.error = Errors.NOT_LEADER_OR_FOLLOWER;
            return;
        }
        long from = partition.lookAt;
        partition.seenEnd = state.visibleEnd(isolation);
        if (from == SharedPartition.UNKNOWN
                || partition.full
                || from >= state.visibleEnd(isolation)
                || (bytes >= bytesMax && bytes > 0)) {
            return;
        }
        if (from < state.logStartOffset()) {
            partition.forgetWhatIsKnown();
            return;
        }
        ReadResult result = calls.journal()
                .read(
                        partition.partition(),
                        from,
                        Math.min(PARTITION_BYTES_MAX, bytesMax - bytes),
                        bytes == 0,
                        isolation);
        LogSlice slice = result.slice();
        if (slice != null) {
            bytes += slice.sizeInBytes();
            reads.add(new Read(partition, state, from, result, slice));
        } else if (result.error() == BrokerError.OFFSET_OUT_OF_RANGE) {
            partition.cut = true;
            partition.forgetWhatIsKnown();
        } else if (result.error() != BrokerError.NONE) {
            partition.error = Errors.NOT_LEADER_OR_FOLLOWER;
        } else {
            partition.seenEnd = result.waitFrom(from, isolation);
        }
    }

    /** Whether there is less than the client waits for. */
    boolean isTooLittle() {
        return reads.isEmpty() || bytes < bytesMin;
    }

    @Nullable
    Read next() {
        return reads.poll();
    }

    void close() {
        reads.forEach(read -> read.slice().close());
        reads.clear();
    }
}
