package io.robustmq.server.replication;

import io.robustmq.core.meta.MetaCommand.AlterInSync;
import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.meta.NodeImage;
import io.robustmq.core.meta.PartitionImage;
import io.robustmq.core.model.Partition;
import io.robustmq.core.port.EpochEnd;
import io.robustmq.journal.log.EpochHistory;
import io.robustmq.journal.shard.FetchAnswer;
import io.robustmq.journal.shard.FetchPosition;
import io.robustmq.journal.shard.FollowerMachine;
import io.robustmq.journal.shard.InSyncMachine;
import io.robustmq.journal.shard.InSyncMachine.Proposal;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One node's replica: the machines as the product has them, on a log in memory of which a crash may take the end. Its entries are
 * records; those of a batch come, stay and go together.
 */
public final class SimReplica {
    public static final int LAG_MS = 100;
    public static final String MIN_IN_SYNC = "min.insync.replicas";

    public final int id;
    private final Partition partition;
    private final Fault fault;
    public final List<Entry> log = new ArrayList<>();
    public int synced;
    public boolean up = true;
    /** The last crash took something, and the cluster does not know yet. */
    public boolean lost;

    /** It has been alone in sync, and knows it, since before it last forced its log. */
    public boolean forcedAlone;
    /** How often anything changed that is checked. */
    public int changes;
    /** How often the log may have become another one than it was, but for what was appended. */
    public int cuts;

    public long incarnation = -1;
    /** The life in which it stopped in order, for the next one to tell. */
    public long previous = -1;

    public int leaderEpoch = -1;
    public boolean leads;
    public int leaderNode = -1;
    public long highWatermark;
    private EpochHistory epochs = new EpochHistory();
    private InSyncMachine inSync;
    private FollowerMachine follower = new FollowerMachine();
    private int cutEpoch = -1;
    private final Map<Integer, Proposal> asked = new HashMap<>();
    private Map<Integer, Long> alive = Map.of();

    /** What a broken leader goes by: who is in sync by the newest image, whom it asked for, and what others had in which life. */
    private List<Integer> told = List.of();

    private Collection<Integer> wanted = List.of();
    private int minInSync = 1;
    private final Map<Integer, Integer> ends = new HashMap<>();
    /** Images come in the order of the log. */
    private long seenIndex = -1;

    /**
     * A record.
     *
     * @param last of its batch
     */
    public record Entry(int epoch, int value, boolean last) {}

    public SimReplica(int id, Partition partition, Fault fault) {
        this.id = id;
        this.partition = partition;
        this.fault = fault;
        this.inSync = new InSyncMachine(id, LAG_MS);
    }

    /** The process ends; of what was not synced {@code kept} entries are found again. */
    public void crash(int kept) {
        changes++;
        forcedAlone = false;
        up = false;
        leads = false;
        highWatermark = 0;
        cuts++;
        while (log.size() > synced + kept) {
            log.remove(log.size() - 1);
        }
        while (!log.isEmpty() && !log.get(log.size() - 1).last()) {
            log.remove(log.size() - 1);
        }
    }

    /** The process ends with all that it has on disk. */
    public void stop() {
        sync();
        previous = incarnation;
        crash(0);
    }

    public void restart() {
        changes++;
        up = true;
        incarnation = fault == Fault.RESTARTED_UNNOTICED ? incarnation : -1;
        seenIndex = -1;
        leaderEpoch = -1;
        leads = false;
        leaderNode = -1;
        highWatermark = 0;
        inSync = new InSyncMachine(id, LAG_MS);
        follower = new FollowerMachine();
        rebuildEpochs();
    }

    private void rebuildEpochs() {
        epochs = new EpochHistory();
        for (int i = 0; i < log.size(); i++) {
            epochs.assign(log.get(i).epoch(), i);
        }
    }

    public boolean isRegistered(MetaImage image) {
        NodeImage self = image.nodes().get(id);
        return self != null && self.incarnationEpoch() == incarnation;
    }

    public void onImage(MetaImage image, long now) {
        boolean old = image.index() <= seenIndex && fault != Fault.OLD_IMAGES_TAKEN;
        if (old || !isRegistered(image) || image.topic(partition.topicId()) == null) {
            return;
        }
        seenIndex = image.index();
        changes++;
        PartitionImage newest = image.topic(partition.topicId()).partitions().get(partition.index());
        if (newest.leaderEpoch() < leaderEpoch && fault != Fault.OLD_IMAGES_TAKEN) {
            return;
        }
        if (!newest.replicas().contains(id)) {
            // The files are deleted.
            cut(0);
            follower.stop();
            leaderEpoch = newest.leaderEpoch();
            leads = false;
            leaderNode = -1;
            return;
        }
        boolean moved = newest.leaderEpoch() != leaderEpoch;
        leaderEpoch = newest.leaderEpoch();
        leads = newest.leader() == id;
        leaderNode = newest.leader();
        Map<Integer, Long> alive = new HashMap<>();
        image.nodes().values().stream()
                .filter(node -> !node.fenced())
                .forEach(node -> alive.put(node.id(), node.incarnationEpoch()));
        this.alive = Map.copyOf(alive);
        inSync.alive(alive);
        told = newest.isr();
        forcedAlone &= told.equals(List.of(id));
        int enough = Integer.parseInt(image.topic(partition.topicId()).configs().getOrDefault(MIN_IN_SYNC, "1"));
        minInSync = fault == Fault.COMMITTED_BY_TOO_FEW ? 1 : newest.minInSync(enough);
        inSync.minInSync(minInSync);
        if (leads) {
            follower.stop();
            int epoch = leaderEpoch;
            if (moved && fault != Fault.POSITIONS_OF_OTHER_EPOCHS) {
                ends.clear();
            }
            wanted = told;
            inSync.lead(epoch, newest.partitionEpoch(), newest.replicas(), newest.isr(), log.size(), now);
        } else if (moved) {
            follower.follow(leaderEpoch);
            if (fault == Fault.CUT_AT_HIGH_WATERMARK && cutEpoch != leaderEpoch) {
                cutEpoch = leaderEpoch;
                cut((int) highWatermark);
            }
        }
    }

    /** A client's record; where it is. */
    public int append(int value, long now) {
        return append(value, 1, now);
    }

    /** A batch of so many records, with values from {@code first} on; where it begins. */
    public int append(int first, int count, long now) {
        int before = log.size();
        for (int i = 1; i <= count; i++) {
            add(new Entry(leaderEpoch, first + i - 1, i == count));
        }
        inSync.onWritten(before, now);
        return before;
    }

    /** How many are in sync, as far as this node knows. */
    public int inSyncCount() {
        return told.size();
    }

    /** How many must be for anything to be committed. */
    public int minInSync() {
        return minInSync;
    }

    /** Whether a leader knows all to be committed that may have been before. */
    public boolean isCaughtUp() {
        return inSync.isCaughtUp(highWatermark);
    }

    private void add(Entry entry) {
        changes++;
        epochs.assign(entry.epoch(), log.size());
        log.add(entry);
    }

    /** Alone in sync, only what is synced counts. */
    public boolean wantsSync() {
        return leads && inSync.mayBeAlone() && synced < log.size() && fault != Fault.LEFT_ALONE_UNSYNCED;
    }

    private int safe() {
        return fault == Fault.ALONE_IN_MEMORY ? log.size() : synced;
    }

    public void sync() {
        synced = log.size();
        forcedAlone = leads && told.equals(List.of(id));
    }

    /** Whether the high watermark moved. */
    public boolean advance() {
        long own = inSync.mayBeAlone() ? safe() : log.size();
        long committed = committed(own);
        if (leads && committed > highWatermark) {
            highWatermark = committed;
            changes++;
            return true;
        }
        return false;
    }

    private long committed(long own) {
        if (told.size() < minInSync && fault != Fault.COUNTED_BEFORE_GRANTED) {
            return -1;
        }
        return switch (fault) {
            case ACKNOWLEDGED_ALONE -> own;
            case JOINING_NOT_AWAITED -> lowest(own, told);
            case LEAVING_NOT_AWAITED -> lowest(own, wanted);
            case POSITIONS_OF_OTHER_EPOCHS -> Math.min(lowest(own, told), lowest(own, wanted));
            default -> inSync.committed(own);
        };
    }

    private long lowest(long own, Collection<Integer> members) {
        long lowest = own;
        for (int node : members) {
            lowest = node == id ? lowest : Math.min(lowest, ends.getOrDefault(node, -1));
        }
        return lowest;
    }

    public @Nullable AlterInSync propose(long now) {
        long durable = fault == Fault.LEFT_ALONE_UNSYNCED ? log.size() : safe();
        Proposal proposal = leads ? inSync.propose(log.size(), highWatermark, durable, now) : null;
        if (proposal == null) {
            return null;
        }
        asked.put(proposal.partitionEpoch(), proposal);
        if (fault == Fault.COUNTED_BEFORE_GRANTED) {
            inSync.minInSync(1);
        }
        Map<Integer, Long> members = new HashMap<>(proposal.inSync());
        if (fault == Fault.JOINS_BEHIND) {
            members.putAll(alive);
        }
        wanted = List.copyOf(members.keySet());
        members.put(id, incarnation);
        return new AlterInSync(partition, id, incarnation, proposal.leaderEpoch(), proposal.partitionEpoch(), members);
    }

    public void unanswered(AlterInSync command, long now) {
        Proposal proposal = asked.get(command.partitionEpoch());
        if (proposal != null) {
            inSync.unanswered(proposal, now + LAG_MS / 10);
        }
    }

    public void refused(AlterInSync command, long now) {
        Proposal proposal = asked.get(command.partitionEpoch());
        if (proposal != null) {
            inSync.refused(proposal, now + LAG_MS / 10);
        }
    }

    // ---- fetching

    public @Nullable FetchPosition position() {
        return up && follower.follows() && !leads ? follower.position(log.size(), epochs.latest()) : null;
    }

    /** Answer and entries. */
    public record Fetched(FetchAnswer answer, List<Entry> entries) {}

    public Fetched onFetch(int node, long nodeIncarnation, FetchPosition position, int max, long now) {
        if (fault == Fault.POSITIONS_OF_OTHER_EPOCHS) {
            ends.put(node, (int) position.fetchOffset());
        }
        if (!leads) {
            return new Fetched(FetchAnswer.refused(leaderEpoch), List.of());
        }
        EpochEnd ended = fault == Fault.EPOCHS_NOT_COMPARED
                ? new EpochEnd(position.lastFetchedEpoch(), Math.max(position.fetchOffset(), log.size()))
                : epochs.endOf(position.lastFetchedEpoch(), log.size());
        FetchAnswer answer = FetchAnswer.to(position, leaderEpoch, ended, 0, log.size(), highWatermark);
        if (answer.outcome() != FetchAnswer.Outcome.AGREES) {
            return new Fetched(answer, List.of());
        }
        ends.put(node, (int) position.fetchOffset());
        inSync.alive(alive);
        inSync.onFetch(node, nodeIncarnation, position.leaderEpoch(), position.fetchOffset(), log.size(), now);
        int from = (int) position.fetchOffset();
        int to = Math.min(log.size(), from + max);
        while (to > from && !log.get(to - 1).last()) {
            to++;
        }
        return new Fetched(answer, List.copyOf(log.subList(from, to)));
    }

    public void onAnswer(FetchPosition askedAt, Fetched fetched) {
        if (fault == Fault.LATE_ANSWERS_TAKEN && askedAt.fetchOffset() != log.size() && follower.follows()) {
            fetched.entries().forEach(this::add);
            return;
        }
        FetchPosition present = follower.position(log.size(), epochs.latest());
        FollowerMachine.Step step =
                follower.onAnswer(askedAt, fetched.answer(), present, epoch -> epochs.endOf(epoch, log.size()), 0);
        switch (step.kind()) {
            case APPEND -> {
                fetched.entries().forEach(this::add);
                changes++;
                long known =
                        fault == Fault.HIGH_WATERMARK_BELIEVED ? step.offset() : Math.min(step.offset(), log.size());
                highWatermark = Math.max(highWatermark, known);
            }
            case CUT -> cut(fault == Fault.DIVERGENCE_KEPT ? log.size() : (int) step.offset());
            case RESTART -> cut(0);
            case BEGIN_STORED -> throw new AssertionError("nothing is in an object store here");
            case WAIT -> {}
        }
    }

    private void cut(int end) {
        changes++;
        cuts++;
        while (log.size() > end) {
            log.remove(log.size() - 1);
        }
        synced = Math.min(synced, end);
        highWatermark = Math.min(highWatermark, end);
        epochs.truncateTo(end);
    }
}
