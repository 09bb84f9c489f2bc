package io.robustmq.core.mapping;

import io.robustmq.core.subscription.MqttTopic;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Text from bytes that a Kafka producer chose. Stateless; any thread. */
public final class Utf8 {
    private Utf8() {}

    /** Null if the bytes are not well-formed UTF-8. */
    public static @Nullable String decode(byte[] bytes) {
        for (byte b : bytes) {
            if (b < 0) {
                return decodeStrictly(bytes);
            }
        }
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    /** Null if the bytes are no string that an MQTT packet can carry: not UTF-8, too long, or with U+0000. */
    public static @Nullable String decodeForMqtt(byte @Nullable [] bytes) {
        if (bytes == null || bytes.length > MqttTopic.BYTES_MAX) {
            return null;
        }
        String text = decode(bytes);
        return text == null || text.indexOf(0) >= 0 ? null : text;
    }

    private static @Nullable String decodeStrictly(byte[] bytes) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            return null;
        }
    }
}
