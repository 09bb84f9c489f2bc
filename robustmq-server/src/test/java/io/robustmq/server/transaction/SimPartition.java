package io.robustmq.server.transaction;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.robustmq.core.config.TopicSettings;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.port.Acks;
import io.robustmq.core.port.AppendOptions;
import io.robustmq.core.port.AppendOptions.Origin;
import io.robustmq.core.record.RecordBatch;
import io.robustmq.core.record.RecordReader;
import io.robustmq.core.record.TransactionMarker;
import io.robustmq.core.txn.TxnCommand.Producer;
import io.robustmq.journal.shard.ProducerTable;
import io.robustmq.journal.shard.ShardMachine;
import io.robustmq.journal.shard.Verdict;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;

/** A partition's leader as it is, over a log in memory that a crash leaves as it was written. */
final class SimPartition {
    private static final long NOW_MS = 1_000_000;
    private static final int UNPACKED_MAX = 1 << 20;
    /** On the heap and never released: the log is these buffers. */
    private static final UnpooledByteBufAllocator ALLOCATOR = new UnpooledByteBufAllocator(false, true);

    private final Random random;
    private final List<ByteBuf> log = new ArrayList<>();
    private ProducerTable producers = new ProducerTable(100);
    private ShardMachine machine;

    SimPartition(Random random) {
        this.random = random;
        this.machine = lead(0);
    }

    private ShardMachine lead(long endOffset) {
        ShardMachine fresh = new ShardMachine(producers, TopicSettings.of(Map.of()), endOffset, UNPACKED_MAX);
        fresh.lead(1, 1, 1);
        return fresh;
    }

    /** The process ends and another begins with the log alone. */
    void restart() {
        producers = new ProducerTable(100);
        for (ByteBuf bytes : log) {
            RecordBatch batch = new RecordBatch(bytes, 0);
            if (batch.isControl()) {
                producers.apply(batch, TransactionMarker.of(batch));
            } else {
                producers.apply(batch);
            }
        }
        producers.commit();
        producers.settle(machine.endOffset());
        machine = lead(machine.endOffset());
    }

    long endOffset() {
        return machine.endOffset();
    }

    boolean isStable() {
        return machine.lastStableOffset() == machine.highWatermark();
    }

    Verdict append(Producer producer, int sequence, String value, long verifiedAt) {
        MemoryRecords records = MemoryRecords.withTransactionalRecords(
                Compression.NONE,
                producer.id(),
                producer.epoch(),
                sequence,
                new SimpleRecord(NOW_MS, value.getBytes(StandardCharsets.UTF_8)));
        return append(Unpooled.copiedBuffer(records.buffer()), AppendOptions.DURABLE.verifiedAt(verifiedAt));
    }

    BrokerError mark(Producer producer, TransactionMarker marker, boolean endsEpoch) {
        ByteBuf batch = marker.toBatch(ALLOCATOR, producer.id(), producer.epoch(), NOW_MS);
        AppendOptions options = new AppendOptions(
                Acks.ALL, endsEpoch ? Origin.EPOCH_COORDINATOR : Origin.COORDINATOR, AppendOptions.ANY_EPOCH, 1_000);
        return append(batch, options).error();
    }

    private Verdict append(ByteBuf batch, AppendOptions options) {
        if (random.nextInt(20) == 0) {
            Verdict lost = machine.onAppend(batch, options, NOW_MS);
            machine.onWriteFailed();
            return lost.accepted() ? new Verdict(BrokerError.STORAGE_ERROR, "", false, -1, -1, -1) : lost;
        }
        Verdict verdict = machine.onAppend(batch, options, NOW_MS);
        if (verdict.accepted() && !verdict.duplicate()) {
            log.add(batch);
            machine.onWritten();
            machine.onDurable(machine.endOffset());
        }
        return verdict;
    }

    /** What a read_committed reader sees, in order. */
    List<String> committed() {
        Map<Long, List<String>> open = new HashMap<>();
        List<String> visible = new ArrayList<>();
        for (ByteBuf bytes : log) {
            RecordBatch batch = new RecordBatch(bytes, 0);
            if (batch.isControl()) {
                List<String> ended = open.remove(batch.producerId());
                if (ended != null && TransactionMarker.of(batch).commits()) {
                    visible.addAll(ended);
                }
            } else {
                RecordReader.forAll(bytes, UNPACKED_MAX, (whole, record) -> open.computeIfAbsent(
                                batch.producerId(), producer -> new ArrayList<>())
                        .add(new String(record.valueArray(), StandardCharsets.UTF_8)));
            }
        }
        return visible;
    }
}
