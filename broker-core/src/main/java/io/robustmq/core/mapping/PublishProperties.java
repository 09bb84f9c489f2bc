package io.robustmq.core.mapping;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a publish says beside topic and payload. The correlation array is shared, not copied.
 *
 * @param qos 0 to 2; 1 is what a record without header means
 * @param expirySeconds 0 to 2^32 - 1 from the record's timestamp, or {@link #NO_EXPIRY}
 * @param payloadFormat 0 bytes, 1 UTF-8
 * @param userProperties in order, repeats kept
 */
@SuppressWarnings("ArrayRecordComponent") // a value object of the hot path; never compared or hashed
public record PublishProperties(
        int qos,
        boolean retain,
        long expirySeconds,
        @Nullable String contentType,
        @Nullable String responseTopic,
        byte @Nullable [] correlation,
        int payloadFormat,
        List<UserProperty> userProperties) {
    public static final long NO_EXPIRY = -1;
    public static final long EXPIRY_SECONDS_MAX = 0xFFFF_FFFFL;
    public static final int DEFAULT_QOS = 1;

    /** What a record without headers means: QoS 1 and nothing else. */
    public static final PublishProperties EMPTY = plain(DEFAULT_QOS, false);

    private static final PublishProperties[] PLAIN = {
        plain(0, false), EMPTY, plain(2, false), plain(0, true), plain(1, true), plain(2, true)
    };

    // Written out: in a compact constructor JDK 17's javac loses that the correlation may be null.
    public PublishProperties(
            int qos,
            boolean retain,
            long expirySeconds,
            @Nullable String contentType,
            @Nullable String responseTopic,
            byte @Nullable [] correlation,
            int payloadFormat,
            List<UserProperty> userProperties) {
        if (qos < 0 || qos > 2) {
            throw new IllegalArgumentException("QoS " + qos + " is not 0, 1 or 2");
        }
        if (expirySeconds < NO_EXPIRY || expirySeconds > EXPIRY_SECONDS_MAX) {
            throw new IllegalArgumentException("a message expiry of " + expirySeconds + " seconds");
        }
        if (payloadFormat < 0 || payloadFormat > 1) {
            throw new IllegalArgumentException("a payload format of " + payloadFormat);
        }
        this.qos = qos;
        this.retain = retain;
        this.expirySeconds = expirySeconds;
        this.contentType = contentType;
        this.responseTopic = responseTopic;
        this.correlation = correlation;
        this.payloadFormat = payloadFormat;
        this.userProperties = List.copyOf(userProperties);
    }

    /** With QoS and retain flag only, as every publish of MQTT 3 is; shared instances. */
    public static PublishProperties of(int qos, boolean retain) {
        return PLAIN[retain ? qos + 3 : qos];
    }

    /** Whether all but QoS and retain flag are at their defaults. */
    public boolean isPlain() {
        return expirySeconds == NO_EXPIRY
                && contentType == null
                && responseTopic == null
                && correlation == null
                && payloadFormat == 0
                && userProperties.isEmpty();
    }

    public boolean isExpired(long publishedMs, long nowMs) {
        return expirySeconds != NO_EXPIRY && nowMs - publishedMs >= expirySeconds * 1000;
    }

    /** What is left of the expiry, at least 0, to be sent to a subscriber [MQTT-3.3.2-6]; {@link #NO_EXPIRY} if none. */
    public long remainingExpirySeconds(long publishedMs, long nowMs) {
        if (expirySeconds == NO_EXPIRY) {
            return NO_EXPIRY;
        }
        long waitedSeconds = Math.max(0, nowMs - publishedMs) / 1000;
        return Math.max(0, expirySeconds - waitedSeconds);
    }

    private static PublishProperties plain(int qos, boolean retain) {
        return new PublishProperties(qos, retain, NO_EXPIRY, null, null, null, 0, List.of());
    }
}
