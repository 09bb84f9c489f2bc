package io.robustmq.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.robustmq.core.config.TopicSettings;
import io.robustmq.core.port.SegmentFile;
import io.robustmq.core.record.RecordBatch;
import io.robustmq.journal.log.FlushPoint;
import io.robustmq.journal.log.LogOpener;
import io.robustmq.journal.log.SealJob;
import io.robustmq.journal.log.SegmentedLog;
import io.robustmq.journal.log.StartFile;
import io.robustmq.journal.shard.ProducerTable;
import io.robustmq.journal.wal.CheckpointWorker;
import io.robustmq.journal.wal.GuardedFile;
import io.robustmq.journal.wal.GuardedStore;
import io.robustmq.journal.wal.WalFile;
import io.robustmq.journal.wal.WriteAheadLog;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;

/** Shards, a write-ahead log and a disk in one thread, driven by a seed; the power goes when a count of points is used up. */
final class WalSimulation {
    private static final TopicSettings SMALL =
            TopicSettings.of(Map.of("segment.bytes", "16384", "index.interval.bytes", "500"));
    private static final int SHARDS = 5;
    private static final int BATCH_BYTES_MAX = 16 << 10;
    private static final int WAL_BYTES_MAX = 128 << 10;
    private static final long NOW_MS = Batches.TIME;

    int checkpoints;
    int recoveriesWithLog;
    int logsThatBeganLater;
    private final Random random;
    private final Map<String, Model> models = new TreeMap<>();
    private final ArrayDeque<WalFile> full = new ArrayDeque<>();
    private LossyStore disk = new LossyStore(0);
    private WriteAheadLog wal;
    private GuardedStore store;
    private int pointsLeft = Integer.MAX_VALUE;
    private String lastPoint = "";
    private int values;

    WalSimulation(Random random) throws IOException {
        this.random = random;
        start();
        for (int i = 0; i < SHARDS; i++) {
            models.put("s-" + i, new Model());
        }
        openAll();
    }

    private static final class PowerCut extends Error {
        private static final long serialVersionUID = 1L;
    }

    /** What must be true of a shard. */
    private static final class Model {
        SegmentedLog log;
        ProducerTable producers;
        long ackedEnd;
        /** What was written at an offset and may be there. */
        TreeMap<Long, Set<String>> written = new TreeMap<>();

        long startMin;
        long startMax;
        boolean deleting;
        /** Nothing is promised and the first segment's name was never forced: the power may take it and leave a later one. */
        boolean mayBeginLater;

        void write(long offset, String value) {
            written.computeIfAbsent(offset, key -> new HashSet<>()).add(value);
        }
    }

    /** Returns the last point passed. */
    String runUntilPowerCut(int points) throws IOException {
        pointsLeft = points;
        try {
            while (true) {
                step();
            }
        } catch (PowerCut e) {
            return lastPoint;
        }
    }

    /** May lose power again meanwhile; the points where it did. */
    List<String> recoverAndVerify() throws IOException {
        List<String> hit = new ArrayList<>();
        boolean again = true;
        while (again) {
            for (Map.Entry<String, Model> entry : models.entrySet()) {
                Model model = entry.getValue();
                model.mayBeginLater |= model.ackedEnd <= model.startMax && !firstIsDurable(entry.getKey());
            }
            disk = disk.powerCut(random);
            pointsLeft = random.nextInt(3) == 0 ? 1 + random.nextInt(60) : Integer.MAX_VALUE;
            recoveriesWithLog += disk.list(WriteAheadLog.SHARD).isEmpty() ? 0 : 1;
            try {
                start();
                openAll();
                again = false;
            } catch (PowerCut e) {
                hit.add(lastPoint);
            }
        }
        pointsLeft = Integer.MAX_VALUE;
        for (Map.Entry<String, Model> entry : models.entrySet()) {
            verify(entry.getKey(), entry.getValue());
        }
        return hit;
    }

    private boolean firstIsDurable(String shard) {
        List<String> logs = logs(shard);
        return logs.isEmpty() || disk.isNameForced(shard, logs.get(0));
    }

    private void start() throws IOException {
        disk.atEachPoint(point -> {
            lastPoint = point;
            if (--pointsLeft <= 0) {
                throw new PowerCut();
            }
        });
        full.clear();
        wal = new WriteAheadLog(disk, WAL_BYTES_MAX, BATCH_BYTES_MAX, full::add);
        store = new GuardedStore(disk, wal, task -> task.run());
        wal.recover();
        wal.checkRecovered();
    }

    private void openAll() throws IOException {
        for (Map.Entry<String, Model> entry : models.entrySet()) {
            Model model = entry.getValue();
            if (model.deleting) {
                // As the journal does for what no topic claims.
                store.deleteShard(entry.getKey());
                entry.setValue(opened(entry.getKey(), new Model()));
            } else {
                opened(entry.getKey(), model);
            }
        }
    }

    private Model opened(String shard, Model model) throws IOException {
        model.producers = new ProducerTable(10);
        model.log = new LogOpener(store, shard, SMALL, model.producers, NOW_MS).open();
        return model;
    }

    private void step() throws IOException {
        String shard = "s-" + random.nextInt(SHARDS);
        Model model = models.get(shard);
        int dice = random.nextInt(100);
        if (dice < 55) {
            append(model);
        } else if (dice < 80) {
            flushShared();
        } else if (dice < 86) {
            flushOwnFiles(model);
        } else if (dice < 90) {
            seal(model);
        } else if (dice < 92) {
            checkpoint();
        } else if (dice < 94) {
            deleteRecords(shard, model);
        } else if (dice < 96) {
            truncate(shard, model);
        } else if (dice < 98) {
            swap(shard, model);
        } else {
            deleteShard(shard, model);
        }
    }

    private void append(Model model) throws IOException {
        int count = 1 + random.nextInt(4);
        for (int i = 0; i < count; i++) {
            String value = "v" + values++ + "x".repeat(random.nextInt(2000));
            ByteBuf batch = Batches.untracked(value);
            try {
                append(model, value, batch);
            } finally {
                batch.release();
            }
        }
    }

    private static void append(Model model, String value, ByteBuf batch) throws IOException {
        if (model.log.mustRoll(0, batch.readableBytes(), NOW_MS)) {
            model.log.roll(model.producers, NOW_MS);
        }
        long offset = model.log.endOffset();
        new RecordBatch(batch, 0).assign(offset, 0);
        model.write(offset, value);
        model.log.append(new ByteBuf[] {batch}, 1);
    }

    private void flushShared() throws IOException {
        List<Model> taken = new ArrayList<>();
        List<FlushPoint> points = new ArrayList<>();
        boolean room = wal.begin();
        for (Model model : models.values()) {
            FlushPoint point = model.log.written();
            WriteAheadLog.Mark mark = wal.mark();
            if (point.endOffset() == model.ackedEnd || random.nextInt(4) == 0) {
                continue;
            }
            if (!room) {
                flushOwnFiles(model);
            } else if (point.visit((file, end) -> wal.add((GuardedFile) file, end))) {
                taken.add(model);
                points.add(point);
            } else {
                wal.backTo(mark);
            }
        }
        if (room && wal.sync() >= 0) {
            for (int i = 0; i < taken.size(); i++) {
                acknowledge(taken.get(i), points.get(i));
            }
        }
    }

    private void flushOwnFiles(Model model) throws IOException {
        FlushPoint point = model.log.written();
        point.force();
        acknowledge(model, point);
    }

    private static void acknowledge(Model model, FlushPoint point) {
        model.log.forced(point);
        model.ackedEnd = Math.max(model.ackedEnd, point.endOffset());
    }

    private void seal(Model model) throws IOException {
        for (SealJob job : model.log.takeSealJobs()) {
            job.run();
            model.log.sealed(job);
        }
    }

    private void checkpoint() {
        WalFile file = full.poll();
        if (file != null) {
            new CheckpointWorker(() -> true, ns -> {}).run(file);
            checkpoints++;
        }
    }

    private void deleteRecords(String shard, Model model) throws IOException {
        long from = model.log.startOffset();
        if (model.ackedEnd <= from) {
            return;
        }
        long start = from + random.nextInt((int) (model.ackedEnd - from)) + 1;
        model.startMax = start;
        new StartFile(store, shard, start).write();
        model.startMin = start;
        model.log.moveStart(start);
        var job = model.log.removeBefore();
        if (job != null) {
            job.run();
        }
    }

    /** As a follower does that has diverged: the log is used by nobody meanwhile. */
    private void truncate(String shard, Model model) throws IOException {
        List<String> logs = logs(shard);
        if (logs.isEmpty()) {
            return;
        }
        String last = logs.get(logs.size() - 1);
        List<RecordBatch> batches = batches(shard, last);
        if (batches.isEmpty()) {
            return;
        }
        RecordBatch firstCut = batches.get(random.nextInt(batches.size()));
        long end = firstCut.baseOffset();
        if (end < model.startMax) {
            return;
        }
        closeCleanly(model);
        model.ackedEnd = Math.min(model.ackedEnd, end);
        store.delete(shard, last.replace(".log", ".index"));
        try (SegmentFile file = store.open(shard, last)) {
            file.truncate(firstCut.start());
            file.force();
        }
        model.written.tailMap(end, true).clear();
        opened(shard, model);
    }

    /** As compaction does: other bytes, and fewer, for the same offsets. */
    private void swap(String shard, Model model) throws IOException {
        seal(model);
        List<String> logs = logs(shard);
        if (logs.size() < 2 || model.log.segmentCount() != logs.size()) {
            return;
        }
        String name = logs.get(random.nextInt(logs.size() - 1));
        closeCleanly(model);
        ByteBuf swapped = Unpooled.buffer();
        List<RecordBatch> before = batches(shard, name);
        for (RecordBatch batch : before) {
            String value = "c" + values++;
            ByteBuf fresh = Batches.untracked(value);
            new RecordBatch(fresh, 0).assign(batch.baseOffset(), 0);
            swapped.writeBytes(fresh);
            fresh.release();
            model.write(batch.baseOffset(), value);
        }
        store.delete(shard, name.replace(".log", ".index"));
        store.replace(shard, name, Arrays.copyOf(swapped.array(), swapped.readableBytes()));
        for (RecordBatch batch : before) {
            model.written.get(batch.baseOffset()).removeIf(value -> value.startsWith("v"));
        }
        opened(shard, model);
    }

    private static void closeCleanly(Model model) throws IOException {
        long end = model.log.endOffset();
        model.log.closeCleanly(model.producers);
        model.ackedEnd = end;
    }

    private void deleteShard(String shard, Model model) throws IOException {
        model.deleting = true;
        model.log.close();
        store.deleteShard(shard);
        models.put(shard, opened(shard, new Model()));
    }

    // ---- what must be true

    private void verify(String shard, Model model) throws IOException {
        SegmentedLog log = model.log;
        long startMax = model.mayBeginLater ? Long.MAX_VALUE : model.startMax;
        assertThat(log.startOffset()).as("start of %s", shard).isBetween(model.startMin, startMax);
        logsThatBeganLater += log.startOffset() > model.startMax ? 1 : 0;
        assertThat(log.endOffset()).as("end of %s", shard).isGreaterThanOrEqualTo(model.ackedEnd);
        long expected = -1;
        for (String name : logs(shard)) {
            for (RecordBatch batch : batches(shard, name)) {
                if (batch.baseOffset() >= log.endOffset()) {
                    continue;
                }
                if (expected >= 0) {
                    assertThat(batch.baseOffset())
                            .as("dense offsets in %s", shard)
                            .isEqualTo(expected);
                }
                expected = batch.nextOffset();
                verify(shard, model, batch);
            }
        }
        if (log.endOffset() > log.startOffset()) {
            assertThat(expected).as("records of %s", shard).isEqualTo(log.endOffset());
        }
        // What survived is durable now.
        model.ackedEnd = log.endOffset();
        model.startMin = log.startOffset();
        model.startMax = log.startOffset();
        model.mayBeginLater = false;
        model.written.tailMap(log.endOffset(), true).clear();
    }

    private static void verify(String shard, Model model, RecordBatch batch) {
        String record = Batches.read(batch.buffer().slice(batch.start(), batch.sizeInBytes()))
                .get(0);
        String value = record.substring(record.indexOf('=') + 1);
        assertThat(model.written.get(batch.baseOffset()))
                .as("%s at %d", shard, batch.baseOffset())
                .isNotNull()
                .contains(value);
        model.written.put(batch.baseOffset(), new HashSet<>(Set.of(value)));
    }

    private List<String> logs(String shard) {
        return disk.list(shard).stream().filter(name -> name.endsWith(".log")).toList();
    }

    private List<RecordBatch> batches(String shard, String name) throws IOException {
        try (SegmentFile file = disk.open(shard, name)) {
            byte[] bytes = new byte[(int) file.size()];
            file.read(0, ByteBuffer.wrap(bytes));
            return Batches.list(Unpooled.wrappedBuffer(bytes));
        }
    }
}
