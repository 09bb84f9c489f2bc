package io.robustmq.core.share;

import org.jspecify.annotations.Nullable;

/** What a member has done with a record. */
public enum AcknowledgeType {
    /** There is no record at this offset. */
    GAP(0),
    ACCEPT(1),
    /** Others shall try. */
    RELEASE(2),
    /** Nobody shall try again. */
    REJECT(3),
    /** Nothing yet: it needs more time. */
    RENEW(4);

    private final int code;

    AcknowledgeType(int code) {
        this.code = code;
    }

    public int code() {
        return code;
    }

    /** As Kafka numbers them; null for a number that has no meaning. */
    public static @Nullable AcknowledgeType of(int code) {
        for (AcknowledgeType type : values()) {
            if (type.code == code) {
                return type;
            }
        }
        return null;
    }
}
