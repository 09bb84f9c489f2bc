package io.robustmq.mqtt.deliver;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.robustmq.core.record.RecordBatch;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.junit.jupiter.api.Test;

class StoredRecordsTest {
    private static final int UNPACKED_BYTES = (64 << 20) + 1;

    @Test
    void whatDoesNotUnpackIsLeftOutAndWhatIsBehindItIsRead() {
        ByteBuffer broken = batch(1, Compression.gzip().build(), new byte[100]);
        broken.put(RecordBatch.HEADER_BYTES, (byte) ~broken.get(RecordBatch.HEADER_BYTES));
        ByteBuffer tooMuch = batch(2, Compression.gzip().build(), new byte[UNPACKED_BYTES]);
        ByteBuf all = Unpooled.wrappedBuffer(
                batch(0, Compression.NONE, new byte[10]), broken, tooMuch, batch(3, Compression.NONE, new byte[10]));
        ByteBuf bytes = Unpooled.copiedBuffer(all);

        List<Long> read = new ArrayList<>();
        StoredRecords.forAll("t-0", bytes, (batch, record) -> read.add(record.offset()));
        assertThat(read).containsExactly(0L, 3L);
    }

    private static ByteBuffer batch(long offset, Compression compression, byte[] value) {
        return MemoryRecords.withRecords(offset, compression, new SimpleRecord(value))
                .buffer();
    }
}
