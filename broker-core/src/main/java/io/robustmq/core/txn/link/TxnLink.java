package io.robustmq.core.txn.link;

import io.netty.buffer.ByteBuf;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.link.LinkFields;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.loop.LoopGroup;
import io.robustmq.core.port.NodeLink;
import io.robustmq.core.txn.MarkerOrder;
import io.robustmq.core.txn.TxnCommand;
import io.robustmq.core.txn.TxnCommand.AddPartitions;
import io.robustmq.core.txn.TxnCommand.VerifyPartitions;
import io.robustmq.core.txn.TxnPartition;
import io.robustmq.core.txn.TxnPeers;
import io.robustmq.core.txn.TxnReply;
import java.util.function.BiConsumer;

/** Asks other nodes about transactions. Thread-safe. */
public final class TxnLink implements TxnPeers {
    /** Only says that the connection is dead: every node answers sooner. */
    private static final long TIMEOUT_MS = TxnLinkService.ANSWER_MS_MAX + 4_000;

    private final NodeLink link;
    private final LoopGroup loops;

    public TxnLink(NodeLink link, LoopGroup loops) {
        this.link = link;
        this.loops = loops;
    }

    @Override
    public void mark(int node, MarkerOrder order, Loop loop, BiConsumer<TxnPartition, BrokerError> reply) {
        link.ask(node, NodeLink.Call.TRANSACTION, TxnLinkCodec.encode(order), TIMEOUT_MS, loop, answer -> {
            for (TxnPartition partition : order.partitions()) {
                reply.accept(partition, answer == null ? BrokerError.LEADER_NOT_AVAILABLE : LinkFields.error(answer));
            }
        });
    }

    @Override
    public void submit(int node, String transactionalId, TxnCommand command) {
        Loop loop = loops.loopFor(transactionalId);
        link.ask(node, NodeLink.Call.TRANSACTION, encode(command), TIMEOUT_MS, loop, answer -> {
            BrokerError error = answer == null ? BrokerError.COORDINATOR_NOT_AVAILABLE : LinkFields.error(answer);
            if (error == BrokerError.NONE) {
                command.requester().answer(new TxnReply.Done());
            } else {
                command.requester().refuse(error);
            }
        });
    }

    private static ByteBuf encode(TxnCommand command) {
        if (command instanceof AddPartitions add) {
            return TxnLinkCodec.encode(add);
        } else if (command instanceof VerifyPartitions verify) {
            return TxnLinkCodec.encode(verify);
        }
        throw new AssertionError("a producer asks its coordinator itself: " + command);
    }
}
