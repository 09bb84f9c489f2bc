package io.robustmq.core.coordinator;

import org.jspecify.annotations.Nullable;

/**
 * Bytes of a fact as a record of a compacted topic: the key names what the fact is about, so that only the newest fact
 * per key need be kept; a null value says that it is gone.
 */
public interface FactCodec<F> {
    byte[] key(F fact);

    byte @Nullable [] value(F fact);

    /** Null for a record of a kind that this version skips; throws IllegalArgumentException for a newer or broken one. */
    @Nullable
    F decode(byte[] key, byte @Nullable [] value);
}
