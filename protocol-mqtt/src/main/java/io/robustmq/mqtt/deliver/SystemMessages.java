package io.robustmq.mqtt.deliver;

import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.mapping.PublishProperties;
import io.robustmq.core.model.Partition;
import io.robustmq.core.model.Principal;
import io.robustmq.core.model.TopicId;
import io.robustmq.core.retained.RetainedIndex;
import io.robustmq.core.retained.RetainedMessage;
import io.robustmq.core.security.Authorizer;
import io.robustmq.core.security.Operation;
import io.robustmq.core.security.ResourceType;
import io.robustmq.mqtt.codec.Frames;
import io.robustmq.mqtt.session.PartitionLog;
import java.util.List;
import java.util.function.Function;

/**
 * What the node itself tells under {@code $SYS}: QoS 0, never in the log, for whoever may describe the cluster. The last value
 * of a topic may be kept for those who subscribe later. Owned by the router's loop; the calls for others hand over to it.
 */
public final class SystemMessages {
    public static final String PREFIX = "$SYS/";

    /** Stands where other messages have the log they are in. */
    static final PartitionLog NO_LOG = new PartitionLog(new Partition(new TopicId(0, 0), 0), "$SYS");

    private final Loop loop;
    private final List<Loop> loops;
    private final ByteBufAllocator allocator;
    private final RetainedIndex retained;
    private final Function<String, Route> routes;
    private int subscriptions;
    private volatile boolean wanted;

    SystemMessages(Loop loop, List<Loop> loops, Router.Setup setup, Function<String, Route> routes) {
        this.loop = loop;
        this.loops = loops;
        this.allocator = setup.allocator();
        this.retained = setup.retained();
        this.routes = routes;
    }

    static boolean isSystem(String topic) {
        return topic.startsWith(PREFIX);
    }

    /** Whether what is told there is for this one; a refusal is no event. */
    static boolean mayRead(Authorizer authorizer, Principal principal) {
        return authorizer.wouldAllow(principal, Operation.DESCRIBE, ResourceType.CLUSTER, Authorizer.CLUSTER);
    }

    /** Any thread: whether anybody subscribes under {@code $SYS}, about; what nobody gets need not be made. */
    public boolean isWanted() {
        return wanted;
    }

    void subscribed(String filter, int change) {
        if (isSystem(filter)) {
            subscriptions += change;
            wanted = subscriptions > 0;
        }
    }

    /** From any loop. */
    public void tell(String topic, byte[] payload) {
        loop.run(() -> send(topic, payload));
    }

    /** From any loop: as {@link #tell}, and kept in memory for later subscriptions. */
    public void keep(String topic, byte[] payload) {
        loop.run(() -> {
            retained.put(new RetainedMessage(topic, payload, PublishProperties.of(0, true), loop.nowMs(), 0));
            send(topic, payload);
        });
    }

    private void send(String topic, byte[] payload) {
        if (subscriptions == 0) {
            return;
        }
        Route route = routes.apply(topic);
        if (!route.v3() && !route.v5()) {
            return;
        }
        Frames frames = new Frames(allocator);
        try {
            Message message = new Message(
                    NO_LOG, 0, topic, Unpooled.wrappedBuffer(payload), PublishProperties.of(0, false), 0, null);
            Deliveries deliveries = new Deliveries(loops, frames);
            Frame frame = message.frame(frames, route.v3(), route.v5(), loop.nowMs());
            deliveries.addAll(frame, route.byLoop());
            for (Route.Share share : route.shares()) {
                share.group().sendTo(deliveries, frame, 0, topic.hashCode(), share.barred());
            }
            deliveries.hand();
        } finally {
            frames.release();
        }
    }
}
