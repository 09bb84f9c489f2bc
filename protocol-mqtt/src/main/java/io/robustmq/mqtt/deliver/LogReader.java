package io.robustmq.mqtt.deliver;

import io.netty.buffer.ByteBuf;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.loop.Cancellable;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.mapping.TopicMapping;
import io.robustmq.core.port.CommittedFilter;
import io.robustmq.core.port.Isolation;
import io.robustmq.core.port.Journal;
import io.robustmq.core.port.LogSlice;
import io.robustmq.core.port.ReadResult;
import io.robustmq.core.record.RecordReader;
import io.robustmq.mqtt.codec.Frames;
import io.robustmq.mqtt.session.PartitionLog;
import java.io.IOException;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads messages again by reference, for sessions that were behind. Stateless; runs in the session's loop. */
final class LogReader {
    private static final Logger LOG = LoggerFactory.getLogger(LogReader.class);
    private static final int READ_BYTES = 1 << 16;

    private final Journal journal;
    private final TopicMapping mapping;

    LogReader(Journal journal, TopicMapping mapping) {
        this.journal = journal;
        this.mapping = mapping;
    }

    /** When what is at the offset is on its way from another node, or from an object store, {@code task} runs in {@code to} once it has come. */
    Cancellable await(PartitionLog log, long offset, Loop to, Runnable task) {
        return journal.isHere(log.partition(), offset)
                ? Cancellable.NOTHING
                : journal.onAdvance(log.partition(), offset, Isolation.READ_COMMITTED, to, task);
    }

    /**
     * Visits messages from {@code from} on until the visitor says false or the read ends. Frames keeps the bytes.
     *
     * @return the offset after what was read; {@code from} when nothing can be read now; beyond {@code from} without any
     *     visit when the records are gone
     */
    long read(PartitionLog log, long from, Frames frames, Predicate<Message> visitor) {
        ReadResult result = journal.read(log.partition(), from, READ_BYTES, true, Isolation.READ_COMMITTED);
        if (result.error() == BrokerError.OFFSET_OUT_OF_RANGE) {
            return Math.max(from, result.logStartOffset());
        }
        if (result.error() == BrokerError.UNKNOWN_TOPIC_OR_PARTITION
                || result.error() == BrokerError.UNKNOWN_TOPIC_ID) {
            return Long.MAX_VALUE;
        }
        LogSlice slice = result.slice();
        if (slice == null) {
            return from;
        }
        ByteBuf bytes;
        try (slice) {
            bytes = slice.toBuffer();
        } catch (IOException e) {
            LOG.warn("shard={} a read failed at offset={}: {}", log, from, e.toString());
            return from;
        }
        frames.keep(bytes);
        CommittedFilter committed = new CommittedFilter(result.abortedTransactions());
        long[] next = {from};
        boolean[] wanted = {true};
        RecordReader.forEachBatch(bytes, batch -> {
            next[0] = batch.nextOffset();
            if (committed.accepts(batch) && wanted[0]) {
                StoredRecords.forEach(log, batch, (same, record) -> {
                    wanted[0] = record.offset() < from || visitor.test(Message.of(log, record, mapping));
                    return wanted[0];
                });
            }
            return true;
        });
        return next[0];
    }
}
