package io.robustmq.mqtt.server;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.robustmq.core.delayed.DelayEffect;
import io.robustmq.core.delayed.DelayedMessage;
import io.robustmq.core.mapping.PublishProperties;
import io.robustmq.core.mapping.WaitingPublish;
import io.robustmq.core.meta.TopicImage;
import io.robustmq.core.model.Partition;
import io.robustmq.core.model.TopicId;
import io.robustmq.core.record.RecordHeader;
import io.robustmq.core.security.Operation;
import io.robustmq.core.session.StoredReceipt;
import io.robustmq.mqtt.deliver.ReceiptCheck;
import io.robustmq.mqtt.deliver.Session;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Publishes to {@code $delayed/<seconds>/<topic>} of one connection: acknowledged when they are stored, to be published when they
 * are due. Owned by the connection's loop.
 */
final class DelayHandler {
    private static final String PREFIX = "$delayed/";
    private static final int DIGITS_MAX = 10;
    private static final Partition NOWHERE = new Partition(TopicId.ZERO, 0);

    private final MqttChannel channel;
    private final MqttNode node;
    private final LoopPublisher publisher;

    DelayHandler(MqttChannel channel, MqttNode node, LoopPublisher publisher) {
        this.channel = channel;
        this.node = node;
        this.publisher = publisher;
    }

    static boolean isDelayed(String topic) {
        return topic.startsWith(PREFIX);
    }

    /** What the topic asks for; null when that is nothing that can be done. */
    @Nullable
    Wanted parse(String topic) {
        int slash = topic.indexOf('/', PREFIX.length());
        int digits = slash - PREFIX.length();
        if (slash < 0 || digits < 1 || digits > DIGITS_MAX || slash + 1 == topic.length()) {
            return null;
        }
        long seconds = 0;
        for (int i = PREFIX.length(); i < slash; i++) {
            int digit = topic.charAt(i) - '0';
            if (digit < 0 || digit > 9) {
                return null;
            }
            seconds = seconds * 10 + digit;
        }
        boolean allowed = node.config.operations().delayedCountMax() > 0
                && seconds <= node.config.operations().delayedSecondsMax();
        return allowed ? new Wanted(seconds, topic.substring(slash + 1)) : null;
    }

    /** Seconds from now, and the topic then. */
    record Wanted(long seconds, String topic) {}

    /** Borrows {@code payload}. The reason code when it cannot be done; else the acknowledgement follows. */
    int on(long seconds, String topic, ByteBuf payload, PublishProperties properties, @Nullable PendingAck ack) {
        if (!node.authorizer.allowsMessage(
                channel.principal(), Operation.WRITE, publisher.logTopic(topic), topic, channel.client())) {
            return Reasons.NOT_AUTHORIZED;
        }
        byte[] copied = ByteBufUtil.getBytes(payload);
        DelayedMessage message = new DelayedMessage(
                UUID.randomUUID().toString(),
                channel.loop().nowMs() + seconds * 1000,
                channel.client(),
                new WaitingPublish(topic, Unpooled.wrappedBuffer(copied), properties, channel.principal()));
        if (message.message().isTooLarge()) {
            return Reasons.QUOTA_EXCEEDED;
        }
        if (ack != null) {
            ack.waiting++;
        }
        publisher.pending(copied.length);
        if (ack != null && ack.qos == 2 && ack.session.isStored(2)) {
            node.delayed.whenKept(channel.loop(), partition -> announce(message, partition, ack));
        } else {
            store(message, List.of(), ack);
        }
        if (publisher.isFull()) {
            channel.intake().pause(Intake.Pause.LOG);
            publisher.pause(channel);
        }
        return Reasons.SUCCESS;
    }

    private void store(DelayedMessage message, List<RecordHeader> marks, @Nullable PendingAck ack) {
        node.delayed.delay(message, marks, channel.loop(), outcome -> {
            settled(message);
            if (ack != null) {
                stored(ack, outcome);
            }
        });
    }

    /**
     * Stores first that a QoS 2 message comes: after a crash the log is looked through for it from there, so that a client that
     * sends it again does not have it published twice.
     */
    private void announce(DelayedMessage message, int partition, PendingAck ack) {
        TopicImage topic = publisher.delayedTopic();
        if (topic == null || partition < 0 || !channel.serves(ack.session)) {
            settled(message);
            answer(ack, Reasons.QUOTA_EXCEEDED);
            return;
        }
        Partition place = topic.partition(partition);
        publisher.endOf(place, end -> announce(message, new StoredReceipt(ack.packetId, place, end), ack));
    }

    private void announce(DelayedMessage message, StoredReceipt receipt, PendingAck ack) {
        if (receipt.fromOffset() < 0 || !channel.serves(ack.session)) {
            settled(message);
            answer(ack, Reasons.QUOTA_EXCEEDED);
            return;
        }
        ack.announced = receipt;
        ack.session.store().receive(receipt, ok -> channel.loop().run(() -> {
            if (ok) {
                List<RecordHeader> marks =
                        ReceiptCheck.marks(new ReceiptCheck.Receipt(message.clientId(), ack.packetId));
                store(message, marks, ack);
            } else {
                settled(message);
                answer(ack, Reasons.QUOTA_EXCEEDED);
            }
        }));
    }

    private void settled(DelayedMessage message) {
        publisher.pending(-message.message().payload().readableBytes());
    }

    /** That a QoS 2 message came is stored as well before it is said: its record need not last as long as its session. */
    private void stored(PendingAck ack, DelayEffect.Outcome outcome) {
        Session session = ack.session;
        boolean isDone = outcome == DelayEffect.Outcome.DONE;
        if (isDone && ack.qos == 2 && session.isStored(2) && channel.serves(session)) {
            StoredReceipt receipt = new StoredReceipt(ack.packetId, NOWHERE, ReceiptCheck.APPENDED);
            session.store().receive(receipt, ok -> channel.loop().run(() -> answer(ack, Reasons.SUCCESS)));
        } else {
            answer(ack, isDone ? Reasons.SUCCESS : Reasons.QUOTA_EXCEEDED);
        }
    }

    private void answer(PendingAck ack, int reason) {
        ack.answered(reason);
        channel.acksAdvanced();
    }
}
