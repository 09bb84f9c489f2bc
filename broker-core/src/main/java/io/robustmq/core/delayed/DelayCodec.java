package io.robustmq.core.delayed;

import io.robustmq.core.coordinator.FactCodec;
import io.robustmq.core.mapping.WaitingPublishCodec;
import io.robustmq.core.model.Partition;
import io.robustmq.core.model.TopicId;
import io.robustmq.core.record.RecordHeader;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Facts as records: the key is a letter and the message's id; the value begins with a version. Stateless. */
public final class DelayCodec implements FactCodec<DelayFact> {
    private static final byte MESSAGE = 'D';
    private static final byte BEGUN = 'B';
    private static final byte VERSION = 1;

    @Override
    public byte[] key(DelayFact fact) {
        boolean isMessage = fact instanceof DelayFact.MessageDelayed || fact instanceof DelayFact.MessageGone;
        byte[] id = fact.id().getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(1 + id.length)
                .put(isMessage ? MESSAGE : BEGUN)
                .put(id)
                .array();
    }

    @Override
    public byte @Nullable [] value(DelayFact fact) {
        if (fact instanceof DelayFact.MessageDelayed f) {
            byte[] client = f.message().clientId().getBytes(StandardCharsets.UTF_8);
            byte[] message = WaitingPublishCodec.encode(f.message().message());
            return ByteBuffer.allocate(11 + client.length + message.length)
                    .put(VERSION)
                    .putLong(f.message().dueAtMs())
                    .putShort((short) client.length)
                    .put(client)
                    .put(message)
                    .array();
        }
        if (fact instanceof DelayFact.PublishBegun f) {
            return ByteBuffer.allocate(29)
                    .put(VERSION)
                    .putLong(f.partition().topicId().high())
                    .putLong(f.partition().topicId().low())
                    .putInt(f.partition().index())
                    .putLong(f.fromOffset())
                    .array();
        }
        return null;
    }

    @Override
    public List<RecordHeader> headers(DelayFact fact) {
        return fact instanceof DelayFact.MessageDelayed f ? f.marks() : List.of();
    }

    @Override
    public @Nullable DelayFact decode(byte[] key, byte @Nullable [] value) {
        try {
            String id = new String(key, 1, key.length - 1, StandardCharsets.UTF_8);
            return switch (key[0]) {
                case MESSAGE -> value == null ? new DelayFact.MessageGone(id) : message(id, versioned(value));
                case BEGUN -> value == null ? new DelayFact.PublishForgotten(id) : begun(id, versioned(value));
                default -> null;
            };
        } catch (BufferUnderflowException e) {
            throw new IllegalArgumentException("a record of a delayed message is too short", e);
        }
    }

    private static DelayFact message(String id, ByteBuffer bytes) {
        long dueAtMs = bytes.getLong();
        byte[] client = new byte[bytes.getShort() & 0xFFFF];
        bytes.get(client);
        return new DelayFact.MessageDelayed(new DelayedMessage(
                id, dueAtMs, new String(client, StandardCharsets.UTF_8), WaitingPublishCodec.decode(bytes)));
    }

    private static DelayFact begun(String id, ByteBuffer bytes) {
        TopicId topic = new TopicId(bytes.getLong(), bytes.getLong());
        return new DelayFact.PublishBegun(id, new Partition(topic, bytes.getInt()), bytes.getLong());
    }

    private static ByteBuffer versioned(byte[] value) {
        ByteBuffer bytes = ByteBuffer.wrap(value);
        byte version = bytes.get();
        if (version != VERSION) {
            throw new IllegalArgumentException("a record of a delayed message of version " + version);
        }
        return bytes;
    }
}
