package io.robustmq.meta.store;

import io.robustmq.core.meta.ConfigScope;
import io.robustmq.core.model.TopicId;
import io.robustmq.core.security.AclBinding;
import io.robustmq.core.security.ScramMechanism;
import io.robustmq.meta.fact.SecurityFields;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Keys of rows. The first byte is the table, and tables are in the order in which a reader can apply their facts: a topic
 * before its partitions, these before its configuration. Numbers are big-endian, so that partitions come in order.
 */
final class RowKey {
    /** Rows from here on are facts. */
    static final byte[] FACTS = {2};

    static final byte[] FORMAT = {1, 'f'};
    static final byte[] APPLIED = {1, 'a'};
    static final byte[] CLUSTER = {2};
    static final byte[] PRODUCER_IDS = {4};

    private static final byte NODE = 3;
    private static final byte TOPIC = 5;
    private static final byte PARTITION = 6;
    private static final byte CONFIG = 7;
    private static final byte NODE_FENCED = 8;
    private static final byte CREDENTIAL = 40;
    private static final byte ACL = 41;

    private RowKey() {}

    static byte[] node(int id) {
        return ByteBuffer.allocate(5).put(NODE).putInt(id).array();
    }

    /** Beside the row of the node, and behind it. */
    static byte[] fenced(int nodeId) {
        return ByteBuffer.allocate(5).put(NODE_FENCED).putInt(nodeId).array();
    }

    static byte[] topic(TopicId id) {
        return topic(TOPIC, 0, id).array();
    }

    static byte[] partition(TopicId id, int index) {
        return topic(PARTITION, 4, id).putInt(index).array();
    }

    /** Before all partitions of the topic, and nothing else's. */
    static byte[] partitions(TopicId id) {
        return topic(PARTITION, 0, id).array();
    }

    static byte[] config(ConfigScope scope, String key) {
        byte[] prefix = configs(scope);
        byte[] name = key.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(prefix.length + name.length)
                .put(prefix)
                .put(name)
                .array();
    }

    /** Before all keys of the scope, and nothing else's. */
    static byte[] configs(ConfigScope scope) {
        byte[] name = scope.name().getBytes(StandardCharsets.UTF_8);
        byte kind =
                switch (scope.kind()) {
                    case TOPIC -> 0;
                    case NODE -> 1;
                    case GROUP -> 2;
                    case QUOTA -> 3;
                    case CLIENT_METRICS -> 4;
                    case DELEGATION_TOKEN -> 5;
                    case NODE_STATE -> 6;
                };
        return ByteBuffer.allocate(6 + name.length)
                .put(CONFIG)
                .put(kind)
                .putInt(name.length)
                .put(name)
                .array();
    }

    static byte[] credential(String user, ScramMechanism mechanism) {
        byte[] name = user.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(2 + name.length)
                .put(CREDENTIAL)
                .put((byte) SecurityFields.code(mechanism))
                .put(name)
                .array();
    }

    static byte[] acl(AclBinding binding) {
        byte[] rule = SecurityFields.bytes(binding);
        return ByteBuffer.allocate(1 + rule.length).put(ACL).put(rule).array();
    }

    /** The first key after all that begin with {@code prefix}. */
    static byte[] after(byte[] prefix) {
        byte[] after = prefix.clone();
        int last = after.length - 1;
        while (++after[last] == 0) {
            last--;
        }
        return after;
    }

    private static ByteBuffer topic(byte table, int more, TopicId id) {
        return ByteBuffer.allocate(17 + more).put(table).putLong(id.high()).putLong(id.low());
    }
}
