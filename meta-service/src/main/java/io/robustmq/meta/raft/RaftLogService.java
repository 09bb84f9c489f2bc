package io.robustmq.meta.raft;

import io.robustmq.core.error.BrokerError;
import io.robustmq.core.error.BrokerException;
import java.io.IOException;
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
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.retry.RetryPolicies;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.thirdparty.com.google.protobuf.UnsafeByteOperations;
import org.apache.ratis.util.ExitUtils;
import org.apache.ratis.util.TimeDuration;
import org.jspecify.annotations.Nullable;

/** The replicated log: this node's Ratis server. Thread-safe but for {@link #append}. */
public final class RaftLogService implements AutoCloseable {
    /** Bytes of the largest entry: what Ratis takes, less what it puts around. */
    public static final int ENTRY_BYTES_MAX = RaftSettings.ENTRY_BYTES_MAX - (8 << 10);

    private static final int REMOTE_ATTEMPTS = 20;
    private static final int REMOTE_PAUSE_MS = 200;

    private final String listenAddress;
    private final RaftServer server;
    private final RaftGroup group;
    private final RaftProperties properties;
    private final Parameters parameters;
    private @Nullable RaftClient remoteLeader;
    private final ClientId clientId = ClientId.randomId();
    private long callId;

    static {
        keepRatisFromExiting();
    }

    /**
     * Does nothing yet, so that whoever made it can be found when the first entry comes.
     *
     * @param tls null: whoever reaches the port is a voter
     */
    public RaftLogService(
            RaftSettings settings,
            SnapshotDirectory snapshots,
            EntryApplier applier,
            Executor metaThread,
            @Nullable RaftTls tls)
            throws IOException {
        List<RaftPeer> peers = new ArrayList<>();
        for (Voter voter : settings.voters()) {
            peers.add(RaftPeer.newBuilder()
                    .setId(peerOf(voter.id()))
                    .setAddress(voter.address())
                    .build());
        }
        this.listenAddress = settings.bind() + ":" + settings.port();
        this.group = RaftGroup.valueOf(settings.layout().groupId, peers);
        this.properties = RatisProperties.of(settings);
        this.parameters = tls == null ? new Parameters() : tls.parameters();
        this.server = RaftServer.newBuilder()
                .setServerId(peerOf(settings.nodeId()))
                .setGroup(group)
                .setOption(RaftStorage.StartupOption.RECOVER)
                .setProperties(properties)
                .setParameters(parameters)
                .setThreadGroup(new ThreadGroup("meta-raft-" + settings.nodeId()))
                .setStateMachine(new RatisStateMachine(applier, metaThread, snapshots))
                .build();
    }

    /** Listens and takes part in elections when this returns; committed entries may come before. */
    public void start() throws IOException {
        try {
            server.start();
        } catch (ExitUtils.ExitException | CompletionException e) {
            server.close();
            throw new IOException("cannot start the meta log on " + listenAddress, e);
        }
    }

    /** The port it listens on. */
    public int port() {
        return server.getServerRpc().getInetSocketAddress().getPort();
    }

    /**
     * Appends the entry at the leader, wherever it is. Completes, in any thread, when the leader has applied it. Called in
     * the meta thread, one entry at a time. Takes the array.
     */
    public CompletableFuture<Appended> append(byte[] entry) {
        Message message = Message.valueOf(UnsafeByteOperations.unsafeWrap(entry));
        try {
            RaftServer.Division division = server.getDivision(group.getGroupId());
            CompletableFuture<RaftClientReply> reply = division.getInfo().isLeader()
                    ? appendHere(division, message)
                    : remoteLeader().async().send(message);
            return reply.thenApply(RaftLogService::outcome);
        } catch (IOException | RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
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

    /** Only a node that does not lead but has something to say needs one. */
    private RaftClient remoteLeader() {
        RaftClient client = remoteLeader;
        if (client == null) {
            client = RaftClient.newBuilder()
                    .setProperties(properties)
                    .setParameters(parameters)
                    .setRaftGroup(group)
                    .setRetryPolicy(RetryPolicies.retryUpToMaximumCountWithFixedSleep(
                            REMOTE_ATTEMPTS, TimeDuration.valueOf(REMOTE_PAUSE_MS, TimeUnit.MILLISECONDS)))
                    .build();
            remoteLeader = client;
        }
        return client;
    }

    @Override
    public void close() throws IOException {
        RaftClient client = remoteLeader;
        if (client != null) {
            client.close();
        }
        server.close();
    }

    static int nodeOf(RaftPeerId peer) {
        return Integer.parseInt(peer.toString());
    }

    private static RaftPeerId peerOf(int nodeId) {
        return RaftPeerId.valueOf(Integer.toString(nodeId));
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
