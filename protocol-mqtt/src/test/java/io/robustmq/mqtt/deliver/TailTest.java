package io.robustmq.mqtt.deliver;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.robustmq.core.loop.SimLoop;
import io.robustmq.core.meta.MetaCommand;
import io.robustmq.core.meta.MetaReply;
import io.robustmq.core.model.Partition;
import io.robustmq.core.port.AppendOptions;
import io.robustmq.core.port.InMemoryJournal;
import io.robustmq.core.port.InMemoryMetaLog;
import io.robustmq.core.record.BatchBuilder;
import io.robustmq.core.record.RecordReader;
import io.robustmq.mqtt.session.PartitionLog;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What becomes of a tail whose reader fails. */
class TailTest {
    private static final int LONG_MS = 1_000;

    private final SimLoop loop = new SimLoop();
    private final InMemoryJournal journal = new InMemoryJournal(1);
    private final List<Long> read = new ArrayList<>();
    private long failsAt = -1;
    private Partition partition;
    private Tail tail;

    @BeforeEach
    void start() {
        InMemoryMetaLog metaLog = new InMemoryMetaLog(1);
        metaLog.subscribe(journal);
        CompletableFuture<MetaReply> unused =
                metaLog.submit(new MetaCommand.CreateTopic("t", 1, -1, List.of(), Map.of(), -1, false));
        loop.run();
        partition = metaLog.image().topic("t").partition(0);
        tail = new Tail(new PartitionLog(partition, "t"), 0, journal, loop, this::read);
    }

    @Test
    void whatAReaderFailedAtIsReadAgainAndNothingBeforeIt() {
        append(5);
        failsAt = 2;
        loop.execute(tail::run);
        loop.run();
        assertThat(read).containsExactly(0L, 1L);
        failsAt = -1;
        loop.advance(LONG_MS);
        assertThat(read).containsExactly(0L, 1L, 2L, 3L, 4L);
    }

    @Test
    void whatAReaderFailsAtEachTimeIsPassedOver() {
        append(3);
        failsAt = 1;
        loop.execute(tail::run);
        loop.advance(LONG_MS);
        append(1);
        loop.advance(LONG_MS);
        assertThat(read).containsExactly(0L, 2L, 3L);
    }

    private void read(Tail from, ByteBuf bytes) {
        try {
            RecordReader.forEach(bytes, 1 << 20, (batch, record) -> {
                if (record.offset() >= from.position()) {
                    if (record.offset() == failsAt) {
                        throw new OutOfMemoryError("for this test");
                    }
                    read.add(record.offset());
                    from.passed(record.offset());
                }
                return true;
            });
        } finally {
            bytes.release();
        }
    }

    private void append(int count) {
        BatchBuilder batch = new BatchBuilder(UnpooledByteBufAllocator.DEFAULT, 64);
        for (int i = 0; i < count; i++) {
            batch.append(loop.nowMs(), null, Unpooled.EMPTY_BUFFER, List.of());
        }
        journal.append(partition, batch.build(), AppendOptions.DURABLE, loop, result -> {});
        loop.run();
    }
}
