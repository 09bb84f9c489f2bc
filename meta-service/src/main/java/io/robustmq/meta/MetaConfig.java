package io.robustmq.meta;

import io.robustmq.core.config.ConfigKey;
import io.robustmq.core.config.Configuration;
import io.robustmq.core.tier.TierConfig;
import io.robustmq.meta.machine.TopicDefaults;
import io.robustmq.meta.raft.Voter;
import java.util.List;

/**
 * The meta service's configuration.
 *
 * @param voters empty: this node alone
 * @param host where others reach this node; empty: as the voters or the bound address say
 */
public record MetaConfig(
        List<Voter> voters,
        String host,
        int port,
        int pendingMax,
        long requestTimeoutMs,
        int snapshotEntries,
        int segmentBytes,
        int electionTimeoutMs,
        int configScopesMax,
        long sessionTimeoutMs,
        long sessionLostMs,
        long leaderBalanceMs,
        TopicDefaults topicDefaults) {
    public static final ConfigKey<List<String>> VOTERS = ConfigKey.list("meta.voters", List.of())
            .doc("Nodes that form the cluster, as id@host:port, the same list on all of them; empty: this node alone. "
                    + "A node that is not among them finds the cluster by them, and follows. Who votes later is kept "
                    + "with the metadata.");
    public static final ConfigKey<String> HOST = ConfigKey.string("node.host", "")
            .doc("Where the other nodes of a cluster, and clients, reach this node. Needed where meta.voters does not "
                    + "say it and bind is not one address.");
    public static final ConfigKey<Integer> PORT =
            ConfigKey.integer("meta.port", 1228).min(0).max(65535).doc("Port of the metadata log; 0 for any free one.");
    public static final ConfigKey<List<String>> SERVERS = ConfigKey.list("meta.servers", List.of())
            .doc("Where a node without the role meta finds the cluster: nodes that have it, as id@host:port of their "
                    + "journal.port. One that answers is enough.");
    public static final ConfigKey<Integer> PENDING_MAX = ConfigKey.integer("meta.pending.max", 4096)
            .min(1)
            .doc("Changes of metadata that may wait for their outcome; more are refused.");
    public static final ConfigKey<Long> REQUEST_TIMEOUT_MS = ConfigKey.whole("meta.request.timeout.ms", 10_000)
            .min(1)
            .doc("A change of metadata that has no outcome by then is answered with a timeout.");
    public static final ConfigKey<Integer> SNAPSHOT_ENTRIES = ConfigKey.integer("meta.snapshot.entries", 10_000)
            .min(1)
            .doc("After this many entries of the metadata log a snapshot is taken, and the log cut.");
    public static final ConfigKey<Integer> SEGMENT_BYTES = ConfigKey.integer("meta.segment.bytes", 1 << 20)
            .min(1 << 16)
            .doc("A file of the metadata log is closed when it is this large; the log is cut by whole files.");
    public static final ConfigKey<Integer> ELECTION_TIMEOUT_MS = ConfigKey.integer("meta.election.timeout.ms", 1000)
            .min(50)
            .doc("How long a metadata leader may be silent before another is elected, at least; twice that at most.");
    public static final ConfigKey<Integer> CONFIG_SCOPES_MAX = ConfigKey.integer("meta.config.scopes.max", 10_000)
            .min(1)
            .doc("Nodes and groups that may have a dynamic configuration.");
    public static final ConfigKey<Long> SESSION_TIMEOUT_MS = ConfigKey.whole("meta.session.timeout.ms", 6_000)
            .min(200)
            .doc("A node of a cluster that is silent for so long is taken for dead: others lead what it led. "
                    + "Longer than the longest pause of a process that is well.");
    public static final ConfigKey<Long> SESSION_LOST_MS = ConfigKey.whole("meta.session.lost.ms", 750)
            .min(100)
            .doc(
                    "A node of a cluster that closed its connection, as a process that dies does, and is silent for so long "
                            + "is taken for dead. At least three times the interval of its heartbeats, which is at most 250 ms.");
    public static final ConfigKey<Long> LEADER_BALANCE_MS = ConfigKey.whole("meta.leader.balance.interval.ms", 30_000)
            .min(100)
            .doc("How often leaders are given back to their preferred nodes, where these are in sync.");
    public static final ConfigKey<Integer> TOPIC_PARTITIONS = ConfigKey.integer("meta.topic.partitions", 1)
            .min(1)
            .doc("Partitions of a topic that is created without a number.");
    public static final ConfigKey<Integer> TOPIC_PARTITIONS_MAX = ConfigKey.integer("meta.topic.partitions.max", 4000)
            .min(1)
            .max(4000)
            .doc("Partitions that a topic may have.");
    public static final ConfigKey<Integer> TOPIC_REPLICATION = ConfigKey.integer("meta.topic.replication", 3)
            .min(1)
            .doc(
                    "Replicas of a topic that is created without a number, or as many as there are nodes if these are fewer.");

    public MetaConfig {
        voters = List.copyOf(voters);
    }

    public static List<ConfigKey<?>> keys() {
        return List.of(
                VOTERS,
                HOST,
                PORT,
                SERVERS,
                PENDING_MAX,
                REQUEST_TIMEOUT_MS,
                SNAPSHOT_ENTRIES,
                SEGMENT_BYTES,
                ELECTION_TIMEOUT_MS,
                CONFIG_SCOPES_MAX,
                SESSION_TIMEOUT_MS,
                SESSION_LOST_MS,
                LEADER_BALANCE_MS,
                TOPIC_PARTITIONS,
                TOPIC_PARTITIONS_MAX,
                TOPIC_REPLICATION);
    }

    /** Whether this node is one of several, or may become so. */
    public boolean isCluster() {
        return !voters.isEmpty();
    }

    /** Throws IllegalArgumentException for a voter that is not {@code id@host:port}. */
    public static MetaConfig from(Configuration values) {
        return new MetaConfig(
                values.get(VOTERS).stream().map(Voter::parse).toList(),
                values.get(HOST),
                values.get(PORT),
                values.get(PENDING_MAX),
                values.get(REQUEST_TIMEOUT_MS),
                values.get(SNAPSHOT_ENTRIES),
                values.get(SEGMENT_BYTES),
                values.get(ELECTION_TIMEOUT_MS),
                values.get(CONFIG_SCOPES_MAX),
                values.get(SESSION_TIMEOUT_MS),
                values.get(SESSION_LOST_MS),
                values.get(LEADER_BALANCE_MS),
                new TopicDefaults(
                        values.get(TOPIC_PARTITIONS),
                        values.get(TOPIC_REPLICATION),
                        values.get(TOPIC_PARTITIONS_MAX),
                        Math.max(
                                1,
                                Math.max(
                                        values.get(VOTERS).size(),
                                        values.get(SERVERS).size())),
                        values.declares(TierConfig.STORE) ? values.get(TierConfig.STORE) : TierConfig.NO_STORE));
    }
}
