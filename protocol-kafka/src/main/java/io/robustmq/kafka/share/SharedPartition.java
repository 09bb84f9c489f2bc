package io.robustmq.kafka.share;

import io.robustmq.core.model.Partition;
import io.robustmq.core.model.TopicId;
import io.robustmq.core.share.ShareKey;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/** A partition in a share session. Owned by the connection's loop. */
final class SharedPartition {
    static final long UNKNOWN = -1;

    final Id id;
    final ShareKey key;
    /** Run by the coordinator when there may be more for the member; once for each acquisition. */
    final Runnable waiter;

    /** Where the next records for anybody are, or will be; UNKNOWN when the coordinator must be asked. */
    long lookAt = UNKNOWN;

    /** How far the log was to be seen when it was last looked at. */
    long seenEnd;

    /** The log was found to be shorter than the coordinator thinks. */
    boolean cut;

    /** Nothing is given out until something is done. */
    boolean full;

    /** Raised when what the coordinator said may not hold any more. */
    int stirs;

    /** Why it cannot be read now. */
    @Nullable
    Errors error;

    /** As the wire names it. */
    record Id(Uuid topicId, int index) {
        Partition partition() {
            return new Partition(
                    new TopicId(topicId.getMostSignificantBits(), topicId.getLeastSignificantBits()), index);
        }
    }

    SharedPartition(Id id, ShareSession session) {
        this.id = id;
        this.key = new ShareKey(session.groupId(), id.partition());
        this.waiter = () -> session.stirred(this);
    }

    Partition partition() {
        return key.partition();
    }

    void forgetWhatIsKnown() {
        lookAt = UNKNOWN;
        full = false;
        stirs++;
    }
}
