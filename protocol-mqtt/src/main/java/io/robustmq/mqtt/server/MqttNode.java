package io.robustmq.mqtt.server;

import io.netty.channel.EventLoop;
import io.robustmq.core.login.Logins;
import io.robustmq.core.loop.NettyLoop;
import io.robustmq.core.loop.NettyLoops;
import io.robustmq.core.meta.ClusterLevel;
import io.robustmq.core.port.MetaLog;
import io.robustmq.core.security.Authorizer;
import io.robustmq.mqtt.LimitsConfig;
import io.robustmq.mqtt.MqttConfig;
import io.robustmq.mqtt.MqttMetrics;
import io.robustmq.mqtt.deliver.Router;
import io.robustmq.mqtt.home.Homes;
import io.robustmq.mqtt.limits.FlappingDetector;
import io.robustmq.mqtt.limits.UserPaces;
import io.robustmq.mqtt.sys.ClientEvents;
import io.robustmq.mqtt.topics.AutoSubscriptions;
import io.robustmq.mqtt.topics.TopicRewrite;
import io.robustmq.mqtt.trace.Traces;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What all connections of a node share. Immutable; any thread. */
final class MqttNode {
    final MqttConfig config;
    final MqttMetrics metrics;
    final Router router;
    final Logins logins;
    final Authorizer authorizer;
    final ClientEvents events;
    final TopicRewrite rewrites;
    final AutoSubscriptions autoSubscriptions;
    final NodePublisher nodePublisher;
    final DelayedMessages delayed;
    final Bans bans;
    final Traces traces;
    final UserPaces userPaces;
    /** Null on a single node. */
    final @Nullable Homes homes;

    private final MetaLog metaLog;
    private final NettyLoops loops;
    private final Map<EventLoop, LoopPublisher> publishers = new HashMap<>();

    MqttNode(
            MqttConfig config,
            MqttMetrics metrics,
            Router router,
            MqttServer.Access access,
            MqttServer.Core core,
            NettyLoops loops,
            @Nullable Homes homes,
            Function<NettyLoop, LoopPublisher> publisherOf) {
        this.homes = homes;
        this.metaLog = core.metaLog();
        this.config = config;
        this.metrics = metrics;
        this.router = router;
        this.logins = access.logins();
        this.authorizer = access.authorizer();
        this.events = new ClientEvents(router.system(), core.nodeId());
        this.rewrites = TopicRewrite.parse(config.operations().rewrites());
        this.autoSubscriptions = AutoSubscriptions.parse(config.operations().autoSubscriptions());
        this.loops = loops;
        loops.loops().forEach(loop -> {
            NettyLoop netty = (NettyLoop) loop;
            publishers.put(netty.eventLoop(), publisherOf.apply(netty));
        });
        this.nodePublisher = new NodePublisher(publisherOf(((NettyLoop) router.loop()).eventLoop()), authorizer);
        LimitsConfig limits = config.operations().limits();
        this.bans = new Bans(
                router.loop(),
                new FlappingDetector(limits.flappingLeavesMax(), limits.flappingWindowSeconds() * 1000L),
                limits.flappingBanSeconds() * 1000L);
        this.traces = new Traces(core.traces(), router.loop()::nowMs);
        this.userPaces = new UserPaces(limits.user());
        this.delayed = new DelayedMessages(router.loop(), core.journal(), nodePublisher);
    }

    String assignedId(String prefix) {
        return homes == null ? prefix + UUID.randomUUID() : homes.assign(prefix);
    }

    /** Whether subscriptions may belong to several clients: among nodes all have to know how. */
    boolean sharesAmongNodes() {
        return homes == null || ClusterLevel.finalized(metaLog.image()) >= ClusterLevel.SHARED_SUBSCRIPTIONS;
    }

    NettyLoop loopOf(EventLoop eventLoop) {
        return loops.of(eventLoop);
    }

    LoopPublisher publisherOf(EventLoop eventLoop) {
        LoopPublisher publisher = publishers.get(eventLoop);
        if (publisher == null) {
            throw new IllegalArgumentException("not an event loop of this node");
        }
        return publisher;
    }
}
