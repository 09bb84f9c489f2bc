package io.robustmq.mqtt.server;

import io.netty.channel.EventLoop;
import io.robustmq.core.login.Logins;
import io.robustmq.core.loop.NettyLoop;
import io.robustmq.core.loop.NettyLoops;
import io.robustmq.core.port.Journal;
import io.robustmq.core.security.Authorizer;
import io.robustmq.mqtt.MqttConfig;
import io.robustmq.mqtt.MqttMetrics;
import io.robustmq.mqtt.deliver.Router;
import io.robustmq.mqtt.sys.ClientEvents;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;

/** What all connections of a node share. Immutable; any thread. */
final class MqttNode {
    final MqttConfig config;
    final MqttMetrics metrics;
    final Router router;
    final Logins logins;
    final Authorizer authorizer;
    final ClientEvents events;
    final NodePublisher nodePublisher;
    final DelayedMessages delayed;
    private final NettyLoops loops;
    private final Map<EventLoop, LoopPublisher> publishers = new HashMap<>();

    MqttNode(
            MqttConfig config,
            MqttMetrics metrics,
            Router router,
            Logins logins,
            Authorizer authorizer,
            ClientEvents events,
            Journal journal,
            NettyLoops loops,
            Function<NettyLoop, LoopPublisher> publisherOf) {
        this.config = config;
        this.metrics = metrics;
        this.router = router;
        this.logins = logins;
        this.authorizer = authorizer;
        this.events = events;
        this.loops = loops;
        loops.loops().forEach(loop -> {
            NettyLoop netty = (NettyLoop) loop;
            publishers.put(netty.eventLoop(), publisherOf.apply(netty));
        });
        this.nodePublisher = new NodePublisher(publisherOf(((NettyLoop) router.loop()).eventLoop()), authorizer);
        this.delayed = new DelayedMessages(router.loop(), journal, nodePublisher);
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
