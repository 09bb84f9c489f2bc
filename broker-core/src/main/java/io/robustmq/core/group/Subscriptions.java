package io.robustmq.core.group;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The only look that the broker takes into members' metadata: which topics they subscribe to. Stateless. */
final class Subscriptions {
    static final String CONSUMER = "consumer";

    private Subscriptions() {}

    /** Null unless all members are consumers whose metadata can be read. */
    static @Nullable Set<String> topicsOf(Group group) {
        if (!group.protocolType.equals(CONSUMER) || group.members.isEmpty()) {
            return null;
        }
        Set<String> topics = new HashSet<>();
        for (Member member : group.members.values()) {
            if (!read(member.metadata(group.protocolName), topics)) {
                return null;
            }
        }
        return topics;
    }

    /** A version, then an array of topic names; what follows depends on the version and is not needed. */
    private static boolean read(Bytes metadata, Set<String> topics) {
        ByteBuffer buffer = ByteBuffer.wrap(metadata.array());
        if (buffer.remaining() < 6 || buffer.getShort() < 0) {
            return false;
        }
        int count = buffer.getInt();
        for (int i = 0; i < count; i++) {
            int length = buffer.remaining() < 2 ? -1 : buffer.getShort();
            if (length < 0 || length > buffer.remaining()) {
                return false;
            }
            byte[] name = new byte[length];
            buffer.get(name);
            topics.add(new String(name, StandardCharsets.UTF_8));
        }
        return count >= 0;
    }
}
