package io.robustmq.journal;

import io.netty.buffer.ByteBuf;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.record.RecordBatch;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a follower's log takes from its leader's. Owned by the shard loop. */
final class FollowerAppends {
    private static final Logger LOG = LoggerFactory.getLogger(FollowerAppends.class);

    private final Shard shard;

    FollowerAppends(Shard shard) {
        this.shard = shard;
    }

    /** Whether the log has all of it now; otherwise it may have a part, and is asked for the rest again. */
    boolean write(ByteBuf batches) {
        String fault = shard.machine.checkReplicated(batches);
        if (!fault.isEmpty()) {
            LOG.error("shard={} action=fetch again reason=\"{}\"", shard.partition, fault);
            return false;
        }
        long nowMs = shard.loop.nowMs();
        int at = batches.readerIndex();
        while (at < batches.writerIndex()) {
            long before = shard.log.endOffset();
            try {
                if (shard.log.mustRoll(0, new RecordBatch(batches, at).payloadBytes(), nowMs)) {
                    shard.log.roll(shard.producers, nowMs);
                    shard.upkeep.runSealJobs();
                }
                ByteBuf fitting = batches.slice(at, endOfFitting(batches, at, nowMs) - at);
                shard.machine.onReplicated(fitting);
                shard.appends.append(new ByteBuf[] {fitting}, 1);
                at += fitting.readableBytes();
            } catch (IOException e) {
                shard.machine.onWriteFailed();
                BrokerError unused = shard.appends.storeFailed(e);
                return false;
            }
            shard.log.addAborted(shard.machine.onWritten());
            shard.replicas.written(before);
        }
        shard.appends.wroteElsewhere();
        shard.memory.wrote();
        return true;
    }

    /** A segment stands for no more than it may of the leader's, however short the references are that come at once. */
    private int endOfFitting(ByteBuf batches, int from, long nowMs) {
        RecordBatch batch = new RecordBatch(batches, from);
        long bytes = batch.payloadBytes();
        while (batch.end() < batches.writerIndex()) {
            RecordBatch next = new RecordBatch(batches, batch.end());
            if (shard.log.mustRoll(bytes, next.payloadBytes(), nowMs)) {
                break;
            }
            bytes += next.payloadBytes();
            batch = next;
        }
        return batch.end();
    }
}
