package io.robustmq.kafka.handler;

import io.robustmq.core.error.BrokerError;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.meta.MetaCommand;
import io.robustmq.core.meta.MetaReply;
import io.robustmq.core.meta.NodeImage;
import io.robustmq.core.port.MetaLog;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;

/**
 * Hands out producer ids from a block that is this node's alone. Owned by the shared loop. Those who wait for the next
 * block are as many as there are connections at most: a connection runs one such request at a time.
 */
public final class ProducerIds {
    private final int nodeId;
    private final MetaLog metaLog;
    private final Loop loop;
    private final Deque<Waiter> waiting = new ArrayDeque<>();
    private long next;
    private long end;
    private boolean allocating;

    public ProducerIds(int nodeId, MetaLog metaLog, Loop loop) {
        this.nodeId = nodeId;
        this.metaLog = metaLog;
        this.loop = loop;
    }

    /** From any thread; the waiter is told in its own loop. */
    public void take(Waiter waiter) {
        loop.run(() -> {
            waiting.add(waiter);
            serve();
        });
    }

    private void serve() {
        while (!waiting.isEmpty() && next < end) {
            Waiter waiter = waiting.remove();
            long id = next++;
            waiter.loop().run(() -> waiter.reply().taken(BrokerError.NONE, id));
        }
        if (!waiting.isEmpty() && !allocating) {
            allocate();
        }
    }

    private void allocate() {
        NodeImage node = metaLog.image().nodes().get(nodeId);
        if (node == null) {
            refuseAll(BrokerError.COORDINATOR_LOADING);
            return;
        }
        allocating = true;
        CompletableFuture<MetaReply> unused = metaLog.submit(
                        new MetaCommand.AllocateProducerIds(nodeId, node.incarnationEpoch()))
                .whenComplete((reply, failure) ->
                        loop.run(() -> allocated(failure == null ? reply : Pending.refusal(failure))));
    }

    private void allocated(MetaReply reply) {
        allocating = false;
        if (reply instanceof MetaReply.ProducerIds block) {
            next = block.first();
            end = block.first() + block.count();
            serve();
        } else {
            refuseAll(BrokerError.COORDINATOR_LOADING);
        }
    }

    private void refuseAll(BrokerError error) {
        while (!waiting.isEmpty()) {
            Waiter waiter = waiting.remove();
            waiter.loop().run(() -> waiter.reply().taken(error, -1));
        }
    }

    /** Someone who needs an id, and the loop to tell it in. */
    public record Waiter(Loop loop, Reply reply) {}

    /** The id, or why there is none. */
    @FunctionalInterface
    public interface Reply {
        void taken(BrokerError error, long id);
    }
}
