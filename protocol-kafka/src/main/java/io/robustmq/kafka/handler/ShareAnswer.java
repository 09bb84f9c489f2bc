package io.robustmq.kafka.handler;

import io.robustmq.core.error.BrokerError;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.share.ShareReply;
import io.robustmq.core.share.ShareRequester;
import java.util.function.Consumer;

/** Takes the coordinator's answer to the connection's loop. Thread-safe. */
public final class ShareAnswer implements ShareRequester {
    private final Loop loop;
    private final Consumer<ShareReply> onReply;
    private final Consumer<BrokerError> onRefusal;

    /** Both run in {@code loop}. */
    public ShareAnswer(Loop loop, Consumer<ShareReply> onReply, Consumer<BrokerError> onRefusal) {
        this.loop = loop;
        this.onReply = onReply;
        this.onRefusal = onRefusal;
    }

    /** For commands that are answered by Done. */
    public static ShareAnswer done(Loop loop, Consumer<BrokerError> onDone) {
        return new ShareAnswer(loop, reply -> onDone.accept(((ShareReply.Done) reply).error()), onDone);
    }

    @Override
    public void answer(ShareReply reply) {
        loop.run(() -> onReply.accept(reply));
    }

    @Override
    public void refuse(BrokerError error) {
        loop.run(() -> onRefusal.accept(error));
    }
}
