package io.robustmq.mqtt.deliver;

import io.robustmq.mqtt.codec.Encoded;
import io.robustmq.mqtt.session.PartitionLog;
import org.jspecify.annotations.Nullable;

/**
 * One committed record on its way to subscribers. Immutable; read by several loops.
 *
 * @param topic MQTT's
 * @param timestampMs when it was published; 0 if nobody asks
 * @param bytes of the payload, for limits
 * @param qos it was published with
 * @param retain whether RETAIN was set when it was published
 * @param v3 null when nobody who gets it speaks MQTT 3
 * @param v5 null when nobody who gets it speaks MQTT 5
 */
record Frame(
        PartitionLog log,
        long offset,
        String topic,
        long timestampMs,
        int bytes,
        int qos,
        boolean retain,
        @Nullable Encoded v3,
        @Nullable Encoded v5) {

    Encoded forVersion(boolean five) {
        Encoded encoded = five ? v5 : v3;
        if (encoded == null) {
            throw new AssertionError("not encoded for this version");
        }
        return encoded;
    }
}
