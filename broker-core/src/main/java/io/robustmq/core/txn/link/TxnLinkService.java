package io.robustmq.core.txn.link;

import io.netty.buffer.ByteBuf;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.loop.Cancellable;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.port.NodeLink;
import io.robustmq.core.txn.MarkerOrder;
import io.robustmq.core.txn.TxnCommand.AddPartitions;
import io.robustmq.core.txn.TxnCommand.VerifyPartitions;
import io.robustmq.core.txn.TxnPartition;
import io.robustmq.core.txn.TxnReply;
import io.robustmq.core.txn.TxnRequester;
import io.robustmq.core.txn.TxnService;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Answers what other nodes ask about transactions. A conversation is owned by its connection's loop. */
public final class TxnLinkService implements NodeLink.Service {
    static final long ANSWER_MS_MAX = 10_000;

    private final TxnService transactions;

    public TxnLinkService(TxnService transactions) {
        this.transactions = transactions;
    }

    @Override
    public NodeLink.Conversation begin(Loop loop) {
        return new NodeLink.Conversation() {
            @Override
            public void onCall(ByteBuf body, NodeLink.Answer answer) {
                TxnLinkService.this.onCall(body, loop, answer);
            }

            @Override
            public void ended() {}
        };
    }

    private void onCall(ByteBuf body, Loop loop, NodeLink.Answer answer) {
        byte kind = body.readByte();
        if (kind == TxnLinkCodec.MARKERS) {
            MarkerOrder order = TxnLinkCodec.markers(body);
            Errors errors = new Errors(order.partitions(), loop, answer);
            transactions.markers().writeHere(order, loop, errors::told);
        } else if (kind == TxnLinkCodec.ADD) {
            Asking asking = new Asking(loop, answer);
            AddPartitions add = TxnLinkCodec.add(body, asking);
            if (!transactions.knows(add.partitions())) {
                // Its marker would be left out as one of a topic that is gone.
                asking.refuse(BrokerError.UNKNOWN_TOPIC_OR_PARTITION);
                return;
            }
            transactions.submit(add.transactionalId(), add);
        } else if (kind == TxnLinkCodec.VERIFY) {
            VerifyPartitions verify = TxnLinkCodec.verify(body, new Asking(loop, answer));
            transactions.submit(verify.transactionalId(), verify);
        } else {
            throw new IllegalArgumentException("request about transactions of kind " + kind);
        }
    }

    /** Collects what became of each partition's marker. Owned by the connection's loop. */
    private static final class Errors {
        private final Map<TxnPartition, BrokerError> errors = new LinkedHashMap<>();
        private final NodeLink.Answer answer;
        private final Cancellable timeout;
        private int missing;

        Errors(List<TxnPartition> partitions, Loop loop, NodeLink.Answer answer) {
            partitions.forEach(partition -> errors.put(partition, BrokerError.REQUEST_TIMED_OUT));
            this.answer = answer;
            this.missing = errors.size();
            this.timeout = loop.schedule(ANSWER_MS_MAX, this::send);
        }

        void told(TxnPartition partition, BrokerError error) {
            if (missing > 0) {
                errors.put(partition, error);
                missing--;
                if (missing == 0) {
                    send();
                }
            }
        }

        private void send() {
            missing = 0;
            timeout.cancel();
            answer.send(TxnLinkCodec.encode(new ArrayList<>(errors.values())));
        }
    }

    /** Another node's partition, which waits for a coordinator of this one. */
    private static final class Asking implements TxnRequester {
        private final Loop loop;
        private final NodeLink.Answer answer;
        private final Cancellable timeout;
        private boolean answered;

        Asking(Loop loop, NodeLink.Answer answer) {
            this.loop = loop;
            this.answer = answer;
            this.timeout = loop.schedule(ANSWER_MS_MAX, () -> refuse(BrokerError.REQUEST_TIMED_OUT));
        }

        @Override
        public void answer(TxnReply reply) {
            refuse(reply instanceof TxnReply.Done ? BrokerError.NONE : BrokerError.UNEXPECTED);
        }

        @Override
        public void refuse(BrokerError error) {
            loop.run(() -> {
                if (!answered) {
                    answered = true;
                    timeout.cancel();
                    answer.send(TxnLinkCodec.encode(List.of(error)));
                }
            });
        }
    }
}
