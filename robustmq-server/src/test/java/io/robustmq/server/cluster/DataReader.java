package io.robustmq.server.cluster;

import io.netty.buffer.ByteBuf;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.model.Partition;
import io.robustmq.core.port.CommittedFilter;
import io.robustmq.core.port.Isolation;
import io.robustmq.core.port.Journal;
import io.robustmq.core.port.LogSlice;
import io.robustmq.core.port.ReadResult;
import io.robustmq.core.record.RecordBatch;
import io.robustmq.core.record.RecordReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Reads a partition from its beginning, wherever it is led, and sees what transactions committed. */
final class DataReader {
    private static final int PATIENCE_MS = 300;
    private static final int BYTES_MAX = 2_000;
    private static final int UNPACKED_MAX = 1 << 20;

    private final int index;
    private final World world;
    private final SimCluster cluster;
    final List<Seen> seen = new ArrayList<>();
    private long position;
    private boolean waits;
    private long askedAtMs;
    private long number;

    /** A record, and where it is. */
    record Seen(long offset, String value) {}

    /** What one read brought. */
    record Piece(List<Seen> records, long next) {}

    DataReader(int index, SimCluster cluster) {
        this.index = index;
        this.cluster = cluster;
        this.world = cluster.world;
        act();
    }

    long position() {
        return position;
    }

    private void act() {
        world.later(15 + world.random.nextInt(40), this::act);
        if (waits && world.now - askedAtMs < PATIENCE_MS) {
            return;
        }
        SimNode leader = cluster.leaderOf(SimCluster.DATA, index);
        if (leader == null) {
            return;
        }
        waits = true;
        askedAtMs = world.now;
        long mine = ++number;
        long from = position;
        Partition partition = cluster.dataPartition(index);
        world.send(
                World.CLIENTS,
                leader.id,
                () -> leader.serve(services -> {
                    Piece piece = read(services.real, partition, from, Isolation.READ_COMMITTED);
                    world.send(leader.id, World.CLIENTS, () -> {
                        if (waits && number == mine) {
                            waits = false;
                            seen.addAll(piece.records);
                            position = piece.next;
                        }
                    });
                }));
    }

    /** Nothing, from where it was asked, if this node does not serve it. */
    static Piece read(Journal journal, Partition partition, long from, Isolation isolation) {
        ReadResult read = journal.read(partition, from, BYTES_MAX, true, isolation);
        LogSlice slice = read.slice();
        if (read.error() != BrokerError.NONE || slice == null) {
            return new Piece(List.of(), from);
        }
        List<Seen> records = new ArrayList<>();
        long[] next = {from};
        CommittedFilter filter = new CommittedFilter(read.abortedTransactions());
        Set<RecordBatch> accepted = new HashSet<>();
        try (slice) {
            ByteBuf bytes = slice.toBuffer();
            RecordReader.forEachBatch(bytes, batch -> {
                next[0] = Math.max(next[0], batch.nextOffset());
                boolean isSeen = isolation == Isolation.READ_COMMITTED ? filter.accepts(batch) : !batch.isControl();
                if (isSeen) {
                    accepted.add(batch);
                }
                return true;
            });
            RecordReader.forAll(bytes, UNPACKED_MAX, (batch, record) -> {
                byte[] value = record.valueArray();
                if (record.offset() >= from && value != null && accepted.contains(batch)) {
                    records.add(new Seen(record.offset(), new String(value, StandardCharsets.UTF_8)));
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new Piece(records, next[0]);
    }

    /** All that there is, at a node that leads. */
    static List<Seen> all(Journal journal, Partition partition, Isolation isolation) {
        List<Seen> all = new ArrayList<>();
        Piece piece = read(journal, partition, 0, isolation);
        for (long from = 0; piece.next > from; piece = read(journal, partition, from, isolation)) {
            all.addAll(piece.records);
            from = piece.next;
        }
        return all;
    }
}
