package io.robustmq.journal.home.sweep;

import io.robustmq.core.loop.LoopGroup;
import io.robustmq.core.model.Partition;
import io.robustmq.core.port.NodeLink;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks other nodes. Thread-safe. */
public final class PacksLink implements PackPeers {
    private static final Logger LOG = LoggerFactory.getLogger(PacksLink.class);
    static final long TIMEOUT_MS = PacksService.ANSWER_MS_MAX + 10_000;
    private static final long READ_MS_MAX = PacksService.READ_ANSWER_MS_MAX + 10_000;

    private final NodeLink link;
    private final LoopGroup loops;

    public PacksLink(NodeLink link, LoopGroup loops) {
        this.link = link;
        this.loops = loops;
    }

    @Override
    public void ask(int node, List<Partition> partitions, Consumer<Answer> done) {
        link.ask(
                node,
                NodeLink.Call.PACKS,
                PacksCodec.question(partitions),
                TIMEOUT_MS,
                loops.loopFor("link-" + node),
                answer -> {
                    Answer told = Answer.unknown(partitions.get(0));
                    try {
                        told = answer == null ? told : PacksCodec.readAnswer(answer);
                    } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
                        LOG.error("node={} action=take for no answer", node, e);
                    }
                    done.accept(told);
                });
    }

    @Override
    public CompletableFuture<PackCheck.Checked> check(int node, Partition partition, boolean reads) {
        CompletableFuture<PackCheck.Checked> outcome = new CompletableFuture<>();
        link.ask(
                node,
                NodeLink.Call.PACKS,
                PacksCodec.checkQuestion(partition, reads),
                reads ? READ_MS_MAX : TIMEOUT_MS,
                loops.loopFor("link-" + node),
                answer -> {
                    PackCheck.Checked checked = null;
                    try {
                        checked = answer == null ? null : PacksCodec.readChecked(answer);
                    } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
                        LOG.error("node={} action=take for no answer", node, e);
                    }
                    if (checked == null) {
                        outcome.completeExceptionally(
                                new IOException("node " + node + " does not say what " + partition + " refers to"));
                    } else {
                        outcome.complete(checked);
                    }
                });
        return outcome;
    }
}
