package io.robustmq.core.session;

import io.robustmq.core.coordinator.FactCodec;
import io.robustmq.core.mapping.WaitingPublishCodec;
import io.robustmq.core.model.Partition;
import io.robustmq.core.model.TopicId;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Facts as records: the key is a letter, the client id with its length, and the part it is about; the value begins with a
 * version. Stateless.
 */
public final class SessionCodec implements FactCodec<SessionFact> {
    private static final byte SESSION = 'S';
    private static final byte SUBSCRIPTION = 'F';
    private static final byte POSITION = 'P';
    private static final byte SENT_QOS_1 = 'A';
    private static final byte SENT_QOS_2 = 'Q';
    private static final byte FLOW = 'O';
    private static final byte RECEIPT = 'I';
    private static final byte SHARE = 'H';
    private static final byte WILL = 'W';
    private static final byte GROUP = 'G';
    private static final byte PLACE = 'L';
    private static final byte VERSION = 1;

    @Override
    public byte[] key(SessionFact fact) {
        if (fact instanceof SessionFact.SubscriptionAdded f) {
            return key(SUBSCRIPTION, fact.clientId(), utf8(f.subscription().filter()));
        }
        if (fact instanceof SessionFact.SubscriptionRemoved f) {
            return key(SUBSCRIPTION, fact.clientId(), utf8(f.filter()));
        }
        if (fact instanceof SessionFact.PositionMoved f) {
            return key(POSITION, fact.clientId(), partition(f.partition()));
        }
        if (fact instanceof SessionFact.PositionForgotten f) {
            return key(POSITION, fact.clientId(), partition(f.partition()));
        }
        if (fact instanceof SessionFact.SentMoved f) {
            return key(fact.clientId(), f.of());
        }
        if (fact instanceof SessionFact.SentForgotten f) {
            return key(fact.clientId(), f.of());
        }
        if (fact instanceof SessionFact.FlowKept f) {
            return key(FLOW, fact.clientId(), packetId(f.flow().packetId()));
        }
        if (fact instanceof SessionFact.FlowSettled f) {
            return key(FLOW, fact.clientId(), packetId(f.packetId()));
        }
        if (fact instanceof SessionFact.ReceiptKept f) {
            return key(RECEIPT, fact.clientId(), packetId(f.receipt().packetId()));
        }
        if (fact instanceof SessionFact.ReceiptReleased f) {
            return key(RECEIPT, fact.clientId(), packetId(f.packetId()));
        }
        if (fact instanceof SessionFact.ShareSettled f) {
            byte[] share = utf8(f.share().share());
            byte[] part = ByteBuffer.allocate(20 + share.length)
                    .put(partition(f.share().partition()))
                    .put(share)
                    .array();
            return key(SHARE, fact.clientId(), part);
        }
        if (fact instanceof SessionFact.WillKept || fact instanceof SessionFact.WillDropped) {
            return key(WILL, fact.clientId(), new byte[0]);
        }
        if (fact instanceof SessionFact.GroupStarted || fact instanceof SessionFact.GroupEnded) {
            return key(GROUP, fact.clientId(), new byte[0]);
        }
        if (fact instanceof SessionFact.GroupMoved f) {
            return key(PLACE, fact.clientId(), partition(f.partition()));
        }
        if (fact instanceof SessionFact.GroupForgotten f) {
            return key(PLACE, fact.clientId(), partition(f.partition()));
        }
        return key(SESSION, fact.clientId(), new byte[0]);
    }

    @Override
    public byte @Nullable [] value(SessionFact fact) {
        if (fact instanceof SessionFact.SessionStarted f) {
            return ByteBuffer.allocate(17)
                    .put(VERSION)
                    .putLong(f.expirySeconds())
                    .putLong(f.parkedAtMs())
                    .array();
        }
        if (fact instanceof SessionFact.SubscriptionAdded f) {
            StoredSubscription s = f.subscription();
            int flags = s.qos() | (s.noLocal() ? 4 : 0) | (s.retainAsPublished() ? 8 : 0);
            return ByteBuffer.allocate(6)
                    .put(VERSION)
                    .put((byte) flags)
                    .putInt(s.id())
                    .array();
        }
        if (fact instanceof SessionFact.PositionMoved f) {
            return ByteBuffer.allocate(9).put(VERSION).putLong(f.offset()).array();
        }
        if (fact instanceof SessionFact.SentMoved f) {
            return ByteBuffer.allocate(9).put(VERSION).putLong(f.offset()).array();
        }
        if (fact instanceof SessionFact.FlowKept f) {
            return value(f.flow());
        }
        if (fact instanceof SessionFact.ReceiptKept f) {
            return ByteBuffer.allocate(29)
                    .put(VERSION)
                    .put(partition(f.receipt().partition()))
                    .putLong(f.receipt().fromOffset())
                    .array();
        }
        if (fact instanceof SessionFact.ShareSettled f) {
            return f.share().settled().isEmpty() ? null : value(f.share());
        }
        if (fact instanceof SessionFact.GroupStarted) {
            return new byte[] {VERSION};
        }
        if (fact instanceof SessionFact.GroupMoved f) {
            ByteBuffer bytes = ByteBuffer.allocate(13 + 8 * f.place().settled().size())
                    .put(VERSION)
                    .putLong(f.place().offset())
                    .putInt(f.place().settled().size());
            f.place().settled().forEach(bytes::putLong);
            return bytes.array();
        }
        if (fact instanceof SessionFact.WillKept f) {
            byte[] message = WaitingPublishCodec.encode(f.will().message());
            return ByteBuffer.allocate(9 + message.length)
                    .put(VERSION)
                    .putLong(f.will().delaySeconds())
                    .put(message)
                    .array();
        }
        return null;
    }

    private static byte[] key(String clientId, SentOf of) {
        return key(of.qos() == 1 ? SENT_QOS_1 : SENT_QOS_2, clientId, partition(of.partition()));
    }

    private static byte[] value(StoredShare share) {
        ByteBuffer bytes = ByteBuffer.allocate(5 + 8 * share.settled().size())
                .put(VERSION)
                .putInt(share.settled().size());
        share.settled().forEach(bytes::putLong);
        return bytes.array();
    }

    private static byte[] value(StoredFlow flow) {
        byte[] share = utf8(flow.share() == null ? "" : flow.share());
        int flags = flow.qos() | (flow.released() ? 4 : 0);
        return ByteBuffer.allocate(30 + share.length)
                .put(VERSION)
                .put((byte) flags)
                .put(partition(flow.partition()))
                .putLong(flow.offset())
                .put(share)
                .array();
    }

    @Override
    public @Nullable SessionFact decode(byte[] key, byte @Nullable [] value) {
        try {
            ByteBuffer keyBytes = ByteBuffer.wrap(key);
            byte kind = keyBytes.get();
            byte[] client = new byte[keyBytes.getShort() & 0xFFFF];
            keyBytes.get(client);
            String clientId = text(client);
            byte[] part = new byte[keyBytes.remaining()];
            keyBytes.get(part);
            return switch (kind) {
                case SESSION -> session(clientId, value);
                case SUBSCRIPTION -> subscription(clientId, text(part), value);
                case POSITION -> position(clientId, ByteBuffer.wrap(part), value);
                case SENT_QOS_1 -> sent(clientId, new SentOf(partition(ByteBuffer.wrap(part)), 1), value);
                case SENT_QOS_2 -> sent(clientId, new SentOf(partition(ByteBuffer.wrap(part)), 2), value);
                case FLOW -> flow(clientId, ByteBuffer.wrap(part).getShort() & 0xFFFF, value);
                case RECEIPT -> receipt(clientId, ByteBuffer.wrap(part).getShort() & 0xFFFF, value);
                case SHARE -> share(clientId, ByteBuffer.wrap(part), value);
                case WILL -> will(clientId, value);
                case GROUP -> group(clientId, value);
                case PLACE -> place(clientId, partition(ByteBuffer.wrap(part)), value);
                default -> null;
            };
        } catch (BufferUnderflowException e) {
            throw new IllegalArgumentException("a session record is too short", e);
        }
    }

    private static SessionFact session(String clientId, byte @Nullable [] value) {
        if (value == null) {
            return new SessionFact.SessionEnded(clientId);
        }
        ByteBuffer bytes = versioned(value);
        return new SessionFact.SessionStarted(clientId, bytes.getLong(), bytes.getLong());
    }

    private static SessionFact subscription(String clientId, String filter, byte @Nullable [] value) {
        if (value == null) {
            return new SessionFact.SubscriptionRemoved(clientId, filter);
        }
        ByteBuffer bytes = versioned(value);
        int flags = bytes.get();
        StoredSubscription stored =
                new StoredSubscription(filter, flags & 3, (flags & 4) != 0, (flags & 8) != 0, bytes.getInt());
        return new SessionFact.SubscriptionAdded(clientId, stored);
    }

    private static SessionFact position(String clientId, ByteBuffer part, byte @Nullable [] value) {
        Partition partition = partition(part);
        if (value == null) {
            return new SessionFact.PositionForgotten(clientId, partition);
        }
        return new SessionFact.PositionMoved(
                clientId, partition, versioned(value).getLong());
    }

    private static SessionFact sent(String clientId, SentOf of, byte @Nullable [] value) {
        return value == null
                ? new SessionFact.SentForgotten(clientId, of)
                : new SessionFact.SentMoved(clientId, of, versioned(value).getLong());
    }

    private static SessionFact flow(String clientId, int packetId, byte @Nullable [] value) {
        if (value == null) {
            return new SessionFact.FlowSettled(clientId, packetId);
        }
        ByteBuffer bytes = versioned(value);
        int flags = bytes.get();
        Partition partition = partition(bytes);
        long offset = bytes.getLong();
        byte[] share = new byte[bytes.remaining()];
        bytes.get(share);
        StoredFlow flow = new StoredFlow(
                packetId, flags & 3, (flags & 4) != 0, partition, offset, share.length == 0 ? null : text(share));
        return new SessionFact.FlowKept(clientId, flow);
    }

    private static SessionFact receipt(String clientId, int packetId, byte @Nullable [] value) {
        if (value == null) {
            return new SessionFact.ReceiptReleased(clientId, packetId);
        }
        ByteBuffer bytes = versioned(value);
        return new SessionFact.ReceiptKept(clientId, new StoredReceipt(packetId, partition(bytes), bytes.getLong()));
    }

    private static SessionFact share(String clientId, ByteBuffer part, byte @Nullable [] value) {
        Partition partition = partition(part);
        byte[] share = new byte[part.remaining()];
        part.get(share);
        List<Long> settled = value == null ? List.of() : offsets(versioned(value));
        return new SessionFact.ShareSettled(clientId, new StoredShare(text(share), partition, settled));
    }

    private static SessionFact group(String share, byte @Nullable [] value) {
        if (value == null) {
            return new SessionFact.GroupEnded(share);
        }
        versioned(value);
        return new SessionFact.GroupStarted(share);
    }

    private static SessionFact place(String share, Partition partition, byte @Nullable [] value) {
        if (value == null) {
            return new SessionFact.GroupForgotten(share, partition);
        }
        ByteBuffer bytes = versioned(value);
        return new SessionFact.GroupMoved(share, partition, new StoredGroup.Place(bytes.getLong(), offsets(bytes)));
    }

    private static List<Long> offsets(ByteBuffer bytes) {
        List<Long> offsets = new ArrayList<>();
        for (int count = bytes.getInt(); count > 0; count--) {
            offsets.add(bytes.getLong());
        }
        return offsets;
    }

    private static SessionFact will(String clientId, byte @Nullable [] value) {
        if (value == null) {
            return new SessionFact.WillDropped(clientId);
        }
        ByteBuffer bytes = versioned(value);
        long delaySeconds = bytes.getLong();
        return new SessionFact.WillKept(clientId, new StoredWill(WaitingPublishCodec.decode(bytes), delaySeconds));
    }

    private static Partition partition(ByteBuffer bytes) {
        return new Partition(new TopicId(bytes.getLong(), bytes.getLong()), bytes.getInt());
    }

    private static byte[] packetId(int id) {
        return ByteBuffer.allocate(2).putShort((short) id).array();
    }

    private static ByteBuffer versioned(byte[] value) {
        ByteBuffer bytes = ByteBuffer.wrap(value);
        byte version = bytes.get();
        if (version != VERSION) {
            throw new IllegalArgumentException("a session record of version " + version);
        }
        return bytes;
    }

    private static byte[] key(byte kind, String clientId, byte[] part) {
        byte[] client = utf8(clientId);
        return ByteBuffer.allocate(3 + client.length + part.length)
                .put(kind)
                .putShort((short) client.length)
                .put(client)
                .put(part)
                .array();
    }

    private static byte[] partition(Partition partition) {
        return ByteBuffer.allocate(20)
                .putLong(partition.topicId().high())
                .putLong(partition.topicId().low())
                .putInt(partition.index())
                .array();
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(byte[] utf8) {
        return new String(utf8, StandardCharsets.UTF_8);
    }
}
