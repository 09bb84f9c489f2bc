package io.robustmq.meta.raft;

import io.robustmq.core.error.BrokerError;
import io.robustmq.core.error.BrokerException;
import io.robustmq.core.meta.QuorumImage;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.client.RaftClient;
import org.apache.ratis.conf.Parameters;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.protocol.ClientId;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.protocol.RaftClientAsynchronousProtocol;
import org.apache.ratis.protocol.RaftClientReply;
import org.apache.ratis.protocol.RaftClientRequest;
import org.apache.ratis.protocol.RaftGroup;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.retry.RetryPolicies;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.thirdparty.com.google.protobuf.UnsafeByteOperations;
import org.apache.ratis.util.ExitUtils;
import org.apache.ratis.util.TimeDuration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The replicated log: this node's Ratis server. Thread-safe but for {@link #append}. */
public final class RaftLogService implements AutoCloseable {
    /** Bytes of the largest entry: what Ratis takes, less what it puts around. */
    public static final int ENTRY_BYTES_MAX = RaftSettings.ENTRY_BYTES_MAX - (8 << 10);

    private static final Logger log = LoggerFactory.getLogger(RaftLogService.class);
    private static final int REMOTE_PAUSE_MS = 200;
    /** A disk may take long to write it. */
    private static final int TERM_BEHIND_CHECKS_MAX = 10;

    private static final long FAILED_PAUSE_MS = 500;
    private static final long FAILED_PAUSE_MS_MAX = 8_000;

    private final RaftSettings settings;
    private final RaftLayout layout;
    private final RaftGroup group;
    private final RaftProperties properties;
    private final Parameters parameters;
    private final CommitNews news = new CommitNews();
    private final SnapshotDirectory snapshots;
    private final TermFile termFile;
    private final EntryApplier applier;
    private final Executor metaThread;
    private volatile RaftServer server;
    /** Of the newest server that was started; knows on after its end. */
    private volatile RaftServer.@Nullable Division newest;

    private volatile boolean closed;
    /** A server was started, and nobody has begun to close it. */
    private volatile boolean running;

    private @Nullable RaftClient remoteLeader;
    private boolean remoteLeaderOutdated;
    /** Owned by the meta thread. */
    private boolean failed;
    /** Owned by the meta thread. */
    private int termBehindChecks;

    private final ClientId clientId = ClientId.randomId();
    private long callId;

    static {
        keepRatisFromExiting();
    }

    /**
     * Does nothing yet, so that whoever made it can be found when the first entry comes.
     *
     * @param follows this node has no vote until the log says otherwise
     * @param tls null: whoever reaches the port is a member
     */
    public RaftLogService(
            RaftSettings settings,
            RaftLayout layout,
            boolean follows,
            SnapshotDirectory snapshots,
            EntryApplier applier,
            Executor metaThread,
            @Nullable RaftTls tls)
            throws IOException {
        this.settings = settings;
        this.layout = layout;
        this.snapshots = snapshots;
        this.termFile = new TermFile(layout, snapshots);
        this.applier = applier;
        this.metaThread = metaThread;
        this.group = RaftGroup.valueOf(layout.groupId, peers(settings, follows));
        this.properties = RatisProperties.of(settings);
        this.parameters = tls == null ? new Parameters() : tls.parameters();
        PromptRpc.use(properties, parameters, news);
        this.server = newServer();
    }

    /** What is known before the log says who they are. Addresses that are given here hold, whatever the log says. */
    private static List<RaftPeer> peers(RaftSettings settings, boolean follows) {
        List<RaftPeer> peers = new ArrayList<>();
        for (Voter voter : settings.voters()) {
            if (voter.id() != settings.nodeId() || !follows) {
                peers.add(Peers.voter(voter));
            }
        }
        if (follows || !settings.isFounder()) {
            peers.add(Peers.observer(settings.self()));
        }
        return peers;
    }

    private RaftServer newServer() throws IOException {
        termFile.mend(newest);
        return RaftServer.newBuilder()
                .setServerId(Peers.idOf(settings.nodeId()))
                .setGroup(group)
                .setOption(RaftStorage.StartupOption.RECOVER)
                .setProperties(properties)
                .setParameters(parameters)
                .setThreadGroup(new ThreadGroup("meta-raft-" + settings.nodeId()))
                .setStateMachine(new RatisStateMachine(
                        applier, metaThread, snapshots, news, this::membersChanged, this::logFailed))
                .build();
    }

    /** Listens and takes part in elections when this returns; committed entries may come before. */
    public void start() throws IOException {
        try {
            server.start();
            started();
        } catch (ExitUtils.ExitException | CompletionException e) {
            server.close();
            throw new IOException("cannot start the meta log on " + settings.bind() + ":" + settings.port(), e);
        }
    }

    private void started() throws IOException {
        newest = division();
        running = true;
    }

    /** The port it listens on. */
    public int port() {
        return server.getServerRpc().getInetSocketAddress().getPort();
    }

    /** Who votes and who follows, as this node knows it. */
    public QuorumImage quorum() {
        try {
            return Peers.quorum(division());
        } catch (IOException | RuntimeException e) {
            log.debug("the members of the log are not known now", e);
            return QuorumImage.EMPTY;
        }
    }

    /**
     * Appends the entry at the leader, wherever it is. Completes, in any thread, when the leader has applied it. Called in
     * the meta thread, one entry at a time. Takes the array.
     */
    public CompletableFuture<Appended> append(byte[] entry) {
        Message message = Message.valueOf(UnsafeByteOperations.unsafeWrap(entry));
        try {
            RaftServer.Division division = division();
            CompletableFuture<RaftClientReply> reply = division.getInfo().isLeader()
                    ? appendHere(division, message)
                    : remoteLeader(division).async().send(message);
            return reply.thenApply(RaftLogService::outcome);
        } catch (IOException | RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private RaftServer.Division division() throws IOException {
        return server.getDivision(group.getGroupId());
    }

    /** The division takes the request in this thread; the server in front of it would hop to a pool. */
    private CompletableFuture<RaftClientReply> appendHere(RaftServer.Division division, Message message)
            throws IOException {
        RaftClientRequest request = RaftClientRequest.newBuilder()
                .setClientId(clientId)
                .setServerId(server.getId())
                .setGroupId(group.getGroupId())
                .setCallId(++callId)
                .setMessage(message)
                .setType(RaftClientRequest.writeRequestType())
                .build();
        return ((RaftClientAsynchronousProtocol) division).submitClientRequestAsync(request);
    }

    /** Only a node that does not lead but has something to say needs one. Nothing is under way by the one before. */
    private RaftClient remoteLeader(RaftServer.Division division) {
        RaftClient client = remoteLeader;
        if (client == null || remoteLeaderOutdated) {
            remoteLeaderOutdated = false;
            closeLater(client);
            client = RaftClient.newBuilder()
                    .setProperties(properties)
                    .setParameters(parameters)
                    .setRaftGroup(RaftGroup.valueOf(
                            group.getGroupId(), division.getRaftConf().getCurrentPeers()))
                    .setRetryPolicy(RetryPolicies.retryUpToMaximumCountWithFixedSleep(
                            (int) Math.max(1, settings.requestTimeoutMs() / REMOTE_PAUSE_MS),
                            TimeDuration.valueOf(REMOTE_PAUSE_MS, TimeUnit.MILLISECONDS)))
                    .build();
            remoteLeader = client;
        }
        return client;
    }

    /** Called in the meta thread. Who leads is to be looked for among the new members. */
    private void membersChanged() {
        remoteLeaderOutdated = true;
        QuorumImage quorum = quorum();
        log.info(
                "meta voters={} observers={}",
                quorum.voters().keySet(),
                quorum.observers().keySet());
        if (quorum.observers().containsKey(settings.nodeId()) && mayStillVote()) {
            inThread(this::startAgain);
        }
    }

    private void closeLater(@Nullable RaftClient former) {
        if (former != null) {
            inThread(() -> {
                try {
                    former.close();
                } catch (IOException e) {
                    log.debug("a client of the log was not closed", e);
                }
            });
        }
    }

    /** What takes a while and waits for the meta thread. */
    private void inThread(Runnable task) {
        Thread thread = new Thread(task, "meta-members-" + settings.nodeId());
        thread.setDaemon(true);
        thread.start();
    }

    private boolean mayStillVote() {
        try {
            return !division().getInfo().isListener();
        } catch (IOException e) {
            log.debug("this node's part in the log is not known now", e);
            return false;
        }
    }

    /** Ratis makes a voter of a follower at once, but not the other way: that takes a new start. */
    private synchronized void startAgain() {
        if (closed || !mayStillVote()) {
            return;
        }
        try {
            log.info("node={} has no vote any more and follows", settings.nodeId());
            running = false;
            server.close();
            server = newServer();
            server.start();
            started();
        } catch (IOException | RuntimeException e) {
            metaThread.execute(() -> logFailed(e));
        }
    }

    /** Whether this node leads, as far as Ratis knows. */
    public boolean leads() {
        try {
            return running && division().getInfo().isLeader();
        } catch (IOException e) {
            log.debug("this node's part in the log is not known now", e);
            return false;
        }
    }

    /** Takes part in nothing from now on: others elect a leader among them. Does not wait for it. */
    public void end() {
        running = false;
        inThread(() -> {
            try {
                close();
            } catch (IOException e) {
                log.error("the meta log cannot be closed; restart this node", e);
            }
        });
    }

    /** Called in the meta thread, now and then: Ratis does not tell of all that ends it, nor that nobody leads. */
    public void check() {
        if (!running) {
            return;
        }
        if (!isAlive()) {
            logFailed(new IOException("the log has ended by itself"));
            return;
        }
        if (hasNoLeader()) {
            applier.leaderChanged(EntryApplier.NOBODY);
        }
        termBehindChecks = isTermBehind() ? termBehindChecks + 1 : 0;
        if (termBehindChecks >= TERM_BEHIND_CHECKS_MAX) {
            termBehindChecks = 0;
            logFailed(new IOException("the term could not be written"));
        }
    }

    /** As for a leader that has lost its followers, and for who waits to be elected. */
    private boolean hasNoLeader() {
        try {
            return division().getInfo().getLeaderId() == null;
        } catch (IOException e) {
            log.debug("the leader of the log is not known", e);
            return true;
        }
    }

    /** May be for a moment, while it is written. */
    private boolean isTermBehind() {
        try {
            return termFile.isBehind(division());
        } catch (IOException e) {
            log.debug("the term of the log is not known", e);
            return true;
        }
    }

    private boolean isAlive() {
        try {
            return division().getInfo().isAlive();
        } catch (IOException e) {
            log.debug("the log is not there", e);
            return false;
        }
    }

    /** Called in the meta thread. What Ratis has in memory is not what it has on disk: it begins anew from there. */
    void logFailed(Throwable cause) {
        if (!failed) {
            failed = true;
            applier.logFailed(cause);
            inThread(this::startUntilItCanBeWritten);
        }
    }

    private synchronized void startUntilItCanBeWritten() {
        running = false;
        closeQuietly(server);
        try {
            for (long pauseMs = FAILED_PAUSE_MS; !closed; pauseMs = Math.min(2 * pauseMs, FAILED_PAUSE_MS_MAX)) {
                wait(pauseMs);
                if (!closed && mayStart() && reopens() && starts()) {
                    return;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Whether the log is where it was, as Ratis would begin another, and there is room for two of its segments, which it allocates whole. */
    private boolean mayStart() {
        try {
            return Files.isDirectory(layout.log())
                    && Files.getFileStore(layout.log()).getUsableSpace() > 2L * settings.segmentBytes();
        } catch (IOException e) {
            log.debug("whether there is room for the log is not known", e);
            return false;
        }
    }

    private boolean reopens() {
        CompletableFuture<Boolean> reopened = new CompletableFuture<>();
        metaThread.execute(() -> {
            try {
                applier.reopen();
                reopened.complete(true);
            } catch (IOException | RuntimeException | Error e) {
                log.warn("the metadata cannot be kept yet: {}", String.valueOf(e));
                reopened.complete(false);
            }
        });
        return reopened.join();
    }

    private boolean starts() {
        // Before the server says anything: what it says counts.
        metaThread.execute(() -> {
            failed = false;
            applier.logStarted();
        });
        RaftServer next = null;
        try {
            next = newServer();
            next.start();
            server = next;
            started();
            return true;
        } catch (IOException | RuntimeException e) {
            closeQuietly(next);
            metaThread.execute(() -> {
                failed = true;
                applier.logFailed(e);
            });
            return false;
        }
    }

    private static void closeQuietly(@Nullable RaftServer former) {
        if (former != null) {
            try {
                former.close();
            } catch (IOException | RuntimeException e) {
                log.warn("a server of the log was not closed as it should be", e);
            }
        }
    }

    @Override
    public void close() throws IOException {
        closed = true;
        synchronized (this) {
            notifyAll();
            closeNow();
        }
    }

    private void closeNow() throws IOException {
        running = false;
        RaftClient client = remoteLeader;
        if (client != null) {
            client.close();
        }
        server.close();
    }

    private static Appended outcome(RaftClientReply reply) {
        if (!reply.isSuccess()) {
            throw new BrokerException(BrokerError.NOT_META_LEADER, String.valueOf(reply.getException()));
        }
        boolean applied = reply.getMessage().getContent().equals(RatisStateMachine.APPLIED.getContent());
        return new Appended(reply.getLogIndex(), applied);
    }

    /**
     * When its class loads, Ratis makes itself the handler of every thread's uncaught exception, and ends the process
     * then. Whether the process ends is not a library's to say.
     */
    private static void keepRatisFromExiting() {
        Thread.UncaughtExceptionHandler before = Thread.getDefaultUncaughtExceptionHandler();
        ExitUtils.disableSystemExit();
        ExitUtils.setTerminateOnUncaughtException(false);
        Thread.setDefaultUncaughtExceptionHandler(before);
    }
}
