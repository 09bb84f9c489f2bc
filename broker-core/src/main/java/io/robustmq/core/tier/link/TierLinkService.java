package io.robustmq.core.tier.link;

import io.netty.buffer.ByteBuf;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.loop.Cancellable;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.port.NodeLink;
import io.robustmq.core.tier.TierManifest;
import io.robustmq.core.tier.TierRequester;
import io.robustmq.core.tier.TierService;

/** Answers what other nodes ask the manifests of this one. A conversation is owned by its connection's loop. */
public final class TierLinkService implements NodeLink.Service {
    static final long ANSWER_MS_MAX = 10_000;

    private final TierService manifests;

    public TierLinkService(TierService manifests) {
        this.manifests = manifests;
    }

    @Override
    public NodeLink.Conversation begin(Loop loop) {
        return new NodeLink.Conversation() {
            @Override
            public void onCall(ByteBuf body, NodeLink.Answer answer) {
                manifests.submitHere(TierLinkCodec.decode(body, new Asking(loop, answer)));
            }

            @Override
            public void ended() {}
        };
    }

    /** Another node, which waits. The first answer counts, or that there is none in time. */
    private static final class Asking implements TierRequester {
        private final Loop loop;
        private final NodeLink.Answer answer;
        private final Cancellable timeout;
        private boolean sent;

        Asking(Loop loop, NodeLink.Answer answer) {
            this.loop = loop;
            this.answer = answer;
            this.timeout = loop.schedule(ANSWER_MS_MAX, () -> refuse(BrokerError.REQUEST_TIMED_OUT));
        }

        @Override
        public void answer(TierManifest manifest) {
            send(TierLinkCodec.encode(manifest));
        }

        @Override
        public void refuse(BrokerError error) {
            send(TierLinkCodec.encode(error));
        }

        private void send(ByteBuf body) {
            loop.run(() -> {
                if (sent) {
                    body.release();
                } else {
                    sent = true;
                    timeout.cancel();
                    answer.send(body);
                }
            });
        }
    }
}
