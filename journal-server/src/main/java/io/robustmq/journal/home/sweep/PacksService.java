package io.robustmq.journal.home.sweep;

import io.netty.buffer.ByteBuf;
import io.robustmq.core.loop.Cancellable;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.model.Partition;
import io.robustmq.core.port.NodeLink;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers other nodes which packs the partitions need that this one leads. A conversation is owned by its connection's loop. */
public final class PacksService implements NodeLink.Service {
    private static final Logger LOG = LoggerFactory.getLogger(PacksService.class);

    /** Who asks waits longer, and takes no answer at all for a connection that is lost, and with it all that others asked. */
    static final long ANSWER_MS_MAX = 50_000;

    /** The same where all that is referred to is read. */
    static final long READ_ANSWER_MS_MAX = 3_590_000;

    private final NodePacks packs;
    private final @Nullable PackAudit audit;

    /** @param audit null where there is no store */
    public PacksService(LivePacks live, @Nullable PackAudit audit) {
        this.packs = new NodePacks(live);
        this.audit = audit;
    }

    @Override
    public NodeLink.Conversation begin(Loop loop) {
        return new NodeLink.Conversation() {
            @Override
            public void onCall(ByteBuf body, NodeLink.Answer answer) {
                PacksCodec.Question question = PacksCodec.readQuestion(body);
                Asking asking = new Asking(loop, answer, question);
                if (question.checks()) {
                    check(question, asking);
                } else {
                    packs.ask(question.partitions(), found -> asking.send(() -> PacksCodec.answer(found)));
                }
            }

            @Override
            public void ended() {}
        };
    }

    private void check(PacksCodec.Question question, Asking asking) {
        Partition partition = question.partitions().get(0);
        CompletableFuture<PackCheck.Checked> outcome = audit == null
                ? CompletableFuture.failedFuture(new IOException("there is no object store here"))
                : audit.verifyHere(partition, question.reads());
        CompletableFuture<?> unused = outcome.whenComplete((checked, failure) -> {
            if (failure == null) {
                asking.send(() -> PacksCodec.answer(checked));
            } else {
                LOG.warn("shard={} action=check no packs reason=\"{}\"", partition, failure.getMessage());
                asking.send(() -> PacksCodec.answer(PackPeers.Answer.unknown(partition)));
            }
        });
    }

    /** Another node, which waits. The first answer counts, or that there is none in time. */
    private static final class Asking {
        private final Loop loop;
        private final NodeLink.Answer answer;
        private final Cancellable timeout;
        private boolean sent;

        Asking(Loop loop, NodeLink.Answer answer, PacksCodec.Question question) {
            this.loop = loop;
            this.answer = answer;
            Partition partition = question.partitions().get(0);
            long ms = question.reads() ? READ_ANSWER_MS_MAX : ANSWER_MS_MAX;
            this.timeout = loop.schedule(ms, () -> {
                LOG.warn("shard={} action=tell nothing of its packs reason=\"not known within {} ms\"", partition, ms);
                send(() -> PacksCodec.answer(PackPeers.Answer.unknown(partition)));
            });
        }

        void send(Supplier<ByteBuf> body) {
            loop.execute(() -> {
                if (!sent) {
                    sent = true;
                    timeout.cancel();
                    answer.send(body.get());
                }
            });
        }
    }
}
