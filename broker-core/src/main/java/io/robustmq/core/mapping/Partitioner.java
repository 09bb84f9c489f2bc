package io.robustmq.core.mapping;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Chooses partitions as Kafka's default partitioner does for records with a key, so that an MQTT publisher and a Kafka
 * producer of one key meet in one partition. Stateless; any thread.
 */
public final class Partitioner {
    private static final int SEED = 0x9747b28c;
    private static final int M = 0x5bd1e995;

    private Partitioner() {}

    /** By the key's hash; without key, by the topic name's, so that one MQTT topic stays in one partition. */
    public static int partition(byte @Nullable [] key, String topic, int partitions) {
        if (partitions == 1) {
            return 0;
        }
        byte[] hashed = key == null ? topic.getBytes(StandardCharsets.UTF_8) : key;
        return (murmur2(hashed) & Integer.MAX_VALUE) % partitions;
    }

    /** Austin Appleby's MurmurHash2, 32 bits, with the seed that Kafka uses. */
    static int murmur2(byte[] bytes) {
        int hash = SEED ^ bytes.length;
        int wordsEnd = bytes.length & ~3;
        for (int i = 0; i < wordsEnd; i += 4) {
            int word = (bytes[i] & 0xff)
                    | ((bytes[i + 1] & 0xff) << 8)
                    | ((bytes[i + 2] & 0xff) << 16)
                    | ((bytes[i + 3] & 0xff) << 24);
            word *= M;
            word ^= word >>> 24;
            hash = (hash * M) ^ (word * M);
        }
        for (int i = bytes.length - 1; i >= wordsEnd; i--) {
            hash ^= (bytes[i] & 0xff) << (8 * (i - wordsEnd));
        }
        if (wordsEnd != bytes.length) {
            hash *= M;
        }
        hash ^= hash >>> 13;
        hash *= M;
        return hash ^ (hash >>> 15);
    }
}
