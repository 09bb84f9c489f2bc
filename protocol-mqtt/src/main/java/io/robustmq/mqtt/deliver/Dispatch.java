package io.robustmq.mqtt.deliver;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.mapping.TopicMapping;
import io.robustmq.core.model.Principal;
import io.robustmq.core.record.RecordReader;
import io.robustmq.core.record.RecordView;
import io.robustmq.core.security.Authorizer;
import io.robustmq.core.security.Operation;
import io.robustmq.core.subscription.MqttTopic;
import io.robustmq.core.subscription.SubscriptionTrie;
import io.robustmq.core.subscription.TopicFilter;
import io.robustmq.mqtt.codec.Frames;
import io.robustmq.mqtt.session.Backlog;
import io.robustmq.mqtt.session.PartitionLog;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The way of every committed record to those who subscribe to it: matched once, encoded once for each version of the protocol, and
 * one {@link Delivery} for every loop with receivers. Owned by the router's loop.
 */
final class Dispatch {
    private static final int ROUTES_MAX = 16_384;

    private final Loop loop;
    private final List<Loop> loops;
    private final Router.Setup setup;
    private final TopicMapping mapping;
    private final ByteBufAllocator allocator;
    private final Authorizer authorizer;
    private final SubscriptionTrie<Object> trie;
    private final @Nullable Positions positions;
    private final Map<String, Route> routes = new HashMap<>();
    private int forgotten;

    /** @param positions what has been routed is counted there; null where that is not wanted */
    Dispatch(
            Loop loop,
            List<Loop> loops,
            Router.Setup setup,
            SubscriptionTrie<Object> trie,
            @Nullable Positions positions) {
        this.loop = loop;
        this.loops = loops;
        this.setup = setup;
        this.mapping = setup.mapping();
        this.allocator = setup.allocator();
        this.authorizer = setup.authorizer();
        this.trie = trie;
        this.positions = positions;
    }

    /** A way to some, beside that of all: it moves no positions. */
    Dispatch beside(SubscriptionTrie<Object> some) {
        return new Dispatch(loop, loops, setup, some, null);
    }

    /** The placement of a session or a subscription changed, or who may read what. */
    void forgetRoutes() {
        routes.clear();
        forgotten++;
    }

    /** Grows with what {@link #forgetRoutes} is told. */
    int forgotten() {
        return forgotten;
    }

    /** Keeps what is before {@code offset} from all with one of these filters. */
    void fence(PartitionLog log, long offset, Predicate<String> filters) {
        trie.forEach(receiver -> {
            if (receiver instanceof Subscription subscription) {
                if (filters.test(subscription.filter().filter())) {
                    subscription.fence(log, offset);
                }
            } else if (receiver instanceof ShareGroup group && filters.test(group.filter())) {
                group.fence(log, offset);
            }
        });
    }

    /** What a tail has read. Takes {@code bytes}. */
    void dispatch(Tail tail, ByteBuf bytes) {
        Frames frames = new Frames(allocator);
        frames.keep(bytes);
        Deliveries deliveries = new Deliveries(loops, frames);
        try {
            long nowMs = loop.nowMs();
            RecordReader.forEachBatch(bytes, batch -> {
                if (tail.accepts(batch)) {
                    StoredRecords.forEach(tail.log(), batch, (same, record) -> {
                        if (record.offset() >= tail.position()) {
                            route(tail, record, deliveries, nowMs);
                            tail.passed(record.offset());
                        }
                        return true;
                    });
                }
                return true;
            });
        } finally {
            deliveries.hand();
            frames.release();
        }
    }

    private void route(Tail tail, RecordView record, Deliveries deliveries, long nowMs) {
        Message message = Message.of(tail.log(), record, mapping);
        Route route = routeOf(message.topic(), tail.log().topic());
        if (route.isEmpty() || message.isExpired(nowMs)) {
            return;
        }
        if (route.selective()) {
            route = narrowed(route, message);
        }
        touch(route);
        int qos = message.properties().qos();
        int bytes = message.payload().readableBytes();
        for (Target target : route.parked()) {
            park(target.session(), message, Math.min(qos, target.qos()), bytes);
        }
        if (!route.v3() && !route.v5() && route.shares().isEmpty()) {
            return;
        }
        Frame frame = message.frame(deliveries.frames(), route.v3(), route.v5(), nowMs);
        deliveries.addAll(frame, route.byLoop());
        for (Route.Share share : route.shares()) {
            ShareGroup group = share.group();
            if (group.admits(frame.log(), frame.offset())) {
                group.sendTo(deliveries, frame, qos, group.key(message), share.barred());
            }
        }
    }

    private void touch(Route route) {
        if (positions != null) {
            for (Session session : route.persistent()) {
                positions.touch(session);
            }
            for (Route.Share share : route.shares()) {
                share.group().touch();
            }
        }
    }

    private void park(Session session, Message message, int qos, int bytes) {
        if (qos > 0) {
            Backlog to = session.moving == null ? session.backlog() : session.moving;
            to.add(message.log(), message.offset(), bytes, null, session.lost());
        }
    }

    Route routeOf(String topic, String logTopic) {
        Route route = routes.get(topic);
        if (route == null) {
            List<Subscription> matches = new ArrayList<>();
            List<Route.Share> groups = new ArrayList<>();
            trie.match(topic, match -> {
                if (match instanceof Subscription subscription) {
                    Session session = subscription.session();
                    Principal who = session.knownPrincipal();
                    // Who has not come back yet was allowed to subscribe; what may be sent is decided when he has.
                    if (who == null || mayRead(who, session.clientId(), logTopic, topic)) {
                        matches.add(subscription);
                    }
                } else if (match instanceof ShareGroup group) {
                    groups.add(new Route.Share(
                            group, group.barred((who, client) -> mayRead(who, client, logTopic, topic))));
                }
            });
            if (routes.size() >= ROUTES_MAX) {
                routes.clear();
            }
            route = Route.of(matches, groups, loops.size());
            routes.put(topic, route);
        }
        return route;
    }

    /** Before the node stopped, to a restored session. */
    private static boolean wasSent(Session session, List<Subscription> matches, Message message) {
        SentMarks marks = session.sentBefore;
        if (marks == null) {
            return false;
        }
        int granted = 0;
        for (Subscription match : matches) {
            granted = match.session() == session ? Math.max(granted, match.qos()) : granted;
        }
        boolean sent = marks.covers(
                message.log(),
                message.offset(),
                Math.min(granted, message.properties().qos()));
        if (marks.isEmpty()) {
            session.sentBefore = null;
        }
        return sent;
    }

    private boolean mayRead(Principal principal, String clientId, String logTopic, String topic) {
        return SystemMessages.isSystem(topic)
                ? SystemMessages.mayRead(authorizer, principal)
                : authorizer.allowsMessage(principal, Operation.READ, logTopic, topic, clientId);
    }

    /** Whether one member of a share may be sent all that its filter matches; it was asked when it subscribed. */
    boolean mayReadAll(Principal principal, String filter, String clientId) {
        if (SystemMessages.isSystem(filter)) {
            return SystemMessages.mayRead(authorizer, principal);
        }
        String first = MqttTopic.firstLevel(filter);
        return authorizer.allowsWholeFilter(principal, TopicFilter.hasWildcards(first) ? "" : first, filter, clientId);
    }

    /** For this one record: without the subscriptions that begin later or do not want what their own client published. */
    private Route narrowed(Route route, Message message) {
        List<Subscription> matches = new ArrayList<>(route.matches());
        matches.removeIf(s -> wasSent(s.session(), route.matches(), message));
        if (matches.stream().noneMatch(Subscription::isSelective)) {
            routes.remove(message.topic());
        }
        matches.removeIf(s -> !s.admits(message.log(), message.offset(), message.publisher()));
        return Route.of(matches, route.shares(), loops.size());
    }
}
