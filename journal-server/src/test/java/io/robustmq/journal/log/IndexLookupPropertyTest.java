package io.robustmq.journal.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.robustmq.core.config.TopicSettings;
import io.robustmq.core.port.Isolation;
import io.robustmq.core.port.ReadResult;
import io.robustmq.core.port.TimestampedOffset;
import io.robustmq.core.record.RecordBatch;
import io.robustmq.journal.Batches;
import io.robustmq.journal.shard.ProducerTable;
import io.robustmq.storage.memory.MemoryStore;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** Whatever the sizes and times: every offset is found, reads keep to their limits, times are answered as a scan would. */
class IndexLookupPropertyTest {
    private static final String SHARD = "p-0";

    @Property(tries = 60)
    void lookupsAgreeWithAScan(
            @ForAll @Size(min = 1, max = 60) List<@IntRange(min = 0, max = 3_000) Integer> sizes,
            @ForAll @IntRange(min = 0, max = 4_000) int indexInterval,
            @ForAll @IntRange(min = 1, max = 9_000) int maxBytes,
            @ForAll boolean sealed)
            throws Exception {
        TopicSettings settings = TopicSettings.of(
                Map.of("segment.bytes", "16384", "index.interval.bytes", String.valueOf(indexInterval)));
        try (MemoryStore store = new MemoryStore(64 << 20)) {
            ProducerTable producers = new ProducerTable(1);
            SegmentedLog log = new LogOpener(store, SHARD, settings, producers, 0).open();
            long[] times = new long[sizes.size()];
            for (int i = 0; i < sizes.size(); i++) {
                times[i] = 1_000 + (sizes.get(i) * 7L) % 500;
                append(log, producers, i, times[i], sizes.get(i));
            }
            if (sealed) {
                for (SealJob job : log.takeSealJobs()) {
                    job.run();
                    log.sealed(job);
                }
            }
            ShardView view = log.publish(log.written(), true, 0);
            for (int offset = 0; offset < sizes.size(); offset++) {
                checkRead(view, offset, maxBytes);
            }
            for (long time = 999; time <= 1_501; time += 13) {
                checkTime(view, times, time);
            }
        }
    }

    private static void append(SegmentedLog log, ProducerTable producers, long offset, long time, int size)
            throws Exception {
        ByteBuf batch = Batches.at(time, "x".repeat(size));
        new RecordBatch(batch, 0).assign(offset, 0);
        if (log.mustRoll(0, batch.readableBytes(), 0)) {
            log.roll(producers, 0);
        }
        log.append(new ByteBuf[] {batch}, 1);
        batch.release();
    }

    private static void checkRead(ShardView view, long offset, int maxBytes) throws Exception {
        ReadResult result = LogReader.read(view, offset, maxBytes, true, Isolation.READ_UNCOMMITTED);
        ByteBuf bytes = result.slice().toBuffer();
        List<RecordBatch> batches = Batches.list(bytes);
        assertThat(batches.get(0).baseOffset()).isEqualTo(offset);
        assertThat(batches.get(batches.size() - 1).end()).as("whole batches").isEqualTo(bytes.readableBytes());
        assertThat(bytes.readableBytes() <= maxBytes || batches.size() == 1).isTrue();
        bytes.release();
        result.slice().close();
    }

    private static void checkTime(ShardView view, long[] times, long time) throws Exception {
        TimestampedOffset expected = TimestampedOffset.NONE;
        for (int i = times.length - 1; i >= 0; i--) {
            if (times[i] >= time) {
                expected = new TimestampedOffset(times[i], i, 0);
            }
        }
        assertThat(TimeLookup.first(view, time, times.length, 1 << 20, Payloads.NONE))
                .isEqualTo(expected);
    }
}
