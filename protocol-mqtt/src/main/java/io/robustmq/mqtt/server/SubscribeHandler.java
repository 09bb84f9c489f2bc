package io.robustmq.mqtt.server;

import io.netty.handler.codec.mqtt.MqttProperties;
import io.netty.handler.codec.mqtt.MqttQoS;
import io.netty.handler.codec.mqtt.MqttSubscribeMessage;
import io.netty.handler.codec.mqtt.MqttSubscriptionOption;
import io.netty.handler.codec.mqtt.MqttSubscriptionOption.RetainedHandlingPolicy;
import io.netty.handler.codec.mqtt.MqttTopicSubscription;
import io.netty.handler.codec.mqtt.MqttUnsubscribeMessage;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.security.Authorizer;
import io.robustmq.core.security.Operation;
import io.robustmq.core.security.ResourceType;
import io.robustmq.core.subscription.MqttTopic;
import io.robustmq.core.subscription.TopicFilter;
import io.robustmq.mqtt.codec.PacketWriter;
import io.robustmq.mqtt.deliver.History;
import io.robustmq.mqtt.deliver.Router.Subscribed;
import io.robustmq.mqtt.deliver.Session;
import io.robustmq.mqtt.deliver.Subscription;
import io.robustmq.mqtt.deliver.SystemMessages;
import io.robustmq.mqtt.share.Claimed;
import io.robustmq.mqtt.topics.AutoSubscriptions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.ObjIntConsumer;
import org.jspecify.annotations.Nullable;

/** SUBSCRIBE and UNSUBSCRIBE of one connection. Owned by its loop. */
final class SubscribeHandler {
    /** User property that asks for what was published before: see {@link History}. */
    private static final String START = "start";

    private final MqttChannel channel;
    private final MqttNode node;

    SubscribeHandler(MqttChannel channel, MqttNode node) {
        this.channel = channel;
        this.node = node;
    }

    void on(MqttSubscribeMessage message, Session session) {
        MqttProperties properties = message.idAndPropertiesVariableHeader().properties();
        int id = (int) Properties5.number(properties, Properties5.SUBSCRIPTION_ID, 0);
        List<MqttTopicSubscription> asked = message.payload().topicSubscriptions();
        byte[] codes = new byte[asked.size()];
        List<Subscribed> added = new ArrayList<>(codes.length);
        String start = channel.isV5() ? Properties5.user(properties, START) : null;
        History history = start == null ? null : History.parse(start);
        boolean past = history != null;
        for (int i = 0; i < codes.length; i++) {
            boolean impossible =
                    start != null && (!past || asked.get(i).topicFilter().startsWith("$share/"));
            String filter = rewritten(asked.get(i).topicFilter());
            codes[i] = impossible
                    ? (byte) Reasons.IMPLEMENTATION_SPECIFIC
                    : (byte) subscribe(session, filter, asked.get(i).option(), id, added);
        }
        int packetId = message.variableHeader().messageId();
        claimed(
                session,
                added,
                (one, why) -> {
                    for (int i = 0; i < codes.length; i++) {
                        if (rewritten(asked.get(i).topicFilter())
                                .equals(one.filter().text())) {
                            codes[i] = (byte) why;
                        }
                    }
                },
                () -> {
                    if (past) {
                        session.expectHistory(added.size());
                    }
                    node.router.subscribe(session, added, history, channel.loop(), error -> {
                        if (channel.serves(session)) {
                            answer(session, packetId, codes, added, error);
                        }
                    });
                });
    }

    /** What belongs to several clients is claimed first; those that are refused go to {@code refused}, and out of the list. */
    private void claimed(Session session, List<Subscribed> added, ObjIntConsumer<Subscription> refused, Runnable then) {
        List<Subscription> claims = added.stream()
                .map(Subscribed::subscription)
                .filter(s -> s.filter().isShared() || s.filter().isExclusive())
                .toList();
        int[] open = {claims.size()};
        if (claims.isEmpty()) {
            then.run();
        }
        for (Subscription claim : claims) {
            node.router.claim(claim, channel.loop(), outcome -> {
                if (outcome != Claimed.DONE) {
                    added.removeIf(one -> one.subscription() == claim);
                    if (channel.serves(session)
                            && session.subscription(claim.filter().text()) == claim) {
                        session.remove(claim.filter().text());
                    }
                    refused.accept(
                            claim,
                            outcome == Claimed.TAKEN ? refused(session, Reasons.QUOTA_EXCEEDED) : Reasons.UNSPECIFIED);
                }
                open[0]--;
                if (open[0] == 0 && channel.serves(session)) {
                    then.run();
                }
            });
        }
    }

    private void answer(Session session, int packetId, byte[] codes, List<Subscribed> added, BrokerError error) {
        if (error != BrokerError.NONE) {
            Arrays.fill(codes, (byte) Reasons.UNSPECIFIED);
        }
        if (fits(codes)) {
            PacketWriter.suback(channel.outbound().own(), packetId, codes, session.isV5());
            channel.outbound().finish();
        }
        subscribed(session, added, error);
    }

    private void subscribed(Session session, List<Subscribed> added, BrokerError error) {
        for (Subscribed one : added) {
            String filter = one.subscription().filter().text();
            node.events.subscribed(
                    channel.asClient(),
                    filter,
                    one.subscription().qos(),
                    channel.loop().nowMs());
        }
        List<Subscription> retained = new ArrayList<>(0);
        for (Subscribed one : added) {
            if (one.retained() && error == BrokerError.NONE) {
                retained.add(one.subscription());
            }
        }
        session.offerRetained(retained);
    }

    private String rewritten(String filter) {
        return node.rewrites.subscribe(
                filter, channel.client(), channel.principal().name());
    }

    /** What the client gets without asking; what it has already stays as it is. */
    void automatic(Session session) {
        List<Subscribed> added = new ArrayList<>();
        for (AutoSubscriptions.Wanted wanted :
                node.autoSubscriptions.of(channel.client(), channel.principal().name())) {
            if (session.subscription(wanted.filter()) == null) {
                MqttSubscriptionOption option = MqttSubscriptionOption.onlyFromQos(MqttQoS.valueOf(wanted.qos()));
                subscribe(session, wanted.filter(), option, 0, added);
            }
        }
        if (!added.isEmpty()) {
            claimed(
                    session,
                    added,
                    (one, why) -> {},
                    () -> node.router.subscribe(session, added, channel.loop(), error -> {
                        if (channel.serves(session)) {
                            subscribed(session, added, error);
                        }
                    }));
        }
    }

    private int subscribe(Session session, String text, MqttSubscriptionOption option, int id, List<Subscribed> added) {
        TopicFilter filter = parse(text);
        if (filter == null) {
            return refused(session, Reasons.TOPIC_FILTER_INVALID);
        }
        if (!node.sharesAmongNodes() && (filter.isShared() || filter.isExclusive())) {
            return refused(
                    session,
                    filter.isShared() ? Reasons.SHARED_SUBSCRIPTIONS_NOT_SUPPORTED : Reasons.IMPLEMENTATION_SPECIFIC);
        }
        if (!isAllowed(filter)) {
            return refused(session, Reasons.NOT_AUTHORIZED);
        }
        Subscription before = session.subscription(filter.text());
        if (before == null && session.subscriptions().size() >= node.config.subscriptionsMax()) {
            return refused(session, Reasons.QUOTA_EXCEEDED);
        }
        int qos = option.qos().value();
        Subscription subscription =
                new Subscription(session, filter, qos, option.isNoLocal(), option.isRetainAsPublished(), id);
        session.put(subscription);
        boolean isNew = before == null;
        boolean wanted = option.retainHandling() == RetainedHandlingPolicy.SEND_AT_SUBSCRIBE
                || (option.retainHandling() == RetainedHandlingPolicy.SEND_AT_SUBSCRIBE_IF_NOT_YET_EXISTS && isNew);
        boolean retained = wanted && !filter.isShared();
        added.add(new Subscribed(subscription, before, retained));
        return qos;
    }

    /** A packet larger than the client takes is not sent [MQTT-3.1.2-24]. */
    private boolean fits(byte[] codes) {
        return !channel.isV5() || PacketWriter.codesSize(codes.length) <= channel.packetBytesMax();
    }

    private static int refused(Session session, int reason) {
        return session.isV5() ? reason : Reasons.UNSPECIFIED;
    }

    private @Nullable TopicFilter parse(String text) {
        try {
            return TopicFilter.parse(text, node.config.topicBytesMax(), node.config.topicLevelsMax());
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    /** What comes by it is decided again per message, but for shared subscriptions, whose members take turns. */
    private boolean isAllowed(TopicFilter filter) {
        if (filter.filter().startsWith(SystemMessages.PREFIX)) {
            return node.authorizer.allows(
                    channel.principal(), Operation.DESCRIBE, ResourceType.CLUSTER, Authorizer.CLUSTER);
        }
        String first = MqttTopic.firstLevel(filter.filter());
        String logTopic = TopicFilter.hasWildcards(first) ? "" : first;
        return filter.isShared()
                ? node.authorizer.allowsWholeFilter(channel.principal(), logTopic, filter.filter(), channel.client())
                : node.authorizer.allowsFilter(channel.principal(), logTopic, filter.filter(), channel.client());
    }

    private void unsubscribed(Session session, int packetId, byte[] codes, BrokerError error) {
        boolean isStored = error == BrokerError.NONE;
        if (!isStored && !session.isV5()) {
            // Its UNSUBACK says success, whatever happened.
            channel.close(Reasons.UNSPECIFIED, "unsubscribing was not stored: " + error.text());
            return;
        }
        if (!isStored) {
            Arrays.fill(codes, (byte) Reasons.UNSPECIFIED);
        }
        if (fits(codes)) {
            PacketWriter.unsuback(channel.outbound().own(), packetId, codes, session.isV5());
            channel.outbound().finish();
        }
    }

    void on(MqttUnsubscribeMessage message, Session session) {
        List<String> filters =
                message.payload().topics().stream().map(this::rewritten).toList();
        byte[] codes = new byte[filters.size()];
        List<Subscription> removed = new ArrayList<>(codes.length);
        for (int i = 0; i < codes.length; i++) {
            Subscription subscription = session.remove(filters.get(i));
            if (subscription == null) {
                codes[i] = Reasons.NO_SUBSCRIPTION_EXISTED;
            } else {
                removed.add(subscription);
            }
        }
        node.events.unsubscribed(channel.asClient(), filters, channel.loop().nowMs());
        int packetId = message.variableHeader().messageId();
        node.router.unsubscribe(session, removed, channel.loop(), error -> {
            if (channel.serves(session)) {
                unsubscribed(session, packetId, codes, error);
            }
        });
    }
}
