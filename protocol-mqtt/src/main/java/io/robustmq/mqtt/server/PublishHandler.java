package io.robustmq.mqtt.server;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.handler.codec.mqtt.MqttProperties;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.handler.codec.mqtt.MqttPublishVariableHeader;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.loop.Cancellable;
import io.robustmq.core.mapping.PublishProperties;
import io.robustmq.core.meta.TopicImage;
import io.robustmq.core.port.AppendOptions;
import io.robustmq.core.security.Operation;
import io.robustmq.core.session.StoredReceipt;
import io.robustmq.core.subscription.MqttTopic;
import io.robustmq.mqtt.codec.PacketWriter;
import io.robustmq.mqtt.deliver.Session;
import io.robustmq.mqtt.session.FlowMachine;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/** What one connection publishes, and the acknowledgements it is owed, in order of arrival. Owned by its loop. */
final class PublishHandler {
    /** So long a connection waits for what is found out of a message in doubt; then its client comes again. */
    private static final int DOUBT_MS_MAX = 5_000;

    private final MqttChannel channel;
    private final MqttNode node;
    private final LoopPublisher publisher;
    private final DelayHandler delays;
    private @Nullable ArrayDeque<PendingAck> acks;
    private int owedQos1;
    private boolean readLater;
    private String @Nullable [] aliases;
    /** The last topic that was looked at and found good: publishers mostly repeat themselves. */
    private String checkedTopic = "";

    PublishHandler(MqttChannel channel, MqttNode node, LoopPublisher publisher) {
        this.channel = channel;
        this.node = node;
        this.publisher = publisher;
        this.delays = new DelayHandler(channel, node, publisher);
    }

    /** Borrows the message. */
    void on(MqttPublishMessage message, Session session) {
        MqttPublishVariableHeader header = message.variableHeader();
        int qos = message.fixedHeader().qosLevel().value();
        String topic = channel.isV5() ? resolveAlias(header) : header.topicName();
        if (topic == null) {
            channel.close(Reasons.TOPIC_ALIAS_INVALID, "topic alias is not known or over the limit");
            return;
        }
        PendingAck ack = null;
        if (qos > 0) {
            if (!mayOwe(session) && !isRepeated(session, qos, header.packetId())) {
                channel.close(Reasons.RECEIVE_MAXIMUM_EXCEEDED, "more unacknowledged messages than allowed");
                return;
            }
            ack = owe(session, header.packetId(), qos);
            if (qos == 2 && session.flow().isInDoubt(header.packetId())) {
                doubted(topic, message, session, ack);
                return;
            }
            if (qos == 2 && !session.flow().receive(header.packetId())) {
                repeated(topic, message, session, ack);
                return;
            }
        }
        accept(topic, message, session, ack);
    }

    private void accept(String sentTo, MqttPublishMessage message, Session session, @Nullable PendingAck ack) {
        MqttPublishVariableHeader header = message.variableHeader();
        int qos = message.fixedHeader().qosLevel().value();
        DelayHandler.Wanted later = DelayHandler.isDelayed(sentTo) ? delays.parse(sentTo) : null;
        String topic = rewritten(later == null ? sentTo : later.topic());
        int refusal = refusal(topic);
        if (refusal != Reasons.SUCCESS) {
            fail(ack, refusal);
            return;
        }
        PublishProperties properties = Properties5.publish(
                header.properties(), qos, message.fixedHeader().isRetain());
        if (properties.payloadFormat() == 1 && isIllFormed(message.payload())) {
            refuseFormat(ack);
            return;
        }
        if (later != null) {
            fail(ack, delays.on(later.seconds(), topic, message.payload(), properties, ack));
            return;
        }
        publish(topic, message.payload(), properties, ack, isNamed(session) ? session.clientId() : null);
    }

    private String rewritten(String topic) {
        return node.rewrites.publish(
                topic, channel.client(), channel.principal().name());
    }

    private boolean isNamed(Session session) {
        return session.asksForNoLocal() || node.config.delivery().namesPublishers();
    }

    private boolean isIllFormed(ByteBuf payload) {
        return node.config.delivery().checksPayloadFormat() && !ByteBufUtil.isText(payload, StandardCharsets.UTF_8);
    }

    private void refuseFormat(@Nullable PendingAck ack) {
        if (ack == null) {
            channel.close(Reasons.PAYLOAD_FORMAT_INVALID, "the payload is not the UTF-8 text it is said to be");
        } else {
            fail(ack, Reasons.PAYLOAD_FORMAT_INVALID);
        }
    }

    private static boolean isRepeated(Session session, int qos, int packetId) {
        return qos == 2 && session.flow().isReceived(packetId);
    }

    /** A client of MQTT 3 knows of no Receive Maximum: it is read later instead, and has no more than its packet ids. */
    private boolean mayOwe(Session session) {
        return !channel.isV5() || owedQos1 + session.flow().unreleased() < node.config.receiveMax();
    }

    private PendingAck owe(Session session, int packetId, int qos) {
        if (acks == null) {
            acks = new ArrayDeque<>(4);
        }
        PendingAck ack = new PendingAck(channel, session, packetId, qos);
        acks.add(ack);
        owedQos1 += qos == 1 ? 1 : 0;
        if (!channel.isV5() && acks.size() >= node.config.receiveMax()) {
            readLater = true;
            channel.intake().pause(Intake.Pause.ACKS);
        }
        return ack;
    }

    private void fail(@Nullable PendingAck ack, int reason) {
        if (ack != null && reason != Reasons.SUCCESS) {
            ack.reason = reason;
            if (ack.qos == 2) {
                appended(ack);
            }
            acknowledge();
        }
    }

    /** Nobody knows yet whether the log has the first one: what comes behind waits as well, but not for long. */
    private void doubted(String topic, MqttPublishMessage message, Session session, PendingAck ack) {
        channel.intake().hold();
        ack.waiting++;
        message.retain();
        boolean[] isOver = {false};
        IntConsumer go = reason -> {
            if (isOver[0]) {
                return;
            }
            isOver[0] = true;
            ack.waiting--;
            if (!channel.serves(session)) {
                acknowledge();
            } else if (reason == Reasons.SUCCESS) {
                repeated(topic, message, session, ack);
            } else if (reason == FlowMachine.ABSENT && session.flow().receive(ack.packetId)) {
                accept(topic, message, session, ack);
            } else {
                ack.reason = Reasons.SERVER_BUSY;
                acknowledge();
            }
            message.release();
            channel.unhold();
        };
        Cancellable patience = channel.loop().schedule(DOUBT_MS_MAX, () -> go.accept(Reasons.UNSPECIFIED));
        session.flow().whenAppended(ack.packetId, reason -> channel.loop().run(() -> {
            patience.cancel();
            go.accept(reason);
        }));
    }

    /**
     * A repeated QoS 2 message is acknowledged when the log has the first [MQTT-4.3.3-10]. What comes behind waits for that: the first may
     * still be on its way by an earlier connection, and is not to be overtaken.
     */
    private void repeated(String topic, MqttPublishMessage message, Session session, PendingAck ack) {
        ack.waiting++;
        ack.repeats = true;
        boolean isRetained = message.fixedHeader().isRetain() && !DelayHandler.isDelayed(topic);
        String to = rewritten(topic);
        if (session.flow().takeRestored(ack.packetId) && isRetained && mayWrite(to)) {
            MqttProperties properties = message.variableHeader().properties();
            retain(to, message.payload(), Properties5.publish(properties, 2, true), ack);
        }
        boolean[] isHeld = {session.flow().isOnItsWay(ack.packetId)};
        Runnable free = () -> {
            if (isHeld[0]) {
                isHeld[0] = false;
                channel.unhold();
            }
        };
        Cancellable patience = Cancellable.NOTHING;
        if (isHeld[0]) {
            channel.intake().hold();
            patience = channel.loop().schedule(AppendOptions.DURABLE.timeoutMs(), free);
        }
        Cancellable whileHeld = patience;
        session.flow().whenAppended(ack.packetId, reason -> channel.loop().run(() -> {
            ack.waiting--;
            ack.reason = reason;
            channel.acksAdvanced();
            whileHeld.cancel();
            free.run();
        }));
    }

    private boolean mayWrite(String topic) {
        return refusal(topic) == Reasons.SUCCESS
                && node.authorizer.allowsMessage(
                        channel.principal(), Operation.WRITE, publisher.logTopic(topic), topic, channel.client());
    }

    /** The log has the QoS 2 message, or refused it: its session knows, wherever it is by now. */
    void appended(PendingAck ack) {
        Session session = ack.session;
        if (channel.serves(session)) {
            appended(session, ack, endsConnection(ack.reason));
        } else {
            node.router.sessions().inOwner(session, () -> appended(session, ack, true));
        }
    }

    /** @param comesAgain the client is not told that its message failed, and sends it again */
    private void appended(Session session, PendingAck ack, boolean comesAgain) {
        if (ack.repeats) {
            // The log has the message; what is retained of it is tried with the next one.
            if (ack.reason >= Reasons.UNSPECIFIED) {
                session.flow().restoreAgain(ack.packetId);
            }
            return;
        }
        StoredReceipt doubted = comesAgain ? ack.inDoubt() : null;
        FlowMachine.Receipt receipt = doubted == null ? null : session.flow().doubt(ack.packetId);
        if (doubted != null && receipt != null) {
            node.router.sessions().lookFor(session, doubted, receipt);
            return;
        }
        session.flow().appended(ack.packetId, ack.reason);
        if (ack.announced != null && ack.reason >= Reasons.UNSPECIFIED) {
            session.store().release(ack.packetId, ok -> {});
        }
    }

    /** PUBREL: answered when it is stored that the packet id may be another message's. */
    void release(int packetId, Session session) {
        int reason = session.flow().release(packetId) ? Reasons.SUCCESS : Reasons.PACKET_ID_NOT_FOUND;
        if (!session.isStored(2)) {
            complete(packetId, reason);
            return;
        }
        session.store().release(packetId, ok -> channel.loop().run(() -> {
            if (ok && channel.serves(session)) {
                complete(packetId, reason);
                channel.outbound().finish();
            }
        }));
    }

    private void complete(int packetId, int reason) {
        PacketWriter.ack(channel.outbound().own(), PacketWriter.PUBCOMP, packetId, reason, channel.isV5());
    }

    /** The topic that the client publishes by the alias; empty if none. */
    String topicOf(int alias) {
        String[] known = aliases;
        String topic = known == null || alias >= known.length ? null : known[alias];
        return topic == null ? "" : topic;
    }

    /** Null when the alias is none. */
    private @Nullable String resolveAlias(MqttPublishVariableHeader header) {
        String topic = header.topicName();
        if (header.properties().isEmpty()) {
            return topic;
        }
        int alias = (int) Properties5.number(header.properties(), Properties5.TOPIC_ALIAS, 0);
        if (alias == 0) {
            return topic;
        }
        if (alias > node.config.topicAliasMax()) {
            return null;
        }
        if (aliases == null) {
            aliases = new String[node.config.topicAliasMax() + 1];
        }
        if (!topic.isEmpty()) {
            aliases[alias] = topic;
        }
        return aliases[alias];
    }

    private int refusal(String topic) {
        if (!topic.equals(checkedTopic)) {
            boolean fits = ByteBufUtil.utf8Bytes(topic) <= node.config.topicBytesMax()
                    && MqttTopic.levels(topic) <= node.config.topicLevelsMax()
                    && !MqttTopic.isSystem(topic);
            if (!fits) {
                return Reasons.TOPIC_NAME_INVALID;
            }
            checkedTopic = topic;
        }
        return Reasons.SUCCESS;
    }

    /** Borrows {@code payload}. Where the topic has to be created first, the connection waits for it. */
    void publish(
            String topic,
            ByteBuf payload,
            PublishProperties properties,
            @Nullable PendingAck ack,
            @Nullable String clientName) {
        LoopPublisher.Place place = publisher.place(topic);
        String logTopic =
                place == null ? publisher.logTopic(topic) : place.address().topic();
        if (!node.authorizer.allowsMessage(channel.principal(), Operation.WRITE, logTopic, topic, channel.client())) {
            fail(ack, Reasons.NOT_AUTHORIZED);
            return;
        }
        if (place == null) {
            createAndPublish(topic, payload.retain(), properties, ack, clientName);
            return;
        }
        if (ack != null && ack.qos == 2 && ack.announced == null && ack.session.isStored(2)) {
            announce(place, topic, payload.retain(), properties, ack);
            return;
        }
        publisher.publish(place, topic, payload, properties, clientName, ack);
        if (properties.retain()) {
            retain(topic, payload, properties, ack);
        }
        if (publisher.isFull()) {
            channel.intake().pause(Intake.Pause.LOG);
            publisher.pause(channel);
        }
    }

    /**
     * Takes {@code payload}. Stores first that the message comes, so that after a crash it is known whether the log has it:
     * without that, a client that sends it again would have it stored twice.
     */
    private void announce(
            LoopPublisher.Place place, String topic, ByteBuf payload, PublishProperties properties, PendingAck ack) {
        Session session = ack.session;
        int bytes = payload.readableBytes();
        ack.waiting++;
        publisher.pending(bytes);
        publisher.endOf(place.partition(), end -> {
            StoredReceipt receipt = new StoredReceipt(ack.packetId, place.partition(), end);
            ack.announced = receipt;
            receive(receipt, session, ok -> {
                ack.waiting--;
                publisher.pending(-bytes);
                if (ok) {
                    publish(topic, payload, properties, ack, session.clientId());
                } else if (end < 0) {
                    fail(ack, Reasons.forAppend(BrokerError.NOT_LEADER));
                }
                payload.release();
            });
        });
        if (publisher.isFull()) {
            channel.intake().pause(Intake.Pause.LOG);
            publisher.pause(channel);
        }
    }

    /** {@code done} runs in this loop. Where the message would be looked for may have taken a while to find out. */
    private void receive(StoredReceipt receipt, Session session, Consumer<Boolean> done) {
        if (receipt.fromOffset() < 0) {
            done.accept(false);
        } else if (channel.serves(session)) {
            session.store().receive(receipt, ok -> channel.loop().run(() -> done.accept(ok)));
        } else {
            node.router.sessions().inOwner(session, () -> session.store()
                    .receive(receipt, ok -> channel.loop().run(() -> done.accept(ok))));
        }
    }

    /** Borrows {@code payload}. The acknowledgement waits for both records. */
    private void retain(String topic, ByteBuf payload, PublishProperties properties, @Nullable PendingAck ack) {
        TopicImage retained = publisher.retainedTopic();
        if (retained != null) {
            publisher.retain(retained, topic, payload, properties, ack);
            return;
        }
        channel.intake().hold();
        payload.retain();
        if (ack != null) {
            ack.waiting++;
        }
        publisher.createRetained(error -> {
            TopicImage created = publisher.retainedTopic();
            if (created != null) {
                publisher.retain(created, topic, payload, properties, ack);
            }
            payload.release();
            if (ack != null) {
                BrokerError why = error == BrokerError.NONE ? BrokerError.UNEXPECTED : error;
                ack.answered(created == null ? Reasons.forAppend(why) : Reasons.SUCCESS);
                acknowledge();
            }
            channel.unhold();
        });
    }

    /** Takes {@code payload}. */
    private void createAndPublish(
            String topic,
            ByteBuf payload,
            PublishProperties properties,
            @Nullable PendingAck ack,
            @Nullable String clientName) {
        channel.intake().hold();
        if (ack != null) {
            ack.waiting++;
        }
        publisher.create(topic, error -> {
            if (ack != null) {
                ack.waiting--;
            }
            boolean retry = error == BrokerError.NONE || error == BrokerError.TOPIC_LIMIT_REACHED;
            if (retry && publisher.place(topic) != null) {
                publish(topic, payload, properties, ack, clientName);
                payload.release();
            } else if (error == BrokerError.TOPIC_LIMIT_REACHED) {
                // The mapping sees the limit now and names the fallback topic, which does not exist yet.
                createAndPublish(topic, payload, properties, ack, clientName);
            } else {
                payload.release();
                fail(ack, Reasons.forAppend(error));
            }
            channel.unhold();
        });
    }

    /** Sends what acknowledgements are due, up to the first that still waits for the log. */
    void acknowledge() {
        while (acks != null && !acks.isEmpty() && acks.element().waiting == 0) {
            PendingAck ack = acks.remove();
            owedQos1 -= ack.qos == 1 ? 1 : 0;
            Session session = channel.session();
            if (session == null) {
                continue;
            }
            if (endsConnection(ack.reason)) {
                channel.close(ack.reason, "a message could not be stored");
                return;
            }
            send(ack);
        }
        if (readLater && acks != null && acks.size() <= node.config.receiveMax() / 2) {
            readLater = false;
            channel.intake().resume(Intake.Pause.ACKS);
        }
    }

    /** An acknowledgement of MQTT 3 cannot refuse; none can say that the message is to be sent again. */
    private boolean endsConnection(int reason) {
        return channel.isV5()
                ? reason == Reasons.SERVER_BUSY
                : reason >= Reasons.UNSPECIFIED && reason != Reasons.NOT_AUTHORIZED;
    }

    private void send(PendingAck ack) {
        int header = ack.qos == 2 ? PacketWriter.PUBREC : PacketWriter.PUBACK;
        ByteBuf out = channel.outbound().own();
        if (ack.offset() >= 0 && channel.tellsOffsets()) {
            PacketWriter.ack(out, header, ack.packetId, ack.offset(), channel.packetBytesMax());
        } else {
            PacketWriter.ack(out, header, ack.packetId, ack.reason, channel.isV5());
        }
    }
}
