package io.robustmq.core.port;

import io.netty.buffer.ByteBuf;
import io.robustmq.core.loop.Loop;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Asks other nodes of the cluster. Thread-safe. */
public interface NodeLink {
    /** What can be asked. */
    enum Call {
        /** That a node is alive, at the meta leader. */
        HEARTBEAT,
        /** The log of partitions, at their leader. */
        FETCH,
        /** To append to a partition, at its leader. */
        APPEND,
        /** Bans and delayed messages of MQTT, at the leader of their topic. */
        MQTT
    }

    /**
     * Takes {@code body}. {@code reply} runs once, in {@code loop}, with the answer, which it borrows; with null when there
     * is none in time, or the connection is lost. What one caller asks one node is asked, and answered, in order.
     */
    void ask(int node, Call call, ByteBuf body, long timeoutMs, Loop loop, Consumer<@Nullable ByteBuf> reply);

    /** Serves one kind of call. */
    interface Service {
        /** A node has connected; called in the connection's loop, as all that follows. */
        Conversation begin(Loop loop);
    }

    /** All calls of one kind that come by one connection. */
    interface Conversation {
        /** Borrows {@code body}. The answer may come later, in the same loop; answers go out in the order of the calls. */
        void onCall(ByteBuf body, Answer answer);

        void ended();
    }

    /** Where an answer goes, once. */
    @FunctionalInterface
    interface Answer {
        /** Takes the parts: buffers, and what {@link LogSlice#toOutbound} returns. */
        void send(Object... parts);
    }
}
