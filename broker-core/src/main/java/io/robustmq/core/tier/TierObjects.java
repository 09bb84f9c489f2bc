package io.robustmq.core.tier;

import io.robustmq.core.model.Partition;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Deletes objects; in threads of its own. {@code done} is told, in any thread, whether all are gone. */
public interface TierObjects {
    /** What was begun so long ago, and is not whole, is nobody's any more: its process ended. */
    long UPLOAD_MS_MAX = TimeUnit.DAYS.toMillis(1);

    /** Of a node without a store. */
    TierObjects NONE = new TierObjects() {
        @Override
        public void delete(Partition partition, List<TierSegment> segments, Consumer<Boolean> done) {
            done.accept(false);
        }

        @Override
        public void clear(Partition partition, long term, Consumer<Boolean> done) {
            done.accept(false);
        }
    };

    void delete(Partition partition, List<TierSegment> segments, Consumer<Boolean> done);

    /** All that begins with the partition's prefix, but what was made in a later term: it may be stored again meanwhile. */
    void clear(Partition partition, long term, Consumer<Boolean> done);
}
