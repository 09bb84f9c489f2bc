package io.robustmq.core.record;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.robustmq.core.config.TopicSettings;
import io.robustmq.core.config.TopicSettings.Compress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BatchPackerTest {
    private static final long TIME = 1_700_000_000_000L;

    @ParameterizedTest
    @ValueSource(strings = {"uncompressed", "gzip", "snappy", "lz4", "zstd"})
    void everyCodecBecomesTheOneThatTheTopicWants(String wanted) {
        Compress compress = TopicSettings.of(Map.of("compression.type", wanted)).compress();
        for (CompressionType sent : CompressionType.values()) {
            ByteBuf packed = BatchPacker.pack(batch(sent), compress, 1 << 20);
            RecordBatch batch = new RecordBatch(packed, 0);
            assertThat(batch.compressionId()).isEqualTo(compress.id());
            assertThat(batch.isIntact()).isTrue();
            assertThat(batch.baseSequence()).isEqualTo(5);
            List<String> records = new ArrayList<>();
            RecordReader.forAll(
                    packed,
                    1 << 20,
                    (each, record) -> records.add(record.timestampMs() - TIME + " "
                            + new String(record.valueArray(), StandardCharsets.UTF_8)));
            assertThat(records).containsExactly("0 v", "4 w");
            packed.release();
        }
    }

    @Test
    void batchesStayAsSentByDefaultAndWhenTheyAreDamaged() {
        ByteBuf sent = batch(CompressionType.GZIP);
        assertThat(BatchPacker.pack(sent, TopicSettings.DEFAULTS.compress(), 1 << 20))
                .isSameAs(sent);
        Compress lz4 = TopicSettings.of(Map.of("compression.type", "lz4")).compress();
        sent.setByte(70, sent.getByte(70) ^ 1);
        assertThat(BatchPacker.pack(sent, lz4, 1 << 20)).isSameAs(sent);
        ByteBuf torn = batch(CompressionType.NONE);
        torn.writerIndex(torn.writerIndex() - 1);
        assertThat(BatchPacker.pack(torn, lz4, 1 << 20)).isSameAs(torn);
    }

    private static ByteBuf batch(CompressionType type) {
        MemoryRecords written = MemoryRecords.withIdempotentRecords(
                Compression.of(type).build(),
                9L,
                (short) 0,
                5,
                new SimpleRecord(TIME, "k".getBytes(StandardCharsets.UTF_8), "v".getBytes(StandardCharsets.UTF_8)),
                new SimpleRecord(TIME + 4, "l".getBytes(StandardCharsets.UTF_8), "w".getBytes(StandardCharsets.UTF_8)));
        return Unpooled.copiedBuffer(written.buffer());
    }
}
