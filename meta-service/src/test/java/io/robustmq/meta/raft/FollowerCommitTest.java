package io.robustmq.meta.raft;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.proto.RaftProtos.AppendEntriesReplyProto;
import org.apache.ratis.proto.RaftProtos.AppendEntriesRequestProto;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.proto.RaftProtos.RaftRpcRequestProto;
import org.apache.ratis.proto.RaftProtos.StateMachineLogEntryProto;
import org.apache.ratis.proto.RaftProtos.TermIndexProto;
import org.apache.ratis.protocol.ClientId;
import org.apache.ratis.protocol.RaftGroup;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.protocol.RaftServerAsynchronousProtocol;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.apache.ratis.util.ProtoUtils;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a follower takes for committed: the log of the leader that says so, not what it has itself at these places. Ratis' server is spoken to as its
 * leaders do, from one thread.
 */
class FollowerCommitTest extends IdleApplier {
    private static final int ROUNDS = 200;
    private static final int SELF = 3;
    private static final ByteString CLIENT = ClientId.randomId().toByteString();

    @TempDir
    Path directory;

    private final ExecutorService metaThread = Executors.newSingleThreadExecutor();
    private final List<String> applied = new ArrayList<>();
    private RaftLayout layout;
    private RaftServer server;
    private long calls;

    @AfterEach
    void stop() throws IOException {
        server.close();
        metaThread.shutdownNow();
    }

    /**
     * A leader was cut off with an entry that nobody else has. The next one sends it what it has in that place, and a heartbeat right behind, as it does
     * when an answer took too long.
     */
    @Test
    void anEntryThatOnlyADeposedLeaderHasIsNotCommittedByAHeartbeatOfTheNext() throws Exception {
        start();
        List<String> expected = new ArrayList<>();
        TermIndexProto before = null;
        for (int index = 0; index < ROUNDS; index++) {
            long term = 2L * index + 1;
            LogEntryProto lost = entry(term, index, "lost");
            LogEntryProto kept = entry(term + 1, index, "kept");
            says(1, term, before, index - 1, List.of(lost)).get(30, TimeUnit.SECONDS);
            var sent = says(2, term + 1, before, index, List.of(kept));
            before = at(kept);
            var heartbeat = says(2, term + 1, before, index, List.of());
            sent.get(30, TimeUnit.SECONDS);
            heartbeat.get(30, TimeUnit.SECONDS);
            expected.add("kept " + index);
        }
        awaitApplied();
        assertThat(applied).isEqualTo(expected);
    }

    private void start() throws IOException {
        List<Voter> voters =
                List.of(new Voter(1, "127.0.0.1", 1), new Voter(2, "127.0.0.1", 1), new Voter(SELF, "127.0.0.1", 0));
        // Nobody stands for election meanwhile.
        int electionTimeoutMs = 600_000;
        RaftSettings settings = new RaftSettings(
                directory.resolve("raft"),
                SELF,
                voters,
                "127.0.0.1",
                "127.0.0.1",
                0,
                1000,
                1 << 16,
                electionTimeoutMs,
                5_000);
        layout = RaftLayout.founding(settings.directory(), voters);
        server = RaftServer.newBuilder()
                .setServerId(Peers.idOf(SELF))
                .setGroup(RaftGroup.valueOf(
                        layout.groupId, voters.stream().map(Peers::voter).toList()))
                .setOption(RaftStorage.StartupOption.RECOVER)
                .setProperties(RatisProperties.of(settings))
                .setStateMachine(new RatisStateMachine(
                        this, metaThread, SnapshotDirectory.of(layout), new CommitNews(), () -> {}, cause -> {}))
                .build();
        server.start();
    }

    private CompletableFuture<AppendEntriesReplyProto> says(
            int leader, long term, TermIndexProto previous, long committed, List<LogEntryProto> entries)
            throws IOException {
        var request = AppendEntriesRequestProto.newBuilder()
                .setServerRequest(RaftRpcRequestProto.newBuilder()
                        .setRequestorId(Peers.idOf(leader).toByteString())
                        .setReplyId(Peers.idOf(SELF).toByteString())
                        .setRaftGroupId(ProtoUtils.toRaftGroupIdProtoBuilder(layout.groupId))
                        .setCallId(++calls))
                .setLeaderTerm(term)
                .setLeaderCommit(committed)
                .addAllEntries(entries);
        if (previous != null) {
            request.setPreviousLog(previous);
        }
        return ((RaftServerAsynchronousProtocol) server).appendEntriesAsync(request.build());
    }

    private LogEntryProto entry(long term, long index, String text) {
        return LogEntryProto.newBuilder()
                .setTerm(term)
                .setIndex(index)
                .setStateMachineLogEntry(StateMachineLogEntryProto.newBuilder()
                        .setClientId(CLIENT)
                        .setCallId(++calls)
                        .setLogData(ByteString.copyFromUtf8(text)))
                .build();
    }

    private static TermIndexProto at(LogEntryProto entry) {
        return TermIndexProto.newBuilder()
                .setTerm(entry.getTerm())
                .setIndex(entry.getIndex())
                .build();
    }

    private void awaitApplied() throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (metaThread.submit(applied::size).get() < ROUNDS && System.nanoTime() < deadline) {
            Thread.onSpinWait();
        }
    }

    @Override
    public boolean apply(long term, long index, byte[] entry) {
        applied.add(new String(entry, StandardCharsets.UTF_8) + " " + index);
        return true;
    }
}
