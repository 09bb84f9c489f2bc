package io.robustmq.server.link;

import io.netty.buffer.ByteBuf;
import io.robustmq.core.loop.Cancellable;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.port.NodeLink;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A question on its way. Owned by the connection's loop; answered once. */
final class LinkAsk {
    private static final Logger LOG = LoggerFactory.getLogger(LinkAsk.class);

    final NodeLink.Call call;
    final ByteBuf body;
    final long timeoutMs;
    Cancellable timeout = Cancellable.NOTHING;
    private final Loop loop;
    private final Consumer<@Nullable ByteBuf> reply;
    private boolean answered;

    /** Takes {@code body}. */
    LinkAsk(NodeLink.Call call, ByteBuf body, long timeoutMs, Loop loop, Consumer<@Nullable ByteBuf> reply) {
        this.call = call;
        this.body = body;
        this.timeoutMs = timeoutMs;
        this.loop = loop;
        this.reply = reply;
    }

    /** Takes {@code answer}. */
    void answer(@Nullable ByteBuf answer) {
        timeout.cancel();
        if (answered) {
            release(answer);
            return;
        }
        answered = true;
        loop.run(() -> {
            try {
                reply.accept(answer);
            } catch (RuntimeException | Error e) {
                // Of who asked; other questions on the connection are to be answered too.
                LOG.error("the answer to {} could not be taken", call, e);
            } finally {
                release(answer);
            }
        });
    }

    private static void release(@Nullable ByteBuf answer) {
        if (answer != null) {
            answer.release();
        }
    }
}
