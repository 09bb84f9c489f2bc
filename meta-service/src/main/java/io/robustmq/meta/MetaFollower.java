package io.robustmq.meta;

import io.micrometer.core.instrument.MeterRegistry;
import io.netty.buffer.ByteBuf;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.error.BrokerException;
import io.robustmq.core.loop.Cancellable;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.meta.MetaCommand;
import io.robustmq.core.meta.MetaDelta;
import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.meta.MetaListener;
import io.robustmq.core.meta.MetaReply;
import io.robustmq.core.meta.QuorumChange;
import io.robustmq.core.meta.QuorumImage;
import io.robustmq.core.port.MetaLog;
import io.robustmq.core.port.MetaQuorum;
import io.robustmq.core.port.NodeLink;
import io.robustmq.meta.fact.MetaEntry;
import io.robustmq.meta.fact.MetaEntryCodec;
import io.robustmq.meta.fact.MetaFact;
import io.robustmq.meta.machine.MetaMachine;
import io.robustmq.meta.machine.MetaState;
import io.robustmq.meta.raft.Appended;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The metadata at a node that has no vote: its image is that of one of the voters, which tells it each change; what it decides
 * goes to a voter to be logged, and counts only if nothing was changed meanwhile, as a voter's own. Keeps nothing on disk.
 * Thread-safe; what it drives lives in the meta thread, in which listeners are called and futures completed.
 */
public final class MetaFollower implements MetaLog, MetaQuorum, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(MetaFollower.class);
    private static final long AGAIN_MS = 100;
    private static final long WATCH_MS_MAX = MetaFeed.WAIT_MS_MAX + 2_000;
    /** A change of the voters waits for nodes to catch up. */
    private static final long CHANGE_MS_MAX = 120_000;

    private static final MetaReply UNREACHABLE =
            new MetaReply.Refused(BrokerError.REQUEST_TIMED_OUT, "no node that votes on the metadata has answered");

    private final MetaConfig config;
    private final List<Integer> voters;
    private final MetaMetrics metrics;
    private final ImageBoard board;
    private final ScheduledThreadPoolExecutor metaThread;
    private final DecisionQueue decisions;
    private final NavigableMap<Long, CompletableFuture<Void>> waiting = new TreeMap<>();
    private final Submissions submissions;
    private final CompletableFuture<Void> ready = new CompletableFuture<>();
    private @Nullable NodeLink link;
    private @Nullable Loop loop;
    private int voter;
    private volatile QuorumImage quorum = QuorumImage.EMPTY;
    private volatile boolean closed;

    /** @param voters to ask, one after the other until one answers; at least one */
    public MetaFollower(MetaConfig config, int nodeId, List<Integer> voters, Supplier<UUID> ids, MeterRegistry meters) {
        this.config = config;
        this.voters = List.copyOf(voters);
        this.metrics = new MetaMetrics(meters);
        this.board = new ImageBoard(metrics);
        this.metaThread = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(task, "meta-" + nodeId);
            thread.setDaemon(true);
            return thread;
        });
        metaThread.setRemoveOnCancelPolicy(true);
        metaThread.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        this.decisions = new DecisionQueue(
                () -> new MetaMachine(board.image(), config.topicDefaults(), config.configScopesMax()), this::log);
        this.submissions = new Submissions(config, ids, metrics, metaThread, decisions);
        metrics.gauge("robustmq.meta.index", "Log index of the image", () -> image().index());
        metrics.gauge("robustmq.meta.leader", "1 where this node leads the meta service", () -> 0);
        metrics.gauge("robustmq.meta.topics", "Topics", () -> image().topics().size());
    }

    /** Begins to follow. {@code answers} is where the link's answers come. */
    public void start(NodeLink to, Loop answers) {
        metaThread.execute(() -> {
            link = to;
            loop = answers;
            watch();
        });
    }

    /** Completes, in the meta thread, when the image is a cluster's that has a leader. */
    public CompletableFuture<Void> whenReady() {
        return ready.copy();
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
        if (closed) {
            return CompletableFuture.failedFuture(new BrokerException(BrokerError.NOT_META_LEADER));
        }
        return submissions.submit(command);
    }

    private void watch() {
        NodeLink to = link;
        Loop answers = loop;
        if (closed || to == null || answers == null) {
            return;
        }
        int asked = voters.get(voter);
        MetaImage known = image();
        FeedCodec.Watch watch = new FeedCodec.Watch(known.index(), known.leaderNode());
        to.ask(asked, NodeLink.Call.META, FeedCodec.encode(watch), WATCH_MS_MAX, answers, answer -> {
            FeedCodec.News news = answer == null ? null : news(asked, answer);
            if (!closed) {
                metaThread.execute(() -> told(asked, news));
            }
        });
    }

    /** Null for what cannot be read. */
    private static FeedCodec.@Nullable News news(int asked, ByteBuf answer) {
        try {
            return FeedCodec.readNews(answer);
        } catch (RuntimeException | Error e) {
            log.error("what voter={} tells cannot be read", asked, e);
            return null;
        }
    }

    private void told(int asked, FeedCodec.@Nullable News news) {
        if (closed) {
            return;
        }
        // A voter that is behind the one before it tells nothing new.
        if (news == null || (news.index() < image().index())) {
            log.info("voter={} action=ask another reason=\"{}\"", asked, news == null ? "no answer" : "is behind");
            voter = (voter + 1) % voters.size();
            var unused = metaThread.schedule(this::watch, AGAIN_MS, TimeUnit.MILLISECONDS);
            return;
        }
        try {
            take(news);
        } catch (RuntimeException | Error e) {
            log.error(
                    "index={} what voter={} tells cannot be applied; the image is asked for anew",
                    image().index(),
                    asked,
                    e);
            board.publish(MetaDelta.NOTHING, MetaImage.EMPTY);
        }
        if (news.leaderNode() < 0) {
            // It may be cut off from those that have one.
            voter = (voter + 1) % voters.size();
        }
        watch();
    }

    /** As the voter that this node follows knows it. */
    @Override
    public QuorumImage quorum() {
        return quorum;
    }

    @Override
    public CompletableFuture<MetaReply> change(QuorumChange change) {
        return asked(FeedCodec.encode(change));
    }

    @Override
    public CompletableFuture<MetaReply> removeNode(int node, boolean force) {
        return asked(FeedCodec.encode(new FeedCodec.Removal(node, force)));
    }

    private CompletableFuture<MetaReply> asked(ByteBuf question) {
        CompletableFuture<MetaReply> outcome = new CompletableFuture<>();
        if (closed) {
            question.release();
            outcome.complete(UNREACHABLE);
        } else {
            metaThread.execute(() -> ask(question, outcome));
        }
        return outcome;
    }

    private void ask(ByteBuf question, CompletableFuture<MetaReply> outcome) {
        NodeLink to = link;
        Loop answers = loop;
        if (to == null || answers == null) {
            question.release();
            outcome.complete(UNREACHABLE);
            return;
        }
        to.ask(voters.get(voter), NodeLink.Call.META, question, CHANGE_MS_MAX, answers, answer -> {
            try {
                outcome.complete(answer == null ? UNREACHABLE : FeedCodec.readReply(answer));
            } catch (RuntimeException | Error e) {
                outcome.completeExceptionally(e);
            }
        });
    }

    private void take(FeedCodec.News news) {
        quorum = news.quorum();
        MetaImage before = image();
        if (news.whole()) {
            MetaState state = new MetaState(MetaImage.EMPTY);
            news.entries()
                    .forEach(each -> MetaEntryCodec.decode(each.entry()).facts().forEach(state::apply));
            publish(before, state.toImage(news.index(), news.leaderNode()));
            return;
        }
        for (RecentEntries.Recent each : news.entries()) {
            MetaState state = new MetaState(image());
            MetaEntryCodec.decode(each.entry()).facts().forEach(state::apply);
            board.publish(state.delta(), state.toImage(each.index(), news.leaderNode()));
        }
        if (image().leaderNode() != news.leaderNode()) {
            board.publish(MetaDelta.NOTHING, image().withLeader(news.leaderNode()));
        }
        changed();
    }

    private void publish(MetaImage before, MetaImage image) {
        board.publish(ImageBoard.everything(before, image), image);
        changed();
    }

    private void changed() {
        MetaImage image = image();
        NavigableMap<Long, CompletableFuture<Void>> reached = waiting.headMap(image.index(), true);
        List<CompletableFuture<Void>> woken = List.copyOf(reached.values());
        reached.clear();
        woken.forEach(waiter -> waiter.complete(null));
        boolean led = !image.clusterId().isEmpty() && image.leaderNode() >= 0;
        decisions.open(led);
        if (led) {
            ready.complete(null);
        }
    }

    /** What was decided on a state that is gone is decided again when the newer one is here. */
    private CompletableFuture<Boolean> log(List<MetaFact> facts) {
        NodeLink to = link;
        Loop answers = loop;
        if (closed || to == null || answers == null) {
            return CompletableFuture.failedFuture(new BrokerException(BrokerError.NOT_META_LEADER));
        }
        long base = image().index();
        byte[] entry = MetaEntryCodec.encode(new MetaEntry(base, facts));
        CompletableFuture<Appended> logged = new CompletableFuture<>();
        to.ask(
                voters.get(voter),
                NodeLink.Call.META,
                FeedCodec.encode(entry),
                config.requestTimeoutMs(),
                answers,
                answer -> {
                    try {
                        if (answer == null) {
                            throw new BrokerException(BrokerError.REQUEST_TIMED_OUT);
                        }
                        logged.complete(FeedCodec.readAppended(answer));
                    } catch (RuntimeException | Error e) {
                        logged.completeExceptionally(e);
                    }
                });
        return logged.thenComposeAsync(
                        appended -> whenAt(appended.applied() ? appended.index() : base + 1)
                                .thenApply(nothing -> appended.applied()),
                        metaThread)
                .whenCompleteAsync((applied, failure) -> {}, metaThread);
    }

    private CompletableFuture<Void> whenAt(long index) {
        return index <= image().index()
                ? CompletableFuture.completedFuture(null)
                : waiting.computeIfAbsent(index, unused -> new CompletableFuture<>());
    }

    @Override
    public void close() {
        closed = true;
        BrokerException stopping = new BrokerException(BrokerError.NOT_META_LEADER, "this node is stopping");
        ready.completeExceptionally(stopping);
        metaThread.execute(() -> {
            decisions.refuseAll(stopping);
            waiting.values().forEach(waiter -> waiter.completeExceptionally(stopping));
        });
        metaThread.shutdown();
    }
}
