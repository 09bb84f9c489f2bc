package io.robustmq.server.cluster;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.robustmq.core.config.TopicSettings;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.loop.Cancellable;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.model.Partition;
import io.robustmq.core.port.AbortedTransaction;
import io.robustmq.core.port.AppendOptions;
import io.robustmq.core.port.AppendResult;
import io.robustmq.core.port.Isolation;
import io.robustmq.core.port.PartitionState;
import io.robustmq.core.port.ReadResult;
import io.robustmq.core.record.RecordReader;
import io.robustmq.journal.shard.AbortedRange;
import io.robustmq.journal.shard.ProducerTable;
import io.robustmq.journal.shard.ShardMachine;
import io.robustmq.journal.shard.Verdict;
import io.robustmq.server.replication.Fault;
import io.robustmq.server.replication.SimReplica;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;

/** A node's part in a partition: its replica, and the machine that decides what a leader accepts. Its loop is the world's. */
final class SimShard {
    private static final int UNPACKED_MAX = 1 << 20;
    private static final int PRODUCERS_MAX = 1_000;
    private static final TopicSettings SETTINGS = TopicSettings.of(Map.of());

    final Partition partition;
    final SimReplica replica;
    private final World world;
    private final Ledger ledger;
    private final RecordBook book;
    private final int rank;
    private final Random disk;
    private final ArrayDeque<Append> queue = new ArrayDeque<>();
    private final List<Append> waiting = new ArrayList<>();
    private final List<Reader> readers = new ArrayList<>();
    private final List<AbortedRange> aborted = new ArrayList<>();
    private ShardMachine machine;
    private int seenCuts = -1;
    private boolean draining;
    private boolean led;
    /** What is under way in the process of before is nobody's. */
    private int life;

    /** An append on its way. */
    private static final class Append {
        private final ByteBuf batches;
        private final AppendOptions options;
        private final Loop loop;
        private final Consumer<AppendResult> reply;
        private long baseOffset;
        private long endOffset;

        private Append(ByteBuf batches, AppendOptions options, Loop loop, Consumer<AppendResult> reply) {
            this.batches = batches;
            this.options = options;
            this.loop = loop;
            this.reply = reply;
        }

        private void answer(AppendResult result) {
            loop.execute(() -> reply.accept(result));
        }
    }

    private record Reader(long offset, Isolation isolation, Loop loop, Runnable task) {}

    /** @param rank among the partitions, so that what happens at the same time happens in the same order each time */
    SimShard(World world, int node, Partition partition, Ledger ledger, RecordBook book, int rank) {
        this.world = world;
        this.partition = partition;
        this.ledger = ledger;
        this.book = book;
        this.rank = rank;
        this.replica = new SimReplica(node, partition, Fault.NONE);
        this.disk = new Random(world.random.nextLong());
        this.machine = fresh();
    }

    private static ShardMachine fresh() {
        return new ShardMachine(new ProducerTable(PRODUCERS_MAX), SETTINGS, 0, UNPACKED_MAX);
    }

    /** The process has ended: nobody is answered. */
    void ended() {
        life++;
        queue.clear();
        waiting.clear();
        readers.clear();
        draining = false;
        led = false;
    }

    void onImage(MetaImage image) {
        replica.onImage(image, world.now);
        settle();
    }

    /** What the replica is by now, the machine is too. */
    private void settle() {
        catchUp();
        if (replica.leads) {
            machine.lead(replica.leaderEpoch, replica.inSyncCount(), replica.minInSync());
            ledger.leads(replica);
        } else {
            machine.follow(replica.leaderEpoch);
        }
        if (led && !replica.leads) {
            waiting.forEach(append -> append.answer(AppendResult.refused(BrokerError.NOT_LEADER)));
            waiting.clear();
        }
        led = replica.leads;
        advance();
        wake();
    }

    /** The log may have been cut, or have grown, by what the leader had. */
    void catchUp() {
        if (seenCuts != replica.cuts) {
            seenCuts = replica.cuts;
            machine = fresh();
            aborted.clear();
        }
        boolean grew = machine.endOffset() < replica.log.size();
        while (machine.acceptedOffset() < replica.log.size()) {
            int value = replica.log.get((int) machine.acceptedOffset()).value();
            ByteBuf batch = book.batchOf(value).buffer();
            String fault = machine.checkReplicated(batch);
            if (!fault.isEmpty()) {
                world.violated(partition + " at " + replica.id + ": " + fault);
                return;
            }
            machine.onReplicated(batch);
        }
        if (grew) {
            aborted.addAll(machine.onWritten());
        }
        machine.onDurable(Math.min(replica.highWatermark, machine.endOffset()));
    }

    // ---- appends

    void append(ByteBuf batches, AppendOptions options, Loop loop, Consumer<AppendResult> reply) {
        queue.add(new Append(batches, options, loop, reply));
        if (!draining) {
            draining = true;
            int now = life;
            world.later(disk.nextInt(!world.calm && disk.nextInt(4) == 0 ? 25 : 2), rank, () -> {
                if (now == life) {
                    drain();
                }
            });
        }
    }

    private void drain() {
        draining = false;
        catchUp();
        for (Append next = queue.poll(); next != null; next = queue.poll()) {
            accept(next);
        }
        advance();
    }

    private void accept(Append append) {
        try {
            if (!world.calm && disk.nextInt(150) == 0) {
                append.answer(AppendResult.refused(BrokerError.STORAGE_FULL));
                return;
            }
            Verdict verdict = machine.onAppend(append.batches, append.options, world.wallMs());
            if (!verdict.accepted()) {
                append.answer(AppendResult.refused(verdict.error(), verdict.message()));
                return;
            }
            append.baseOffset = verdict.baseOffset();
            append.endOffset = verdict.endOffset();
            if (!verdict.duplicate()) {
                write(append.batches);
            }
            waiting.add(append);
            append.loop.schedule(append.options.timeoutMs(), () -> {
                if (waiting.remove(append)) {
                    append.answer(AppendResult.refused(BrokerError.REQUEST_TIMED_OUT));
                }
            });
        } finally {
            append.batches.release();
        }
    }

    private void write(ByteBuf batches) {
        RecordReader.forEachBatch(batches, batch -> {
            byte[] bytes = ByteBufUtil.getBytes(batches, batch.start(), batch.sizeInBytes());
            int count = (int) (batch.nextOffset() - batch.baseOffset());
            replica.append(book.add(bytes, count), count, world.now);
            return true;
        });
        aborted.addAll(machine.onWritten());
    }

    /** The leader may know more to be committed. */
    void advance() {
        if (!replica.leads) {
            return;
        }
        if (replica.advance()) {
            ledger.advanced(replica);
            machine.onDurable(replica.highWatermark);
        }
        waiting.removeIf(append -> {
            boolean done = append.endOffset <= replica.highWatermark;
            if (done) {
                ledger.acknowledged(append.endOffset);
                append.answer(AppendResult.appended(append.baseOffset, -1, 0));
            }
            return done;
        });
        if (!machine.hasEnoughInSync()) {
            waiting.forEach(
                    append -> append.answer(AppendResult.refused(BrokerError.NOT_ENOUGH_REPLICAS_AFTER_APPEND)));
            waiting.clear();
        }
        wake();
    }

    // ---- readers

    PartitionState state() {
        catchUp();
        return new PartitionState(
                serves(),
                replica.leaderEpoch,
                0,
                machine.lastStableOffset(),
                machine.highWatermark(),
                machine.endOffset(),
                0);
    }

    /** As the product's leader shows itself: not before it knows all that was committed. */
    private boolean serves() {
        return replica.up && replica.leads && replica.isCaughtUp();
    }

    ReadResult read(long offset, int maxBytes, Isolation isolation) {
        PartitionState state = state();
        if (!state.leader()) {
            return ReadResult.refused(BrokerError.NOT_LEADER);
        }
        if (offset < 0 || offset > state.logEndOffset()) {
            return ReadResult.refused(BrokerError.OFFSET_OUT_OF_RANGE);
        }
        ByteBuf bytes = Unpooled.buffer();
        int at = (int) offset;
        while (at < state.visibleEnd(isolation)) {
            RecordBook.Stored batch = book.batchOf(replica.log.get(at).value());
            if (bytes.isReadable() && bytes.readableBytes() + batch.bytes().readableBytes() > maxBytes) {
                break;
            }
            bytes.writeBytes(batch.buffer());
            at += batch.first() + batch.count() - replica.log.get(at).value();
        }
        int end = at;
        List<AbortedTransaction> gone = aborted.stream()
                .filter(range -> range.lastOffset() >= offset && range.firstOffset() < end)
                .map(range -> new AbortedTransaction(range.producerId(), range.firstOffset()))
                .toList();
        return new ReadResult(
                BrokerError.NONE,
                bytes.isReadable() ? new BytesSlice(bytes) : null,
                state.highWatermark(),
                state.lastStableOffset(),
                0,
                gone);
    }

    Cancellable onAdvance(long offset, Isolation isolation, Loop loop, Runnable task) {
        Reader reader = new Reader(offset, isolation, loop, task);
        readers.add(reader);
        wake();
        return () -> readers.remove(reader);
    }

    private void wake() {
        if (!readers.isEmpty()) {
            PartitionState state = state();
            List<Reader> due = readers.stream()
                    .filter(reader -> !state.leader() || state.visibleEnd(reader.isolation) > reader.offset)
                    .toList();
            readers.removeAll(due);
            due.forEach(reader -> reader.loop.execute(reader.task));
        }
    }
}
