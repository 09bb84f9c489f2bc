package io.robustmq.core.share;

import io.robustmq.core.meta.MetaImage;
import java.util.List;

/** What of a share partition survives its coordinator: how it is, not what changed. */
public sealed interface ShareFact {
    ShareKey key();

    /**
     * How far the group is.
     *
     * @param epoch raised when an administrator moves the group
     * @param leaderEpoch of the newest leader of the partition that members read from
     * @param imageIndex of metadata in which the topic existed, or UNKNOWN_INDEX
     * @param start everything before it is done
     * @param runs behind the start, in order, those that were done or delivered; the others are available
     */
    record Progressed(ShareKey key, int epoch, int leaderEpoch, long imageIndex, long start, List<StoredRun> runs)
            implements ShareFact {
        public Progressed {
            runs = List.copyOf(runs);
        }

        /** Whether the topic was deleted since. */
        boolean isUnknownTo(MetaImage image) {
            return imageIndex != ShareCommand.UNKNOWN_INDEX
                    && image.index() >= imageIndex
                    && image.topic(key.partition().topicId()) == null;
        }

        /** Whether there are records whose dead letters may not be written yet. */
        boolean hasDead() {
            return runs.stream().anyMatch(run -> run.state() == RecordState.ARCHIVING);
        }
    }

    /** The group does not share the partition any more. */
    record Forgotten(ShareKey key) implements ShareFact {}

    /** {@code state} is any but ACQUIRED. */
    record StoredRun(long first, long last, RecordState state, int deliveries) {}
}
