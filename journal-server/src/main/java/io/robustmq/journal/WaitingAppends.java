package io.robustmq.journal;

import io.robustmq.core.error.BrokerError;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.port.Acks;

/** A shard's appends that are written and wait to be safe: with all in sync, or here. Owned by the shard loop. */
final class WaitingAppends {
    private final PendingAcks forInSync;
    /** Of a partition with several replicas: what waits for this node only. */
    private final PendingAcks forThisNode;

    WaitingAppends(Loop loop, Replies replies) {
        this.forInSync = new PendingAcks(loop, replies);
        this.forThisNode = new PendingAcks(loop, replies);
    }

    void add(AppendRequest request, boolean shared, long nowNs) {
        boolean waitsHere = shared && request.options.acks() == Acks.LEADER;
        (waitsHere ? forThisNode : forInSync).add(request, nowNs);
    }

    void complete(long highWatermark, long ownOffset, long logStartOffset) {
        forInSync.complete(highWatermark, logStartOffset);
        forThisNode.complete(ownOffset, logStartOffset);
    }

    /** There are not enough in sync, and nothing is committed before there are: what was appended may stand all the same. */
    void refuseInSync(BrokerError shortage) {
        forInSync.refuseAll(shortage);
    }

    void refuseAll(BrokerError error) {
        forInSync.refuseAll(error);
        forThisNode.refuseAll(error);
    }

    boolean isEmpty() {
        return forInSync.isEmpty() && forThisNode.isEmpty();
    }
}
