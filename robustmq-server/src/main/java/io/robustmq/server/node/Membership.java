package io.robustmq.server.node;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.loop.Cancellable;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.meta.MetaCommand.FenceNode;
import io.robustmq.core.meta.MetaCommand.HandOver;
import io.robustmq.core.meta.MetaCommand.RegisterNode;
import io.robustmq.core.meta.MetaDelta;
import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.meta.MetaListener;
import io.robustmq.core.meta.MetaReply;
import io.robustmq.core.meta.NodeImage;
import io.robustmq.core.port.MetaLog;
import io.robustmq.core.port.NodeLink;
import io.robustmq.meta.MetaService;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This node's place in its cluster: registers it, lets the meta leader hear of it, registers again when it was taken for
 * dead, and hands over what it leads when it stops. Timers run in one loop, the rest in the meta thread.
 */
final class Membership implements NodeLink.Service, MetaListener, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Membership.class);
    private static final int BODY_BYTES = 4 + 8;
    private static final long HANDED_OVER_MS_MAX = 5_000;
    /** Clients have found the new leaders after that. */
    private static final long APART_MS = 300;

    private static final long AGAIN_MS = 500;
    /** Also how soon a node that lost its connection has another one. */
    private static final long INTERVAL_MS_MAX = 250;

    private static final int NOBODY = -1;
    /** Only says that the connection is dead. */
    private static final long ANSWER_MS_MAX = 10_000;

    private static final long UNREGISTERED = -1;

    private final int nodeId;
    private final MetaLog meta;
    private final Sessions sessions;
    private final NodeLink link;
    private final Loop loop;
    private final long sessionTimeoutMs;
    private final long intervalMs;
    private final LongConsumer registered;
    private final LongConsumer leased;
    private final CompletableFuture<Void> first = new CompletableFuture<>();
    private volatile @Nullable RegisterNode registration;
    private volatile long incarnation = UNREGISTERED;
    private volatile boolean registering;
    private volatile boolean stopping;
    private Cancellable timer = Cancellable.NOTHING;
    private volatile int lastLeader = NOBODY;
    private long lastBeatNanos;

    /** Who lives, as the meta leader knows it. */
    interface Sessions {
        Sessions NONE = new Sessions() {
            @Override
            public void heard(int node, long incarnationEpoch) {}

            @Override
            public void lost(int node) {}
        };

        void heard(int node, long incarnationEpoch);

        void lost(int node);

        /** Whether this node hears of the metadata. */
        default boolean runs() {
            return true;
        }

        static Sessions of(MetaService meta) {
            return new Sessions() {
                @Override
                public void heard(int node, long incarnationEpoch) {
                    meta.heard(node, incarnationEpoch);
                }

                @Override
                public void lost(int node) {
                    meta.lost(node);
                }

                @Override
                public boolean runs() {
                    return meta.runs();
                }
            };
        }
    }

    /**
     * @param registered is told a new incarnation, in the meta thread
     * @param leased is told until when nobody takes this node for dead, by the loops' monotonic clock
     */
    Membership(
            int nodeId,
            MetaLog meta,
            Sessions sessions,
            NodeLink link,
            Loop loop,
            long sessionTimeoutMs,
            LongConsumer registered,
            LongConsumer leased) {
        this.nodeId = nodeId;
        this.meta = meta;
        this.sessions = sessions;
        this.link = link;
        this.loop = loop;
        this.sessionTimeoutMs = sessionTimeoutMs;
        this.intervalMs = Math.max(1, Math.min(sessionTimeoutMs / 5, INTERVAL_MS_MAX));
        this.registered = registered;
        this.leased = leased;
    }

    /** Completes when the cluster knows this node. */
    CompletableFuture<Void> register(RegisterNode command) {
        registration = command;
        meta.subscribe(this);
        submit(command);
        loop.execute(this::beat);
        return first;
    }

    private void submit(RegisterNode command) {
        if (registering || stopping) {
            return;
        }
        registering = true;
        // A process that goes on has lost nothing.
        RegisterNode present = incarnation == UNREGISTERED ? command : command.after(incarnation);
        CompletableFuture<?> unused = meta.submit(present).whenComplete((reply, failure) -> {
            if (reply instanceof MetaReply.Registered done) {
                log.info("node={} registered incarnation={}", nodeId, done.incarnationEpoch());
                incarnation = done.incarnationEpoch();
                registering = false;
                registered.accept(incarnation);
                first.complete(null);
            } else if (reply instanceof MetaReply.Refused refused
                    && refused.error() != BrokerError.OVERLOADED
                    && !first.isDone()) {
                first.completeExceptionally(new StartException("the cluster refused this node: " + refused.message()));
            } else {
                log.info("node={} action=register again reason=\"{}\"", nodeId, failure == null ? reply : failure);
                loop.schedule(AGAIN_MS, () -> {
                    registering = false;
                    submit(command);
                });
            }
        });
    }

    private void beat() {
        if (stopping) {
            return;
        }
        try {
            registerAgainIfFenced(meta.image());
            tellLeader();
        } finally {
            timer = loop.schedule(intervalMs, this::beat);
        }
    }

    /** Who hears nothing of the metadata is silent: what it leads is led by others soon. */
    private void tellLeader() {
        if (!sessions.runs()) {
            return;
        }
        int leader = meta.image().leaderNode();
        long nowNanos = loop.nanoTime();
        long timeoutNanos = TimeUnit.MILLISECONDS.toNanos(sessionTimeoutMs);
        if (incarnation != UNREGISTERED && leader == nodeId) {
            sessions.heard(nodeId, incarnation);
            // Who was stopped may not lead the metadata any more, and hears of that in a moment; who is cut off notices
            // after a while, long before another leader takes this node for dead.
            if (nowNanos - lastBeatNanos < timeoutNanos / 2) {
                leased.accept(nowNanos + timeoutNanos / 2);
            }
        } else if (incarnation != UNREGISTERED && leader >= 0) {
            ByteBuf body = Unpooled.buffer(BODY_BYTES).writeInt(nodeId).writeLong(incarnation);
            link.ask(leader, NodeLink.Call.HEARTBEAT, body, ANSWER_MS_MAX, loop, answer -> {
                if (answer != null && answer.readBoolean()) {
                    leased.accept(nowNanos + timeoutNanos);
                }
            });
        }
        lastBeatNanos = nowNanos;
    }

    @Override
    public void onImage(MetaDelta delta, MetaImage image) {
        if (delta.nodes().contains(nodeId)) {
            loop.execute(() -> registerAgainIfFenced(image));
        }
        if (image.leaderNode() != lastLeader) {
            lastLeader = image.leaderNode();
            // The new leader may have reason to think that this node is lost.
            loop.execute(this::tellLeader);
        }
    }

    /**
     * Asked of every image and at each beat: the image that says so may come before the answer that tells this node its
     * incarnation, and none may come after it.
     */
    private void registerAgainIfFenced(MetaImage image) {
        NodeImage self = image.nodes().get(nodeId);
        RegisterNode command = registration;
        boolean fenced = self != null && self.fenced() && self.incarnationEpoch() == incarnation;
        if (fenced && command != null && !registering && !stopping) {
            log.warn("node={} incarnation={} action=register again reason=\"was taken for dead\"", nodeId, incarnation);
            submit(command);
        }
    }

    /** Others lead what this node led, before it stops. */
    @Override
    public void close() {
        stopping = true;
        loop.execute(() -> timer.cancel());
        if (incarnation == UNREGISTERED) {
            return;
        }
        try {
            handOver()
                    .thenCompose(unused -> meta.submit(new FenceNode(nodeId, incarnation)))
                    .get(HANDED_OVER_MS_MAX, TimeUnit.MILLISECONDS);
            log.info("node={} handed over what it led", nodeId);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            log.warn("node={} did not hand over what it leads: {}", nodeId, String.valueOf(e));
        }
    }

    /**
     * First what clients write to, and the rest a moment later: who takes over what the nodes write for themselves has much to read, while
     * clients wait for nothing else than another leader. Completes then, or when it cannot be done.
     */
    private CompletableFuture<Void> handOver() {
        long before = meta.image().index();
        return meta.submit(new HandOver(nodeId, incarnation))
                .thenCompose(unused -> meta.image().index() == before
                        ? CompletableFuture.<Void>completedFuture(null)
                        : new CompletableFuture<Void>().completeOnTimeout(null, APART_MS, TimeUnit.MILLISECONDS))
                .exceptionally(e -> {
                    log.warn("node={} hands over all that it leads at once: {}", nodeId, String.valueOf(e));
                    return null;
                });
    }

    @Override
    public NodeLink.Conversation begin(Loop connection) {
        return begin(connection, NOBODY);
    }

    @Override
    public NodeLink.Conversation begin(Loop connection, int node) {
        return new NodeLink.Conversation() {
            @Override
            public void onCall(ByteBuf body, NodeLink.Answer answer) {
                int speaker = body.readInt();
                long epoch = body.readLong();
                if (speaker != node) {
                    throw new IllegalArgumentException("node " + node + " speaks for node " + speaker);
                }
                sessions.heard(node, epoch);
                answer.send(Unpooled.buffer(1).writeBoolean(isAlive(node, epoch)));
            }

            @Override
            public void ended() {
                sessions.lost(node);
            }
        };
    }

    /** As the metadata's leader sees it; any other node does not know. */
    private boolean isAlive(int node, long epoch) {
        MetaImage image = meta.image();
        NodeImage known = image.nodes().get(node);
        return image.leaderNode() == nodeId && known != null && !known.fenced() && known.incarnationEpoch() == epoch;
    }
}
