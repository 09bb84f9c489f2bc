package io.robustmq.core.tier.link;

import io.robustmq.core.error.BrokerError;
import io.robustmq.core.loop.LoopGroup;
import io.robustmq.core.port.NodeLink;
import io.robustmq.core.tier.TierCommand;
import io.robustmq.core.tier.TierPeers;

/** Asks the manifests of other nodes. Thread-safe. */
public final class TierLink implements TierPeers {
    private static final long TIMEOUT_MS = TierLinkService.ANSWER_MS_MAX + 4_000;

    private final NodeLink link;
    private final LoopGroup loops;

    public TierLink(NodeLink link, LoopGroup loops) {
        this.link = link;
        this.loops = loops;
    }

    @Override
    public void submit(int node, TierCommand.OfPartition command) {
        link.ask(
                node,
                NodeLink.Call.SEGMENTS,
                TierLinkCodec.encode(command),
                TIMEOUT_MS,
                loops.loopFor("link-" + node),
                answer -> {
                    if (answer == null) {
                        command.requester().refuse(BrokerError.COORDINATOR_NOT_AVAILABLE);
                    } else {
                        TierLinkCodec.tell(answer, command.requester());
                    }
                });
    }
}
