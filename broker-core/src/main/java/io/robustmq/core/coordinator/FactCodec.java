package io.robustmq.core.coordinator;

import io.robustmq.core.record.RecordHeader;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Bytes of a fact as a record of a compacted topic: the key names what the fact is about, so that only the newest fact
 * per key need be kept; a null value says that it is gone.
 */
public interface FactCodec<F> {
    byte[] key(F fact);

    byte @Nullable [] value(F fact);

    /** What stands beside them for those who look through the log; not read back. */
    default List<RecordHeader> headers(F fact) {
        return List.of();
    }

    /** Null for a record of a kind that this version skips; throws IllegalArgumentException for a newer or broken one. */
    @Nullable
    F decode(byte[] key, byte @Nullable [] value);
}
