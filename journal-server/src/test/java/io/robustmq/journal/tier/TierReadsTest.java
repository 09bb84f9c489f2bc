package io.robustmq.journal.tier;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.robustmq.core.config.Configuration;
import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.model.Partition;
import io.robustmq.core.model.TopicId;
import io.robustmq.core.port.Isolation;
import io.robustmq.core.port.PartitionState;
import io.robustmq.core.port.ReadResult;
import io.robustmq.core.port.object.RequestMeter;
import io.robustmq.core.tier.TierConfig;
import io.robustmq.core.tier.TierSegment;
import io.robustmq.journal.Batches;
import io.robustmq.storage.memory.MemoryObjectStore;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Reads of a segment that lies in a store in memory. */
class TierReadsTest {
    private static final PartitionState STATE = new PartitionState(true, 0, 0, 9, 9, 9, 0, 9, 9);

    @Test
    void anOffsetBetweenTwoChunksIsReadFromTheSecondOne() throws Exception {
        byte[] first = batch(0, "a");
        byte[] second = batch(7, "b", "c");
        TierSide side = new TierSide(
                List.of(chunk(0, 0, first), chunk(7, first.length, second)), List.of(), new byte[0], new byte[0]);
        byte[] beside = side.encode();
        TierSegment segment =
                new TierSegment(0, 9, -1, first.length + second.length, beside.length, 0, "cluster/topic/0/x");
        try (MemoryObjectStore store = new MemoryObjectStore(1 << 20, RequestMeter.NONE);
                NodeTier tier = new NodeTier(
                        TierConfig.from(
                                new Configuration(TierConfig.keys(), Map.of("remote.storage.fetch.threads", "1"))),
                        store,
                        () -> MetaImage.EMPTY,
                        new SimpleMeterRegistry())) {
            store.create(
                    segment.logName(), UUID.randomUUID(), List.of(ByteBuffer.wrap(first), ByteBuffer.wrap(second)));
            store.create(segment.sideName(), UUID.randomUUID(), List.of(ByteBuffer.wrap(beside)));
            TierReads reads = new TierReads(new Partition(new TopicId(1, 2), 0), tier);
            reads.show(List.of(segment));
            for (long offset : List.of(1L, 6L, 7L, 8L)) {
                assertThat(read(tier, reads, offset)).containsExactly("7=b", "8=c");
            }
            assertThat(read(tier, reads, 0)).containsExactly("0=a");
        }
    }

    private static List<String> read(NodeTier tier, TierReads reads, long offset) throws Exception {
        ReadResult result = reads.read(STATE, offset, 1_000, true, Isolation.READ_UNCOMMITTED);
        for (int i = 0; i < 3 && result.coming(); i++) {
            settle(tier);
            result = reads.read(STATE, offset, 1_000, true, Isolation.READ_UNCOMMITTED);
        }
        ByteBuf bytes = Objects.requireNonNull(result.slice()).toBuffer();
        List<String> records = new ArrayList<>(Batches.read(bytes));
        bytes.release();
        return records;
    }

    /** Until all that was asked for is there: one thread reads, in order. */
    private static void settle(NodeTier tier) throws Exception {
        CompletableFuture<Boolean> done = new CompletableFuture<>();
        assertThat(tier.later(() -> done.complete(true))).isTrue();
        done.get(20, TimeUnit.SECONDS);
    }

    private static TierSide.Chunk chunk(long baseOffset, int position, byte[] bytes) {
        return new TierSide.Chunk(
                baseOffset, position, bytes.length, Batches.TIME, SegmentUpload.crc(ByteBuffer.wrap(bytes)));
    }

    private static byte[] batch(long baseOffset, String... values) {
        ByteBuf batch = Batches.of(values).setLong(0, baseOffset);
        byte[] bytes = ByteBufUtil.getBytes(batch);
        batch.release();
        return bytes;
    }
}
