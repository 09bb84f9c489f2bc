package io.robustmq.journal;

import io.netty.buffer.ByteBuf;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.fault.CrashPoint;
import io.robustmq.core.port.Acks;
import io.robustmq.core.port.AppendResult;
import io.robustmq.core.port.StoreException;
import io.robustmq.journal.shard.Verdict;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The appends of one turn of a leader's shard: decided, written together, and answered or parked. Owned by the shard loop. */
final class ShardAppends {
    private final Shard shard;
    private final Turn turn = new Turn();
    private final FullStoreLog fullLog;

    ShardAppends(Shard shard) {
        this.shard = shard;
        this.fullLog = new FullStoreLog(shard.partition.toString());
    }

    /** There is room again, by what was just written. */
    void wroteElsewhere() {
        fullLog.roomAgain();
    }

    void accept(AppendRequest request, long nowMs) {
        if (!shard.isOpen()) {
            refuse(request, shard.window.refusal());
            return;
        }
        if (shard.machine.leader() && shard.log.mustRoll(turn.bytes, request.bytes, nowMs)) {
            writeTurn();
            if (shard.isOpen() && shard.log.mustRoll(0, request.bytes, nowMs) && !roll(request, nowMs)) {
                return;
            }
        }
        if (!shard.isOpen()) {
            refuse(request, shard.window.refusal());
            return;
        }
        if (request.options.acks() != Acks.ALL && !shard.replicas.isSureToLead()) {
            refuse(request, BrokerError.NOT_LEADER);
            return;
        }
        if (shard.memory.isTooLarge(request.bytes)) {
            refuse(request, BrokerError.MESSAGE_TOO_LARGE);
            return;
        }
        Verdict verdict = request.refers
                ? shard.machine.onReferences(request.batches, request.options, nowMs)
                : shard.machine.onAppend(request.batches, request.options, nowMs);
        if (!verdict.accepted()) {
            request.batches.release();
            shard.replies.add(request, AppendResult.refused(verdict.error(), verdict.message()), shard.loop.nanoTime());
            return;
        }
        request.baseOffset = verdict.baseOffset();
        request.endOffset = verdict.endOffset();
        request.appendTimeMs = verdict.appendTimeMs();
        request.isForgotten = verdict.isForgotten();
        turn.add(request, !verdict.duplicate());
        if (turn.isFull()) {
            writeTurn();
        }
    }

    private boolean roll(AppendRequest request, long nowMs) {
        try {
            shard.log.roll(shard.producers, nowMs);
            shard.upkeep.runSealJobs();
            return true;
        } catch (IOException e) {
            refuse(request, storeFailed(e));
            return false;
        }
    }

    /** One write for all that was accepted since the last. */
    void writeTurn() {
        if (turn.isEmpty()) {
            return;
        }
        if (turn.bufferCount > 0) {
            long before = shard.log.endOffset();
            try {
                shard.memory.checkReserved(shard.machine.acceptedOffset());
                append(turn.buffers, turn.bufferCount);
                if (shard.home != null) {
                    CrashPoint.REFERENCES_APPENDED.reached();
                }
            } catch (IOException e) {
                shard.machine.onWriteFailed();
                refuseTurn(storeFailed(e));
                return;
            }
            shard.log.addAborted(shard.machine.onWritten());
            if (shard.replicas.shared()) {
                shard.replicas.written(before);
            }
            fullLog.roomAgain();
            shard.memory.wrote();
            shard.context.metrics().wrote(turn.bufferCount, turn.bytes);
        }
        settleTurn();
        if (shard.flush.isBeforeAck()) {
            shard.flush.requestIfNeeded();
            shard.completeWaiting();
        } else {
            shard.onDurable(shard.log.written());
        }
    }

    /** A ring lets what is oldest go until there is room. */
    void append(ByteBuf[] buffers, int count) throws IOException {
        while (true) {
            try {
                shard.log.append(buffers, count);
                return;
            } catch (StoreException e) {
                if (!shard.memory.makeRoom(e)) {
                    throw e;
                }
            }
        }
    }

    private void settleTurn() {
        long nowNs = shard.loop.nanoTime();
        for (int i = 0; i < turn.requestCount; i++) {
            AppendRequest request = turn.requests[i];
            request.batches.release();
            if (request.options.acks() == Acks.NONE) {
                shard.replies.add(request, request.success(shard.log.startOffset()), nowNs);
            } else {
                shard.waiting.add(request, shard.replicas.shared(), nowNs);
            }
        }
        turn.clear();
    }

    void refuseTurn(BrokerError error) {
        for (int i = 0; i < turn.requestCount; i++) {
            refuse(turn.requests[i], error);
        }
        turn.clear();
    }

    /** What the appends are told; takes the shard offline unless the store says that nothing is lost. */
    BrokerError storeFailed(IOException cause) {
        if (cause instanceof StoreException store) {
            boolean isFull = store.kind() == StoreException.Kind.FULL;
            if (isFull && shard.memory.isRing()) {
                return BrokerError.OVERLOADED;
            }
            if (isFull) {
                fullLog.full(cause, shard.loop.nanoTime());
                shard.context.rooms().full(shard.store, shard.loop.nanoTime());
                return BrokerError.STORAGE_FULL;
            }
            if (store.kind() == StoreException.Kind.RETRIABLE) {
                return shard.memory.isRing() ? BrokerError.OVERLOADED : BrokerError.STORAGE_ERROR;
            }
        }
        shard.goOffline("append", cause);
        return BrokerError.STORAGE_ERROR;
    }

    /**
     * Our bug, or an error of the machine: what is in memory may not be what is on disk any more.
     *
     * @param request was on its way, and is answered unless it has been
     */
    void failed(String action, Throwable cause, @Nullable AppendRequest request) {
        shard.goOffline(action, cause);
        if (request != null && !request.answered) {
            refuse(request, BrokerError.STORAGE_ERROR);
        }
    }

    void refuse(AppendRequest request, BrokerError error) {
        request.batches.release();
        shard.replies.add(request, AppendResult.refused(error), shard.loop.nanoTime());
    }
}
