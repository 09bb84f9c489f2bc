package io.robustmq.core.port;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.robustmq.core.record.RecordBatch;
import io.robustmq.core.record.TransactionMarker;
import java.util.List;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.junit.jupiter.api.Test;

class CommittedFilterTest {
    @Test
    void onlyWhatWasAbortedIsLeftOutAndEveryMarker() {
        CommittedFilter filter =
                new CommittedFilter(List.of(new AbortedTransaction(2, 1), new AbortedTransaction(1, 5)));
        assertThat(filter.accepts(data(1, 0))).isTrue();
        assertThat(filter.accepts(data(2, 1))).isFalse();
        assertThat(filter.accepts(data(1, 2))).isTrue();
        assertThat(filter.accepts(marker(2, 3))).isFalse();
        assertThat(filter.accepts(marker(1, 4))).isFalse();
        assertThat(filter.accepts(data(1, 5))).isFalse();
    }

    @Test
    void transactionAfterAnAbortedOneOfTheSameProducerIsSeen() {
        CommittedFilter filter = new CommittedFilter(List.of(new AbortedTransaction(1, 0)));
        assertThat(filter.accepts(data(1, 0))).isFalse();
        assertThat(filter.accepts(marker(1, 1))).isFalse();
        assertThat(filter.accepts(data(1, 2))).isTrue();
    }

    @Test
    void readThatBeginsInsideAnAbortedTransactionLeavesItsRestOut() {
        CommittedFilter filter = new CommittedFilter(List.of(new AbortedTransaction(1, 0)));
        assertThat(filter.accepts(data(1, 7))).isFalse();
        assertThat(filter.accepts(data(2, 8))).isTrue();
    }

    private static RecordBatch data(long producerId, long offset) {
        MemoryRecords records = MemoryRecords.withTransactionalRecords(
                Compression.NONE, producerId, (short) 0, 0, new SimpleRecord(new byte[] {1}));
        return at(Unpooled.copiedBuffer(records.buffer()), offset);
    }

    private static RecordBatch marker(long producerId, long offset) {
        UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(false, true);
        return at(new TransactionMarker(false, 0).toBatch(allocator, producerId, (short) 0, 0), offset);
    }

    private static RecordBatch at(ByteBuf batch, long offset) {
        RecordBatch placed = new RecordBatch(batch, 0);
        placed.assign(offset, 0);
        return placed;
    }
}
