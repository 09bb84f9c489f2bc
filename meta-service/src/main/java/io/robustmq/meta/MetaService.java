package io.robustmq.meta;

import io.micrometer.core.instrument.MeterRegistry;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.error.BrokerException;
import io.robustmq.core.loop.Cancellable;
import io.robustmq.core.meta.ClusterLevel;
import io.robustmq.core.meta.MetaCommand;
import io.robustmq.core.meta.MetaDelta;
import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.meta.MetaListener;
import io.robustmq.core.meta.MetaReply;
import io.robustmq.core.meta.NodeImage;
import io.robustmq.core.meta.QuorumChange;
import io.robustmq.core.meta.QuorumImage;
import io.robustmq.core.model.TopicId;
import io.robustmq.core.port.MetaLog;
import io.robustmq.core.port.MetaQuorum;
import io.robustmq.core.port.NodeLink;
import io.robustmq.meta.fact.MetaEntry;
import io.robustmq.meta.fact.MetaEntryCodec;
import io.robustmq.meta.fact.MetaFact;
import io.robustmq.meta.machine.MetaMachine;
import io.robustmq.meta.machine.SessionMachine;
import io.robustmq.meta.raft.Appended;
import io.robustmq.meta.raft.QuorumService;
import io.robustmq.meta.raft.RaftLayout;
import io.robustmq.meta.raft.RaftLogService;
import io.robustmq.meta.raft.RaftSettings;
import io.robustmq.meta.raft.RaftTls;
import io.robustmq.meta.raft.SnapshotDirectory;
import io.robustmq.meta.raft.Voter;
import io.robustmq.meta.store.MetaStore;
import io.robustmq.meta.store.MetaStoreException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A node of the meta service: decides, logs, applies, publishes. Thread-safe; what it drives lives in one thread, the meta
 * thread, in which listeners are called and futures completed.
 */
public final class MetaService implements MetaLog, MetaQuorum, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(MetaService.class);
    private static final long CHECK_MS = 500;
    private static final long CLOSE_TIMEOUT_MS = 10_000;

    private final MetaConfig config;
    private final RaftSettings raftSettings;
    private final Path stateDirectory;
    private final Supplier<UUID> ids;
    private final MetaMetrics metrics;
    private final ImageBoard board;
    private final ScheduledThreadPoolExecutor metaThread;
    private final DecisionQueue decisions;
    private final Submissions submissions;
    private final CompletableFuture<Void> ready = new CompletableFuture<>();
    private volatile int firstLevel = ClusterLevel.BASE;
    private volatile @Nullable Started started;
    private volatile @Nullable RaftTls tls;
    private volatile boolean usable = true;
    private volatile boolean leads;
    private final SessionMachine sessions;
    private final LeaderDuties duties;
    private final RecentEntries recent = new RecentEntries();
    private final QuorumService members;
    /** Of what the log leads to, for good. Owned by the meta thread. */
    private boolean stateFailed;

    /** What exists between start and close. */
    private record Started(StateKeeper keeper, RaftLogService raft, RaftLayout layout) {}

    /**
     * Does nothing before {@link #start}.
     *
     * @param dataDirectory of the meta service alone
     * @param bind address to listen on
     * @param ids random, for topics and the cluster
     */
    public MetaService(
            MetaConfig config, Path dataDirectory, int nodeId, String bind, Supplier<UUID> ids, MeterRegistry meters) {
        this.config = config;
        this.stateDirectory = dataDirectory.resolve("state");
        this.raftSettings = new RaftSettings(
                dataDirectory.resolve("raft"),
                nodeId,
                config.isCluster() ? config.voters() : List.of(new Voter(nodeId, bind, config.port())),
                host(config, nodeId, bind),
                bind,
                config.port(),
                config.snapshotEntries(),
                config.segmentBytes(),
                config.electionTimeoutMs(),
                config.requestTimeoutMs());
        this.ids = ids;
        this.metrics = new MetaMetrics(meters);
        this.board = new ImageBoard(metrics);
        this.members = new QuorumService(raftSettings, stateDirectory, this::image);
        this.sessions = new SessionMachine(nodeId, config.sessionTimeoutMs(), config.sessionLostMs());
        this.metaThread = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(task, "meta-" + nodeId);
            thread.setDaemon(true);
            return thread;
        });
        metaThread.setRemoveOnCancelPolicy(true);
        this.decisions = new DecisionQueue(
                () -> new MetaMachine(board.image(), config.topicDefaults(), config.configScopesMax()), this::log);
        this.submissions = new Submissions(config, ids, metrics, metaThread, decisions);
        this.duties = new LeaderDuties(sessions, decisions, board::image, config.leaderBalanceMs());
        metrics.gauge("robustmq.meta.index", "Log index of the image", () -> image().index());
        metrics.gauge("robustmq.meta.leader", "1 where this node leads the meta service", () -> leads ? 1 : 0);
        metrics.gauge("robustmq.meta.topics", "Topics", () -> image().topics().size());
    }

    /** The log is spoken of encrypted, and only with who has a certificate of the cluster. Before {@link #start}. */
    public void secureBy(RaftTls with) {
        tls = with;
        members.secureBy(with);
    }

    /** At which level a cluster begins that this node forms. Before the start. */
    public void formsAt(int level) {
        firstLevel = level;
    }

    /**
     * Reads the state, so that {@link #image} is the one of the last run, and joins the log. Does not wait for a leader:
     * {@link #whenReady} does. Throws for a directory that it cannot read or whose version it does not know, which it
     * leaves as it is.
     */
    public void start() throws IOException {
        QuorumService.Start start = members.prepare();
        RaftLayout layout = start.layout();
        SnapshotDirectory snapshots = SnapshotDirectory.of(layout);
        if (Files.exists(stateDirectory) && !Files.exists(layout.group())) {
            throw new MetaStoreException("there is metadata in " + stateDirectory + ", but no log of it in "
                    + raftSettings.directory() + ": restore the log, or remove both to begin anew");
        }
        Files.createDirectories(layout.group());
        MetaStore store = MetaStore.open(stateDirectory, snapshots.newest().orElse(null));
        try {
            board.publish(MetaDelta.NOTHING, store.load());
            StateKeeper keeper = new StateKeeper(store, board, metrics, new Reactions());
            RaftLogService raft =
                    new RaftLogService(raftSettings, layout, start.follows(), snapshots, keeper, metaThread, tls);
            // before the log starts: the meta thread may need it sooner than start() returns
            started = new Started(keeper, raft, layout);
            raft.start();
            checkAlone(raft);
            members.enter(raft, start, this::fail);
            if (config.isCluster()) {
                every(Math.max(1, Math.min(config.sessionTimeoutMs() / 8, config.sessionLostMs() / 4)), this::lead);
            }
            every(CHECK_MS, () -> check(raft));
            log.info(
                    "meta port={} voters={} index={}",
                    raft.port(),
                    raft.quorum().voters(),
                    image().index());
        } catch (IOException | RuntimeException e) {
            started = null;
            metaThread.shutdownNow();
            store.close();
            throw e;
        }
    }

    /** A node that grew into a cluster may not go on as if there were no others. */
    private void checkAlone(RaftLogService raft) throws IOException {
        QuorumImage quorum = raft.quorum();
        if (!config.isCluster() && quorum.voters().size() + quorum.observers().size() > 1) {
            raft.close();
            throw new MetaStoreException("this node is one of a cluster, with the voters " + quorum.voters() + ": say "
                    + MetaConfig.VOTERS.name());
        }
    }

    /** The port of the log. */
    public int port() {
        Started running = started;
        if (running == null) {
            throw new IllegalStateException("not started");
        }
        return running.raft.port();
    }

    /** Whether a leader is known, the cluster has formed, and this node keeps up. */
    public boolean ready() {
        return usable && caughtUp(image());
    }

    /** Whether this node hears of the metadata: one that does not may have been deposed of all that it leads. */
    public boolean runs() {
        return usable;
    }

    /** Completes, in the meta thread, when {@link #ready} holds for the first time; fails if it never will. */
    public CompletableFuture<Void> whenReady() {
        return ready.copy();
    }

    /** Where others reach this node. */
    public String host() {
        return raftSettings.host();
    }

    /** {@link #start} waits for a cluster no longer. */
    public void stopLooking() {
        members.close();
    }

    @Override
    public QuorumImage quorum() {
        Started running = started;
        return running == null ? QuorumImage.EMPTY : running.raft.quorum();
    }

    @Override
    public CompletableFuture<MetaReply> change(QuorumChange change) {
        Started running = started;
        return running == null || !usable
                ? CompletableFuture.completedFuture(
                        new MetaReply.Refused(BrokerError.NOT_META_LEADER, "the meta service does not run here"))
                : members.change(change, running.raft, running.layout);
    }

    /** The node was heard of. Of use at the leader, harmless elsewhere. */
    public void heard(int node, long incarnationEpoch) {
        metaThread.execute(() -> sessions.heard(node, incarnationEpoch, monotonicMs()));
    }

    /** The node closed a connection, or there is nobody to connect to. Of use at the leader, and at the next one. */
    public void lost(int node) {
        NodeImage known = image().nodes().get(node);
        if (known != null) {
            metaThread.execute(() -> sessions.lost(node, known.incarnationEpoch(), monotonicMs()));
        }
    }

    /** There is a connection to the node. */
    public void found(int node) {
        metaThread.execute(() -> sessions.found(node));
    }

    /** What nodes that have no vote follow, and change, the metadata by. */
    public NodeLink.Service feed() {
        return new MetaFeed(this, this, recent, this::append);
    }

    /** Of a node that has no vote. Completes in any thread. */
    private CompletableFuture<Appended> append(byte[] entry) {
        return CompletableFuture.supplyAsync(() -> started, metaThread)
                .thenComposeAsync(
                        running -> running == null || !usable
                                ? CompletableFuture.<Appended>failedFuture(
                                        new BrokerException(BrokerError.NOT_META_LEADER))
                                : running.raft.append(entry),
                        metaThread);
    }

    @Override
    public MetaImage image() {
        return board.image();
    }

    @Override
    public Cancellable subscribe(MetaListener listener) {
        return board.subscribe(listener);
    }

    @Override
    public CompletableFuture<MetaReply> submit(MetaCommand command) {
        if (started == null || !usable) {
            return refused(BrokerError.NOT_META_LEADER, "the meta service does not run here");
        }
        return submissions.submit(command);
    }

    /** Waits for what is committed to be applied; everything else is refused. */
    @Override
    public void close() throws IOException {
        usable = false;
        members.close();
        Started running = started;
        if (running == null) {
            metaThread.shutdownNow();
            return;
        }
        started = null;
        awaitDrained();
        try {
            running.raft.close();
        } finally {
            stopMetaThread();
        }
        running.keeper.close();
    }

    private void stopMetaThread() throws IOException {
        BrokerException stopping = new BrokerException(BrokerError.NOT_META_LEADER, "this node is stopping");
        ready.completeExceptionally(stopping);
        metaThread.execute(() -> decisions.refuseAll(stopping));
        metaThread.shutdown();
        try {
            if (!metaThread.awaitTermination(CLOSE_TIMEOUT_MS, TimeUnit.MILLISECONDS)) {
                throw new IOException("the meta thread is still busy; its state is left as after a crash");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while closing; the state is left as after a crash", e);
        }
    }

    /** A batch that is on its way should arrive: its commands would not know their outcome. */
    private void awaitDrained() {
        CompletableFuture<Void> drained = new CompletableFuture<>();
        metaThread.execute(() -> decisions.drain(() -> drained.complete(null)));
        drained.completeOnTimeout(null, config.requestTimeoutMs(), TimeUnit.MILLISECONDS)
                .join();
    }

    private CompletableFuture<Boolean> log(List<MetaFact> facts) {
        Started running = started;
        if (running == null) {
            return CompletableFuture.failedFuture(new BrokerException(BrokerError.NOT_META_LEADER));
        }
        byte[] entry = MetaEntryCodec.encode(new MetaEntry(running.keeper.base(), facts));
        return running.raft
                .append(entry)
                .thenComposeAsync(
                        appended ->
                                running.keeper.whenApplied(appended.index()).thenApply(nothing -> appended.applied()),
                        metaThread)
                .whenCompleteAsync((applied, failure) -> {}, metaThread);
    }

    /** An executor would end a task at its first exception, and say nothing. */
    private void every(long intervalMs, Runnable task) {
        var unused = metaThread.scheduleAtFixedRate(
                () -> {
                    try {
                        task.run();
                    } catch (RuntimeException | Error e) {
                        log.error("a task of the meta service failed, and is tried again in {} ms", intervalMs, e);
                    }
                },
                intervalMs,
                intervalMs,
                TimeUnit.MILLISECONDS);
    }

    private void lead() {
        if (usable) {
            duties.turn(monotonicMs());
        }
    }

    /** Who leads and cannot apply what is committed would hold up everybody; as a follower its log is worth its vote. */
    private void check(RaftLogService raft) {
        if (stateFailed && raft.leads()) {
            raft.end();
        } else {
            raft.check();
        }
    }

    /** This node takes no part in the metadata any more, until it is restarted. */
    void fail(String reason) {
        metaThread.execute(() -> {
            Started running = started;
            if (running != null) {
                running.keeper.stop(reason);
            }
        });
    }

    private static long monotonicMs() {
        return System.nanoTime() / 1_000_000;
    }

    /** The first leader names the cluster, before it decides anything else. */
    private void formCluster() {
        if (image().clusterId().isEmpty()) {
            String clusterId = TopicId.of(ids.get()).toString();
            decisions.add(
                    new PendingCommand(machine -> machine.form(clusterId, firstLevel), new CompletableFuture<>()));
        }
    }

    /** A leader that is still replaying what was committed before its election knows less than it promised. */
    private boolean caughtUp(MetaImage image) {
        return !image.clusterId().isEmpty()
                && image.leaderNode() >= 0
                && (leads || image.leaderNode() != raftSettings.nodeId());
    }

    private static CompletableFuture<MetaReply> refused(BrokerError error, String message) {
        return CompletableFuture.failedFuture(new BrokerException(error, message));
    }

    @Override
    public CompletableFuture<MetaReply> removeNode(int node, boolean force) {
        if (quorum().voters().containsKey(node)) {
            return CompletableFuture.completedFuture(new MetaReply.Refused(
                    BrokerError.INVALID_REQUEST, "node " + node + " is a voter; remove it from the voters first"));
        }
        boolean known =
                image().nodes().containsKey(node) || !quorum().observers().containsKey(node);
        CompletableFuture<MetaReply> unregistered = known
                ? submit(new MetaCommand.UnregisterNode(node, force))
                : CompletableFuture.completedFuture(new MetaReply.Done());
        return unregistered.thenCompose(reply -> reply instanceof MetaReply.Done
                ? change(new QuorumChange(QuorumChange.Kind.FORGET, node))
                : CompletableFuture.completedFuture(reply));
    }

    private static String host(MetaConfig config, int nodeId, String bind) {
        return config.host().isEmpty()
                ? config.voters().stream()
                        .filter(voter -> voter.id() == nodeId)
                        .map(Voter::host)
                        .findFirst()
                        .orElse(bind)
                : config.host();
    }

    /** Called in the meta thread. */
    private final class Reactions implements StateKeeper.Events {
        @Override
        public void imageChanged(MetaImage image) {
            openDecisions(image);
            if (caughtUp(image)) {
                ready.complete(null);
            }
        }

        @Override
        public void applied(long base, long index, byte[] entry) {
            recent.add(base, index, entry);
        }

        @Override
        public void leading(boolean isLeader) {
            // It may have been deposed while it caught up with what was committed before.
            leads = isLeader && image().leaderNode() == raftSettings.nodeId();
            if (leads) {
                duties.lead(monotonicMs());
                formCluster();
                imageChanged(image());
            } else {
                duties.deposed();
            }
            openDecisions(image());
        }

        /** A follower decides on what it knows; if that was not the newest, the entry is dropped and it decides again. */
        private void openDecisions(MetaImage image) {
            int leader = image.leaderNode();
            decisions.open(usable && (leads || (leader >= 0 && leader != raftSettings.nodeId())));
        }

        @Override
        public void logFailed(String reason) {
            var unused = refuseAll(reason);
        }

        @Override
        public void logStarted() {
            usable = true;
            openDecisions(image());
        }

        @Override
        public void failed(String reason) {
            stateFailed = true;
            ready.completeExceptionally(refuseAll(reason));
        }

        private BrokerException refuseAll(String reason) {
            usable = false;
            leads = false;
            duties.deposed();
            decisions.open(false);
            BrokerException refusal =
                    new BrokerException(BrokerError.NOT_META_LEADER, "the meta service has failed: " + reason);
            decisions.refuseAll(refusal);
            return refusal;
        }
    }
}
