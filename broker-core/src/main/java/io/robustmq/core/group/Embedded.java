package io.robustmq.core.group;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What consumers of the classic protocol tell each other in the bytes of their joins and assignments. Who cannot be
 * understood is null here: clients may use bytes of their own. Not every client writes all that its version has: what is
 * left out at the end is empty. Stateless.
 */
final class Embedded {
    private static final int FIRST_WITH_OWNED = 1;
    private static final int FIRST_WITH_GENERATION = 2;
    private static final int FIRST_WITH_RACK = 3;

    private Embedded() {}

    /** What a member wants, and what it consumes as it asks. Partitions are by name of their topic. */
    record Subscription(
            int version,
            List<String> topics,
            Map<String, List<Integer>> owned,
            @Nullable String rackId) {}

    static @Nullable Subscription subscription(Bytes bytes) {
        ByteBuf in = Unpooled.wrappedBuffer(bytes.array());
        try {
            int version = in.readShort();
            List<String> topics = new ArrayList<>();
            for (int left = count(in); left > 0; left--) {
                topics.add(KafkaFields.readString(in));
            }
            if (version < 0) {
                return null;
            }
            skipUserData(in);
            Map<String, List<Integer>> owned =
                    version < FIRST_WITH_OWNED || !in.isReadable() ? Map.of() : partitions(in);
            if (version >= FIRST_WITH_GENERATION && in.isReadable()) {
                in.skipBytes(Integer.BYTES);
            }
            String rackId =
                    version < FIRST_WITH_RACK || !in.isReadable() ? null : KafkaFields.readNullableString(in, false);
            return new Subscription(version, topics, owned, rackId);
        } catch (IndexOutOfBoundsException | IllegalArgumentException e) {
            return null;
        }
    }

    /** No bytes are no partitions. */
    static @Nullable Map<String, List<Integer>> assignment(Bytes bytes) {
        if (bytes.size() == 0) {
            return Map.of();
        }
        ByteBuf in = Unpooled.wrappedBuffer(bytes.array());
        try {
            return in.readShort() < 0 ? null : partitions(in);
        } catch (IndexOutOfBoundsException | IllegalArgumentException e) {
            return null;
        }
    }

    /** {@code version}: that of the member's subscription; all versions that there are look alike. */
    static Bytes assignment(int version, Map<String, List<Integer>> assigned) {
        ByteBuf out = Unpooled.buffer(128);
        out.writeShort(version);
        out.writeInt(assigned.size());
        assigned.forEach((topic, partitions) -> {
            KafkaFields.writeString(out, topic);
            out.writeInt(partitions.size());
            partitions.forEach(out::writeInt);
        });
        out.writeInt(-1);
        return Bytes.of(KafkaFields.bytes(out));
    }

    private static Map<String, List<Integer>> partitions(ByteBuf in) {
        Map<String, List<Integer>> partitions = new LinkedHashMap<>();
        for (int left = count(in); left > 0; left--) {
            List<Integer> ofTopic = partitions.computeIfAbsent(KafkaFields.readString(in), name -> new ArrayList<>());
            for (int more = count(in); more > 0; more--) {
                ofTopic.add(in.readInt());
            }
        }
        return partitions;
    }

    private static void skipUserData(ByteBuf in) {
        int length = in.isReadable() ? in.readInt() : -1;
        in.skipBytes(Math.max(0, length));
    }

    private static int count(ByteBuf in) {
        int count = in.readInt();
        if (count < 0 || count > in.readableBytes()) {
            throw new IllegalArgumentException("array of length " + count);
        }
        return count;
    }
}
