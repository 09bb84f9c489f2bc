package io.robustmq.journal;

import io.robustmq.core.loop.Loop;
import io.robustmq.core.loop.LoopGroup;
import io.robustmq.core.meta.ClusterLevel;
import io.robustmq.core.meta.FullReplicas;
import io.robustmq.core.meta.MetaCommand;
import io.robustmq.core.meta.MetaCommand.AlterInSync;
import io.robustmq.core.meta.MetaCommand.SetFull;
import io.robustmq.core.meta.MetaCommand.SetOffline;
import io.robustmq.core.meta.MetaReply;
import io.robustmq.core.meta.OfflineReplicas;
import io.robustmq.core.model.Partition;
import io.robustmq.core.port.MetaLog;
import io.robustmq.core.port.NodeLink;
import io.robustmq.journal.replica.ReplicaFetcher;
import io.robustmq.journal.replica.ReplicaLog;
import io.robustmq.journal.replica.ReplicaThrottle;
import io.robustmq.journal.shard.InSyncMachine.Proposal;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the shards of a node need to replicate: the other nodes, the meta service, and which life of this node it is. Any
 * thread. Without a cluster nothing here is ever asked.
 */
final class Replication {
    private static final Logger LOG = LoggerFactory.getLogger(Replication.class);
    static final long NOT_REGISTERED = -1;

    final int nodeId;
    final long lagMs;
    final ReplicaThrottle throttle;
    private final LoopGroup loops;
    private final Map<Integer, ReplicaFetcher> fetchers = new ConcurrentHashMap<>();
    private volatile @Nullable Cluster cluster;
    private volatile long incarnation = NOT_REGISTERED;
    private volatile long leaseEndNanos;
    private volatile boolean telling;
    /** Of what was told the meta service, by its kind: what the log says of it already. */
    private final Map<String, String> said = new ConcurrentHashMap<>();

    /** What there is beyond this node. */
    private record Cluster(MetaLog meta, NodeLink link) {}

    Replication(int nodeId, long lagMs, ReplicaThrottle throttle, LoopGroup loops) {
        this.throttle = throttle;
        this.nodeId = nodeId;
        this.lagMs = lagMs;
        this.loops = loops;
    }

    void join(MetaLog meta, NodeLink link) {
        cluster = new Cluster(meta, link);
    }

    void registered(long incarnationEpoch) {
        incarnation = incarnationEpoch;
        fetchers.values().forEach(ReplicaFetcher::renew);
    }

    long incarnation() {
        return incarnation;
    }

    /** Until then nobody takes this node for dead. */
    void leased(long untilNanos) {
        leaseEndNanos = untilNanos;
    }

    /** Whether what this node leads is certainly led by nobody else. */
    boolean isSureToLead(long nowNanos) {
        return leaseEndNanos - nowNanos > 0;
    }

    boolean isCluster() {
        return cluster != null;
    }

    void follow(int leader, Partition partition, ReplicaLog log) {
        Cluster present = cluster;
        if (present != null) {
            fetchers.computeIfAbsent(
                            leader,
                            node -> new ReplicaFetcher(
                                    node,
                                    nodeId,
                                    this::incarnation,
                                    present.link,
                                    throttle,
                                    loops.loopFor("replica-" + node)))
                    .follow(partition, log);
        }
    }

    void readersCame(int leader, Partition partition) {
        ReplicaFetcher fetcher = fetchers.get(leader);
        if (fetcher != null) {
            fetcher.readersCame(partition);
        }
    }

    void leave(int leader, Partition partition) {
        ReplicaFetcher fetcher = fetchers.get(leader);
        if (fetcher != null) {
            fetcher.leave(partition);
        }
    }

    /** Lets the meta service know which replicas of this node nobody is to count on, where it does not know yet. */
    void tellOffline(Set<Partition> offline) {
        Cluster present = cluster;
        if (present == null || incarnation == NOT_REGISTERED || telling) {
            return;
        }
        if (ClusterLevel.finalized(present.meta.image()) < ClusterLevel.OFFLINE_REPLICAS) {
            // Another node might let who cannot use his replica lead again.
            return;
        }
        if (!keys(offline).equals(OfflineReplicas.keys(present.meta.image(), nodeId))) {
            telling = true;
            tell(present, new SetOffline(nodeId, incarnation, offline), "offline", offline.size());
        }
    }

    /** Lets the meta service know which partitions this node cannot append to, where it does not know yet. */
    void tellFull(Set<Partition> full) {
        Cluster present = cluster;
        if (present == null || incarnation == NOT_REGISTERED || telling) {
            return;
        }
        if (!keys(full).equals(FullReplicas.keys(present.meta.image(), nodeId))) {
            telling = true;
            tell(present, new SetFull(nodeId, incarnation, full), "full", full.size());
        }
    }

    private static Set<String> keys(Set<Partition> partitions) {
        return partitions.stream().map(OfflineReplicas::key).collect(Collectors.toSet());
    }

    private void tell(Cluster present, MetaCommand command, String what, int partitions) {
        CompletableFuture<?> unused = present.meta.submit(command).whenComplete((reply, failure) -> {
            telling = false;
            String outcome = "partitions=" + partitions + " action=tell outcome=\""
                    + (failure == null ? reply : failure.getMessage()) + '"';
            // It is tried again and again while the metadata is away.
            if (!outcome.equals(said.put(what, outcome))) {
                LOG.warn("{} {}", what, outcome);
            }
        });
    }

    /** What became of a proposal. If it was made the image says it, too. */
    enum Outcome {
        MADE,
        REFUSED,
        UNKNOWN
    }

    /** {@code done} is told in {@code loop}. */
    void propose(Partition partition, Proposal proposal, Loop loop, Consumer<Outcome> done) {
        Cluster present = cluster;
        if (present == null) {
            loop.execute(() -> done.accept(Outcome.REFUSED));
            return;
        }
        Map<Integer, Long> inSync = new HashMap<>(proposal.inSync());
        inSync.put(nodeId, incarnation);
        AlterInSync command = new AlterInSync(
                partition, nodeId, incarnation, proposal.leaderEpoch(), proposal.partitionEpoch(), inSync);
        CompletableFuture<?> unused = present.meta.submit(command).whenComplete((reply, failure) -> {
            Outcome outcome = reply instanceof MetaReply.Done
                    ? Outcome.MADE
                    : reply instanceof MetaReply.Refused ? Outcome.REFUSED : Outcome.UNKNOWN;
            LOG.info(
                    "shard={} in sync={} epoch={} partition epoch={} outcome={} reason=\"{}\"",
                    partition,
                    inSync.keySet(),
                    proposal.leaderEpoch(),
                    proposal.partitionEpoch(),
                    outcome,
                    failure != null
                            ? failure.getMessage()
                            : reply instanceof MetaReply.Refused refused ? refused.message() : "");
            loop.execute(() -> done.accept(outcome));
        });
    }
}
