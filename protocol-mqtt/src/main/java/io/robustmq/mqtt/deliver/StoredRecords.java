package io.robustmq.mqtt.deliver;

import io.netty.buffer.ByteBuf;
import io.robustmq.core.record.RecordBatch;
import io.robustmq.core.record.RecordReader;
import io.robustmq.core.record.RecordView;
import java.util.function.BiConsumer;
import java.util.function.BiPredicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What MQTT reads of topics that others write to as well, not of its own. Whether a batch unpacks is not looked into when it is stored; what does not, and the rest of what does not
 * further than some record, nobody can read: it is left out, so that what lies behind is read. Stateless.
 */
final class StoredRecords {
    private static final Logger LOG = LoggerFactory.getLogger(StoredRecords.class);
    private static final int BATCH_BYTES_MAX = 64 << 20;

    private StoredRecords() {}

    /** Borrows {@code batches}. {@code log} is for the line that says what is left out. */
    static void forAll(Object log, ByteBuf batches, BiConsumer<RecordBatch, RecordView> visitor) {
        RecordReader.forEachBatch(batches, batch -> {
            forEach(log, batch, (same, record) -> {
                visitor.accept(same, record);
                return true;
            });
            return true;
        });
    }

    /** Of one batch, until the visitor says false. */
    static void forEach(Object log, RecordBatch batch, BiPredicate<RecordBatch, RecordView> visitor) {
        ByteBuf whole = batch.buffer().duplicate().setIndex(batch.start(), batch.end());
        try {
            RecordReader.forEach(whole, BATCH_BYTES_MAX, visitor);
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            LOG.error("shard={} offset={} action=leave out reason=\"{}\"", log, batch.baseOffset(), e.getMessage(), e);
        }
    }
}
