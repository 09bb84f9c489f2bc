package io.robustmq.meta.raft;

import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.proto.RaftProtos.RaftConfigurationProto;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftGroupMemberId;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.statemachine.SnapshotInfo;
import org.apache.ratis.statemachine.StateMachineStorage;
import org.apache.ratis.statemachine.TransactionContext;
import org.apache.ratis.statemachine.impl.BaseStateMachine;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.apache.ratis.util.LifeCycle;

/** Brings what Ratis' threads tell to the meta thread, in order. Thread-safe; its own state changes in the meta thread. */
final class RatisStateMachine extends BaseStateMachine {
    static final Message APPLIED = Message.valueOf(ByteString.copyFrom(new byte[] {1}));
    static final Message STALE = Message.valueOf(ByteString.copyFrom(new byte[] {0}));

    private final EntryApplier applier;
    private final Executor metaThread;
    private final SnapshotDirectory snapshots;
    private final CommitNews news;
    private final Runnable membersChanged;
    private final Consumer<Throwable> logFailed;

    /**
     * @param membersChanged called in the meta thread
     * @param logFailed called in the meta thread, perhaps for each entry that could not be written
     */
    RatisStateMachine(
            EntryApplier applier,
            Executor metaThread,
            SnapshotDirectory snapshots,
            CommitNews news,
            Runnable membersChanged,
            Consumer<Throwable> logFailed) {
        this.logFailed = logFailed;
        this.news = news;
        this.applier = applier;
        this.metaThread = metaThread;
        this.snapshots = snapshots;
        this.membersChanged = membersChanged;
    }

    @Override
    public void initialize(RaftServer server, RaftGroupId group, RaftStorage storage) throws IOException {
        super.initialize(server, group, storage);
        getLifeCycle()
                .startAndTransition(
                        () -> {
                            snapshots.init(storage);
                            snapshots.refresh();
                            if (snapshots.getLatestSnapshot() != null) {
                                setLastAppliedTermIndex(
                                        snapshots.getLatestSnapshot().getTermIndex());
                            }
                        },
                        IOException.class);
    }

    @Override
    public StateMachineStorage getStateMachineStorage() {
        return snapshots;
    }

    @Override
    public CompletableFuture<Message> applyTransaction(TransactionContext transaction) {
        news.moreIsCommitted();
        LogEntryProto entry = transaction.getLogEntry();
        long term = entry.getTerm();
        long index = entry.getIndex();
        byte[] bytes = entry.getStateMachineLogEntry().getLogData().toByteArray();
        return inMetaThread(() -> {
            boolean applied = apply(term, index, bytes);
            updateLastAppliedTermIndex(term, index);
            return applied ? APPLIED : STALE;
        });
    }

    private boolean apply(long term, long index, byte[] bytes) throws IOException {
        try {
            return applier.apply(term, index, bytes);
        } catch (UnwritableException e) {
            logFailed.accept(e);
            throw e;
        }
    }

    @Override
    public void notifyTermIndexUpdated(long term, long index) {
        var unused = inMetaThread(() -> {
            applier.skip(term, index);
            updateLastAppliedTermIndex(term, index);
            return true;
        });
    }

    @Override
    public void notifyConfigurationChanged(long term, long index, RaftConfigurationProto members) {
        metaThread.execute(membersChanged);
    }

    /** Who asks is looking for its cluster. */
    @Override
    public CompletableFuture<Message> queryStale(Message request, long minIndex) {
        return inMetaThread(() -> Message.valueOf(applier.roster()));
    }

    @Override
    public void notifyLeaderChanged(RaftGroupMemberId member, RaftPeerId leader) {
        int node = Peers.nodeOf(leader);
        metaThread.execute(() -> applier.leaderChanged(node));
    }

    @Override
    public void notifyLeaderReady() {
        metaThread.execute(applier::leaderReady);
    }

    @Override
    public void notifyLogFailed(Throwable cause, LogEntryProto entry) {
        metaThread.execute(() -> logFailed.accept(cause));
    }

    /** Called by Ratis when everything given to {@link #applyTransaction} is applied, so that nothing moves meanwhile. */
    @Override
    public long takeSnapshot() throws IOException {
        return await("snapshot", inMetaThread(this::snapshotNow));
    }

    @Override
    public void close() {
        getLifeCycle().checkStateAndClose();
    }

    @Override
    public void pause() {
        getLifeCycle().transition(LifeCycle.State.PAUSING);
        getLifeCycle().transition(LifeCycle.State.PAUSED);
    }

    /** A snapshot has arrived from the leader, and takes the place of the state and of the entries before it. */
    @Override
    public void reinitialize() throws IOException {
        getLifeCycle().transition(LifeCycle.State.STARTING);
        snapshots.refresh();
        await("restore", inMetaThread(() -> {
            SnapshotInfo arrived = snapshots.getLatestSnapshot();
            if (arrived == null) {
                throw new IOException("the snapshot that the leader sent is not there");
            }
            applier.restore(snapshots.pathOf(arrived.getTermIndex()));
            setLastAppliedTermIndex(arrived.getTermIndex());
            return true;
        }));
        getLifeCycle().transition(LifeCycle.State.RUNNING);
    }

    private static <T> T await(String what, CompletableFuture<T> done) throws IOException {
        try {
            return done.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted at " + what, e);
        } catch (ExecutionException e) {
            throw new IOException("no " + what, e.getCause());
        }
    }

    private long snapshotNow() throws IOException {
        TermIndex at = getLastAppliedTermIndex();
        applier.snapshot(snapshots.pathOf(at));
        snapshots.refresh();
        return at.getIndex();
    }

    private <T> CompletableFuture<T> inMetaThread(Callable<T> task) {
        CompletableFuture<T> done = new CompletableFuture<>();
        metaThread.execute(() -> {
            try {
                done.complete(task.call());
            } catch (Exception | Error e) {
                done.completeExceptionally(e);
            }
        });
        return done;
    }
}
