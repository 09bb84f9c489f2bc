package io.robustmq.core.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.List;
import org.junit.jupiter.api.Test;

class BatchReferenceTest {
    private static final int AT = 7;

    private final byte[] batch = batch();
    private final BatchReference reference = new BatchReference(3, -5L, 1L << 40, 5_000_000, 4_000, AT, batch.length);
    private final ByteBuf log = Unpooled.buffer();
    private final RecordBatch header = write();

    @Test
    void itStandsInForTheBatch() {
        RecordBatch original = new RecordBatch(Unpooled.wrappedBuffer(batch), 0);
        assertThat(header.isReference()).isTrue();
        assertThat(header.isIntact()).isTrue();
        assertThat(header.sizeInBytes()).isEqualTo(BatchReference.SIZE_IN_BYTES);
        assertThat(header.payloadBytes()).isEqualTo(batch.length);
        assertThat(header.count()).isEqualTo(original.count());
        assertThat(header.maxTimestamp()).isEqualTo(original.maxTimestamp());
        assertThat(header.producerId()).isEqualTo(original.producerId());
        assertThat(header.baseSequence()).isEqualTo(original.baseSequence());
        assertThat(BatchReference.of(header)).isEqualTo(reference);
        assertThat(reference.packEnd()).isEqualTo(5_004_000);
    }

    @Test
    void packsOfOneStreamAreDifferentOnes() {
        BatchReference same = new BatchReference(3, -5L, 1L << 40, 5_000_000, 4_000, AT + 1, 9);
        BatchReference next = new BatchReference(3, -5L, 1L << 40, 5_004_000, 4_000, AT, 9);
        assertThat(reference.isInPackOf(same)).isTrue();
        assertThat(reference.isInPackOf(next)).isFalse();
    }

    @Test
    void theBatchComesBackWithItsOffsetAndEpoch() {
        header.assign(77, 4);
        byte[] target = new byte[batch.length + 2];
        assertThat(reference.restore(header, object(), AT, target, 2)).isTrue();
        RecordBatch restored = new RecordBatch(Unpooled.wrappedBuffer(target), 2);
        assertThat(restored.baseOffset()).isEqualTo(77);
        assertThat(restored.leaderEpoch()).isEqualTo(4);
        assertThat(restored.isReference()).isFalse();
        assertThat(restored.crc()).isEqualTo(new RecordBatch(Unpooled.wrappedBuffer(batch), 0).crc());
        assertThat(restored.isIntact()).isTrue();
    }

    @Test
    void whatTheLogStampedIsOnTheBatch() {
        header.stampAppendTime(123_456);
        byte[] target = new byte[batch.length];
        assertThat(reference.restore(header, object(), AT, target, 0)).isTrue();
        RecordBatch restored = new RecordBatch(Unpooled.wrappedBuffer(target), 0);
        assertThat(restored.hasAppendTime()).isTrue();
        assertThat(restored.maxTimestamp()).isEqualTo(123_456);
        assertThat(restored.isIntact()).isTrue();
    }

    @Test
    void otherBytesAreNotTheBatch() {
        byte[] target = new byte[batch.length];
        byte[] damaged = object();
        damaged[AT + batch.length - 1] ^= 1;
        assertThat(reference.restore(header, damaged, AT, target, 0)).isFalse();
        assertThat(reference.restore(header, object(), AT + 1, target, 0)).isFalse();
        assertThat(reference.restore(header, new byte[AT + batch.length], AT, target, 0))
                .isFalse();
        assertThat(reference.restore(header, new byte[10], AT, target, 0)).isFalse();
    }

    @Test
    void newerReferencesAreNotGuessedAt() {
        log.setByte(RecordBatch.HEADER_BYTES, 1);
        assertThatThrownBy(() -> BatchReference.of(header)).hasMessageContaining("version 1");
    }

    private RecordBatch write() {
        reference.write(new RecordBatch(Unpooled.wrappedBuffer(batch), 0), log);
        return new RecordBatch(log, 0);
    }

    private byte[] object() {
        byte[] object = new byte[AT + batch.length + 20];
        System.arraycopy(batch, 0, object, AT, batch.length);
        return object;
    }

    private static byte[] batch() {
        BatchBuilder builder = new BatchBuilder(UnpooledByteBufAllocator.DEFAULT, 256);
        builder.append(1_000, null, Unpooled.wrappedBuffer(new byte[100]), List.of());
        builder.append(1_001, null, Unpooled.wrappedBuffer(new byte[50]), List.of());
        ByteBuf built = builder.build();
        new RecordBatch(built, built.readerIndex()).stampProducer(9, (short) 1, 5);
        byte[] bytes = ByteBufUtil.getBytes(built);
        built.release();
        return bytes;
    }
}
