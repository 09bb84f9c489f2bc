package io.robustmq.kafka.share;

import io.robustmq.core.loop.Cancellable;
import io.robustmq.core.loop.Loop;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a member of a share group reads from this node, so that its requests name only what changed. In the order in which
 * partitions get their turn: one that gave records goes to the end. Owned by the loop of the connection that opened it.
 */
final class ShareSession {
    static final int OPENS = 0;
    static final int CLOSES = -1;

    private final String groupId;
    private final String memberId;
    private final Loop owner;
    private final Map<SharedPartition.Id, SharedPartition> partitions = new LinkedHashMap<>();
    private int expectedEpoch = 1;
    private @Nullable Runnable parked;
    private Cancellable farewell = Cancellable.NOTHING;

    ShareSession(String groupId, String memberId, Loop owner) {
        this.groupId = groupId;
        this.memberId = memberId;
        this.owner = owner;
    }

    String groupId() {
        return groupId;
    }

    String memberId() {
        return memberId;
    }

    boolean isOwnedBy(Loop loop) {
        return owner == loop;
    }

    int expectedEpoch() {
        return expectedEpoch;
    }

    /** The epoch after the largest is 1: 0 means a new session. */
    void advance() {
        expectedEpoch = expectedEpoch == Integer.MAX_VALUE ? 1 : expectedEpoch + 1;
    }

    void add(SharedPartition.Id id) {
        partitions.computeIfAbsent(id, key -> new SharedPartition(key, this));
    }

    void remove(SharedPartition.Id id) {
        partitions.remove(id);
    }

    int size() {
        return partitions.size();
    }

    List<SharedPartition> partitions() {
        return new ArrayList<>(partitions.values());
    }

    /** This partition gave records: the others come first next time. */
    void rotate(SharedPartition partition) {
        if (partitions.remove(partition.id, partition)) {
            partitions.put(partition.id, partition);
        }
    }

    /** A fetch waits: {@code task} runs when some partition may have more. The latest replaces earlier ones. */
    void park(Runnable task) {
        parked = task;
    }

    void unpark() {
        parked = null;
    }

    /** What happens at the end of the connection. */
    void farewell(Cancellable task) {
        farewell = task;
    }

    /** The session is no more. Any thread. */
    void dismiss() {
        owner.run(() -> {
            parked = null;
            farewell.cancel();
        });
    }

    /** Any thread. */
    void stirred(SharedPartition partition) {
        owner.run(() -> {
            partition.forgetWhatIsKnown();
            Runnable waiting = parked;
            if (waiting != null) {
                waiting.run();
            }
        });
    }
}
