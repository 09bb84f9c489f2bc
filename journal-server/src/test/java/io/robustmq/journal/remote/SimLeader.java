package io.robustmq.journal.remote;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.robustmq.core.config.TopicSettings;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.port.Acks;
import io.robustmq.core.port.AppendOptions;
import io.robustmq.core.port.AppendResult;
import io.robustmq.core.record.RecordBatch;
import io.robustmq.journal.Batches;
import io.robustmq.journal.shard.ProducerTable;
import io.robustmq.journal.shard.ShardMachine;
import io.robustmq.journal.shard.Verdict;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/** A replica in a simulation: decides as the real one does, on a log that is a list. */
final class SimLeader {
    private static final int PRODUCERS_MAX = 100;
    /** Leak detection takes a stack trace per access. */
    private static final ByteBufAllocator UNTRACKED = new UnpooledByteBufAllocator(false, true);

    /** One batch, and in which epoch it was appended. */
    record Entry(ByteBuf batch, int epoch) {
        long endOffset() {
            return new RecordBatch(batch, 0).nextOffset();
        }
    }

    private record Pending(long endOffset, Consumer<AppendResult> reply, AppendResult success) {}

    final int id;
    final List<Entry> log = new ArrayList<>();
    /** What was asked of it, in the order in which it will see it. */
    final ArrayDeque<Runnable> inbox = new ArrayDeque<>();

    /** Of connections that are lost. */
    final ArrayDeque<Runnable> late = new ArrayDeque<>();

    private final List<Pending> pending = new ArrayList<>();
    boolean stands;
    int epoch = -1;
    boolean leads;
    Set<Integer> inSync = new HashSet<>();
    private ShardMachine machine = machine();

    SimLeader(int id) {
        this.id = id;
    }

    private static ShardMachine machine() {
        return new ShardMachine(new ProducerTable(PRODUCERS_MAX), TopicSettings.DEFAULTS, 0, 0, 1 << 20);
    }

    long endOffset() {
        return log.isEmpty() ? 0 : log.get(log.size() - 1).endOffset();
    }

    /** Hears who leads. */
    void take(int newEpoch, boolean leading, Set<Integer> replicasInSync) {
        if (leads && !leading) {
            pending.forEach(each -> each.reply.accept(AppendResult.refused(BrokerError.NOT_LEADER)));
            pending.clear();
        }
        epoch = newEpoch;
        leads = leading;
        inSync = new HashSet<>(replicasInSync);
        stand();
    }

    private void stand() {
        if (leads) {
            machine.lead(epoch, inSync.size(), 1);
        } else {
            machine.follow(epoch);
        }
    }

    void append(ByteBuf batch, Consumer<AppendResult> reply) {
        AppendOptions options =
                new AppendOptions(Acks.ALL, AppendOptions.Origin.NODE, AppendOptions.ANY_EPOCH, Integer.MAX_VALUE);
        Verdict verdict = machine.onAppend(batch, options, Batches.TIME);
        if (!verdict.accepted()) {
            batch.release();
            reply.accept(AppendResult.refused(verdict.error(), verdict.message()));
            return;
        }
        if (!verdict.duplicate()) {
            machine.onWritten();
            log.add(new Entry(batch, epoch));
        } else {
            batch.release();
        }
        pending.add(new Pending(verdict.endOffset(), reply, AppendResult.appended(verdict.baseOffset(), -1, 0)));
    }

    /** Answers what waits for replicas no longer than this. */
    void giveUpOldest() {
        if (!pending.isEmpty()) {
            pending.remove(0).reply.accept(AppendResult.refused(BrokerError.REQUEST_TIMED_OUT));
        }
    }

    /** Takes the next batch of the leader's log, after what the leader does not have is cut off. */
    void fetch(SimLeader leader) {
        int common = 0;
        while (common < log.size() && common < leader.log.size() && isSame(log.get(common), leader.log.get(common))) {
            common++;
        }
        if (common < log.size()) {
            List<Entry> cut = log.subList(common, log.size());
            cut.forEach(entry -> entry.batch.release());
            cut.clear();
            replay();
        }
        if (common < leader.log.size()) {
            Entry next = leader.log.get(common);
            log.add(new Entry(copy(next.batch), next.epoch));
            replayed(log.get(common));
        }
    }

    private static boolean isSame(Entry a, Entry b) {
        return a.epoch == b.epoch && a.batch.equals(b.batch);
    }

    private void replay() {
        machine = machine();
        log.forEach(this::replayed);
        stand();
    }

    private void replayed(Entry entry) {
        String fault = machine.checkReplicated(entry.batch);
        if (!fault.isEmpty()) {
            throw new AssertionError("node " + id + ": " + fault);
        }
        machine.onReplicated(entry.batch);
        machine.onWritten();
    }

    /** All that these replicas have is committed. */
    void commit(List<SimLeader> all) {
        if (stands || pending.isEmpty()) {
            return;
        }
        long committed = committed(all);
        for (Iterator<Pending> each = pending.iterator(); each.hasNext(); ) {
            Pending next = each.next();
            if (next.endOffset <= committed) {
                each.remove();
                next.reply.accept(next.success);
            }
        }
    }

    /** Where what all of these have ends that are in sync. */
    long committed(List<SimLeader> all) {
        return all.stream()
                .filter(node -> inSync.contains(node.id))
                .mapToLong(node -> node.epoch == epoch ? commonEnd(node) : 0)
                .min()
                .orElse(0);
    }

    private long commonEnd(SimLeader other) {
        long end = 0;
        for (int i = 0; i < Math.min(log.size(), other.log.size()) && isSame(log.get(i), other.log.get(i)); i++) {
            end = log.get(i).endOffset();
        }
        return end;
    }

    static ByteBuf copy(ByteBuf batch) {
        return UNTRACKED.buffer(batch.readableBytes()).writeBytes(batch.duplicate());
    }

    void close() {
        log.forEach(entry -> entry.batch.release());
    }
}
