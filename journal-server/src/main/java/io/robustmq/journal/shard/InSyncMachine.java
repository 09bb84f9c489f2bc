package io.robustmq.journal.shard;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What the leader of a partition knows of its replicas: how far each has the log, and who is in sync. Owned by the shard
 * loop; no I/O, no clock. Times are a monotonic clock's.
 *
 * <pre>
 *   settled ──► proposal ──► asked ──► update (a newer partition epoch), refused, or unanswered ──► settled
 * </pre>
 *
 * What was asked for is counted at once where that is the careful way: a replica that is to join holds the high watermark
 * back already, one that is to leave still does. Without an answer that goes on until the next partition epoch. A replica's
 * position counts in the epoch in which it was told only. While fewer are in sync than the partition wants nothing is
 * committed: who left then may lead, and has not what came later (KIP-966).
 */
public final class InSyncMachine {
    private static final long UNKNOWN = -1;

    private final int nodeId;
    private final long lagMs;
    private final Map<Integer, Member> members = new TreeMap<>();
    private int leaderEpoch = -1;
    private int partitionEpoch = -1;
    private int minInSync = 1;
    private List<Integer> inSync = List.of();
    private List<Integer> asked = List.of();
    /** What may have been granted, for all that is known. */
    private List<Integer> unsure = List.of();

    private Map<Integer, Long> alive = Map.of();
    private boolean askedAlone;
    private boolean unsureAlone;
    private boolean settled = true;
    private long retryAtMs = Long.MIN_VALUE;
    private long takeoverEnd;

    /** Another replica, as it was last heard of in this epoch. */
    private static final class Member {
        private long incarnation = UNKNOWN;
        private long endOffset = UNKNOWN;
        private long caughtUpMs;
        private long fetchedMs;
        private long leaderEndAtFetch;

        private Member(long nowMs) {
            this.caughtUpMs = nowMs;
            this.fetchedMs = nowMs;
        }
    }

    /**
     * A change to ask the meta service for.
     *
     * @param inSync node to the incarnation in which it was heard of; this node's own is for the caller to add
     */
    public record Proposal(int leaderEpoch, int partitionEpoch, Map<Integer, Long> inSync) {
        public Proposal {
            inSync = Map.copyOf(inSync);
        }
    }

    /** @param lagMs how long a replica may be behind and count as in sync */
    public InSyncMachine(int nodeId, long lagMs) {
        this.nodeId = nodeId;
        this.lagMs = lagMs;
    }

    /** The image says that this node leads; {@code endOffset} is where its log ends. */
    public void lead(
            int epoch,
            int newPartitionEpoch,
            List<Integer> replicas,
            List<Integer> newInSync,
            long endOffset,
            long nowMs) {
        if (epoch != leaderEpoch) {
            leaderEpoch = epoch;
            partitionEpoch = -1;
            takeoverEnd = endOffset;
            members.clear();
        }
        if (newPartitionEpoch <= partitionEpoch) {
            return;
        }
        partitionEpoch = newPartitionEpoch;
        List<Integer> before = inSync;
        inSync = List.copyOf(newInSync);
        asked = inSync;
        unsure = inSync;
        askedAlone = false;
        unsureAlone = false;
        settled = true;
        retryAtMs = Long.MIN_VALUE;
        members.keySet().retainAll(replicas);
        for (int replica : replicas) {
            if (replica != nodeId) {
                Member member = members.computeIfAbsent(replica, id -> new Member(nowMs));
                if (inSync.contains(replica) && !before.contains(replica)) {
                    // It has as long to catch up as any, however far behind what is not committed it joined.
                    member.caughtUpMs = nowMs;
                }
            }
        }
    }

    /** How many must be in sync for anything to be committed. */
    public void minInSync(int count) {
        minInSync = count;
    }

    /** Nodes that may be in sync, and in which life. */
    public void alive(Map<Integer, Long> incarnations) {
        alive = Map.copyOf(incarnations);
    }

    /** The leader's log grew from {@code before}: who had all of it was caught up until now. */
    public void onWritten(long before, long nowMs) {
        for (Member member : members.values()) {
            if (member.endOffset >= before) {
                member.caughtUpMs = nowMs;
            }
        }
    }

    /** A replica that agrees with this epoch's log has it up to {@code fetchOffset}. Whether it was heard. */
    public boolean onFetch(int node, long incarnation, int epoch, long fetchOffset, long endOffset, long nowMs) {
        Member member = members.get(node);
        if (member == null || epoch != leaderEpoch || incarnation < member.incarnation || fetchOffset > endOffset) {
            return false;
        }
        member.incarnation = incarnation;
        member.endOffset = fetchOffset;
        if (fetchOffset >= endOffset) {
            member.caughtUpMs = nowMs;
        } else if (fetchOffset >= member.leaderEndAtFetch) {
            member.caughtUpMs = Math.max(member.caughtUpMs, member.fetchedMs);
        }
        member.fetchedMs = nowMs;
        member.leaderEndAtFetch = endOffset;
        return true;
    }

    /**
     * Up to where every replica in sync has the log, with {@code own} this node's; -1 while one was not heard of, or they are
     * too few.
     */
    public long committed(long own) {
        if (inSync.size() < minInSync) {
            return UNKNOWN;
        }
        long lowest = own;
        for (Map.Entry<Integer, Member> entry : members.entrySet()) {
            if (inSync.contains(entry.getKey()) || asked.contains(entry.getKey())) {
                lowest = Math.min(lowest, entry.getValue().endOffset);
            }
        }
        return lowest;
    }

    /** Whether this node is, or may soon be, the only one in sync: then nobody else makes up for what it loses. */
    public boolean mayBeAlone() {
        return inSync.size() == 1 || askedAlone;
    }

    /**
     * A change that is due, if any; nothing further until it is answered.
     *
     * @param durableOffset what this node cannot lose ends here: it does not ask to be alone before that covers all that was
     *     acknowledged
     */
    public @Nullable Proposal propose(long endOffset, long highWatermark, long durableOffset, long nowMs) {
        if (!settled || nowMs < retryAtMs) {
            return null;
        }
        List<Integer> wanted = new ArrayList<>();
        Map<Integer, Long> incarnations = new TreeMap<>();
        boolean sure = true;
        wanted.add(nodeId);
        for (Map.Entry<Integer, Member> entry : members.entrySet()) {
            Member member = entry.getValue();
            boolean present = inSync.contains(entry.getKey());
            if (present ? !lags(member, endOffset, nowMs) : mayJoin(entry.getKey(), member, highWatermark, nowMs)) {
                wanted.add(entry.getKey());
                incarnations.put(entry.getKey(), member.incarnation);
                sure &= member.incarnation != UNKNOWN;
            }
        }
        boolean alone = wanted.size() == 1;
        if (!sure
                || (alone && durableOffset < highWatermark)
                || (wanted.containsAll(inSync) && inSync.containsAll(wanted))) {
            return null;
        }
        settled = false;
        asked = union(asked, wanted);
        askedAlone |= alone;
        return new Proposal(leaderEpoch, partitionEpoch, incarnations);
    }

    /** The change was not made; asked for again later, if it is still due. */
    public void refused(Proposal proposal, long retryAt) {
        if (isPending(proposal)) {
            asked = unsure;
            askedAlone = unsureAlone;
            settled = true;
            retryAtMs = retryAt;
        }
    }

    /** Nobody knows whether the change was made; asked for again later, if it is still due. */
    public void unanswered(Proposal proposal, long retryAt) {
        if (isPending(proposal)) {
            unsure = asked;
            unsureAlone = askedAlone;
            settled = true;
            retryAtMs = retryAt;
        }
    }

    private boolean isPending(Proposal proposal) {
        return !settled && proposal.leaderEpoch == leaderEpoch && proposal.partitionEpoch == partitionEpoch;
    }

    /** Whether all that could have been committed before this epoch is known to be. */
    public boolean isCaughtUp(long highWatermark) {
        return highWatermark >= takeoverEnd;
    }

    private static List<Integer> union(List<Integer> some, List<Integer> more) {
        List<Integer> all = new ArrayList<>(some);
        more.stream().filter(node -> !some.contains(node)).forEach(all::add);
        return List.copyOf(all);
    }

    private boolean lags(Member member, long endOffset, long nowMs) {
        return member.endOffset < endOffset && nowMs - member.caughtUpMs > lagMs;
    }

    /**
     * It must have all that is committed, and all of the epochs before, as it may be the next leader. And it must have been heard of
     * lately: while too few are in sync, what is committed does not leave a silent one behind.
     */
    private boolean mayJoin(int node, Member member, long highWatermark, long nowMs) {
        return alive.getOrDefault(node, UNKNOWN) == member.incarnation
                && nowMs - member.fetchedMs <= lagMs
                && member.endOffset >= highWatermark
                && member.endOffset >= takeoverEnd;
    }
}
