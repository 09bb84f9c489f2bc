package io.robustmq.core.port;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.robustmq.core.loop.Cancellable;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.loop.SimLoop;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The link between nodes of one test, one connection to each; a test may have questions lost, or cut all connections. One thread. */
public final class SimLink implements NodeLink {
    public final Map<Integer, Service> services = new HashMap<>();
    public boolean lost;
    /** How many were asked. */
    public int questions;

    private final SimLoop loop;
    private final Map<Integer, Conversation> conversations = new HashMap<>();
    private final List<Asked> waiting = new ArrayList<>();

    public SimLink(SimLoop loop) {
        this.loop = loop;
    }

    /** A question, and who waits for its answer. */
    private static final class Asked {
        private final Consumer<@Nullable ByteBuf> reply;
        private Cancellable timeout = Cancellable.NOTHING;
        private boolean answered;

        private Asked(Consumer<@Nullable ByteBuf> reply) {
            this.reply = reply;
        }

        private void answer(@Nullable ByteBuf body) {
            if (!answered) {
                answered = true;
                timeout.cancel();
                reply.accept(body);
            }
            if (body != null) {
                body.release();
            }
        }
    }

    @Override
    public void ask(int node, Call call, ByteBuf body, long timeoutMs, Loop askers, Consumer<@Nullable ByteBuf> reply) {
        Asked asked = new Asked(reply);
        waiting.add(asked);
        questions++;
        asked.timeout = loop.schedule(timeoutMs, () -> asked.answer(null));
        boolean arrives = !lost;
        loop.execute(() -> {
            if (arrives) {
                conversations
                        .computeIfAbsent(node, id -> services.get(id).begin(loop))
                        .onCall(body, parts -> asked.answer(whole(parts)));
            }
            body.release();
        });
    }

    private static ByteBuf whole(Object... parts) {
        ByteBuf[] buffers = Arrays.copyOf(parts, parts.length, ByteBuf[].class);
        return buffers.length == 1 ? buffers[0] : Unpooled.wrappedBuffer(buffers);
    }

    /** Every connection is closed: nothing that was asked is answered any more. */
    public void cut() {
        conversations.values().forEach(Conversation::ended);
        conversations.clear();
        List<Asked> open = List.copyOf(waiting);
        waiting.clear();
        open.forEach(asked -> asked.answer(null));
    }
}
