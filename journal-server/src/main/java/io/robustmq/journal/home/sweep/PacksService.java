package io.robustmq.journal.home.sweep;

import io.netty.buffer.ByteBuf;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.model.Partition;
import io.robustmq.core.port.NodeLink;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers other nodes which packs the partitions need that this one leads. A conversation is owned by its connection's loop. */
public final class PacksService implements NodeLink.Service {
    private static final Logger LOG = LoggerFactory.getLogger(PacksService.class);

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
                if (question.checks()) {
                    check(question, loop, answer);
                } else {
                    packs.ask(
                            question.partitions(), found -> loop.execute(() -> answer.send(PacksCodec.answer(found))));
                }
            }

            @Override
            public void ended() {}
        };
    }

    private void check(PacksCodec.Question question, Loop loop, NodeLink.Answer answer) {
        Partition partition = question.partitions().get(0);
        CompletableFuture<PackCheck.Checked> outcome = audit == null
                ? CompletableFuture.failedFuture(new IOException("there is no object store here"))
                : audit.verifyHere(partition, question.reads());
        CompletableFuture<?> unused = outcome.whenComplete((checked, failure) -> loop.execute(() -> {
            if (failure == null) {
                answer.send(PacksCodec.answer(checked));
            } else {
                LOG.warn("shard={} action=check no packs reason=\"{}\"", partition, failure.getMessage());
                answer.send(PacksCodec.answer(PackPeers.Answer.unknown(partition)));
            }
        }));
    }
}
