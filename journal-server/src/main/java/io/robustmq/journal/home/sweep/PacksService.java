package io.robustmq.journal.home.sweep;

import io.netty.buffer.ByteBuf;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.port.NodeLink;

/** Answers other nodes which packs the partitions need that this one leads. A conversation is owned by its connection's loop. */
public final class PacksService implements NodeLink.Service {
    private final NodePacks packs;

    public PacksService(LivePacks live) {
        this.packs = new NodePacks(live);
    }

    @Override
    public NodeLink.Conversation begin(Loop loop) {
        return new NodeLink.Conversation() {
            @Override
            public void onCall(ByteBuf body, NodeLink.Answer answer) {
                packs.ask(
                        PacksCodec.readQuestion(body),
                        found -> loop.execute(() -> answer.send(PacksCodec.answer(found))));
            }

            @Override
            public void ended() {}
        };
    }
}
