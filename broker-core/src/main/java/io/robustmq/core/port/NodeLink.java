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
        /** What belongs to a transaction, at its coordinator, and how it ended, at partitions' leaders. */
        TRANSACTION,
        /** What a group shares of a partition, at its coordinator. */
        SHARE,
        /** To append to a partition, at its leader. */
        APPEND,
        /** Bans and delayed messages of MQTT, at the leader of their topic. */
        MQTT,
        /** To follow the metadata, and to change it, at a node that votes on it. */
        META,
        /** To read partitions and look things up in them, and to append as a client does, at their leader. */
        LOG,
        /** What Kafka clients ask of a coordinator, at the coordinator. */
        KAFKA,
        /** What comes in partitions, and where they end, at their leader. */
        TAIL,
        /** Which segments of partitions are in the object store, at who keeps that. */
        SEGMENTS,
        /** Which objects that partitions share are needed by those of topics whose records live there, at their leaders. */
        PACKS
    }

    /**
     * Takes {@code body}. {@code reply} runs once, in {@code loop}, with the answer, which it borrows; with null when there
     * is none in time, or the connection is lost. What one caller asks one node is asked in order.
     */
    void ask(int node, Call call, ByteBuf body, long timeoutMs, Loop loop, Consumer<@Nullable ByteBuf> reply);

    /** Serves one kind of call. */
    interface Service {
        /** A node has connected; called in the connection's loop, as all that follows. */
        Conversation begin(Loop loop);

        /** The same for services that want to know which node it is. */
        default Conversation begin(Loop loop, int node) {
            return begin(loop);
        }
    }

    /** All calls of one kind that come by one connection. */
    interface Conversation {
        /** Borrows {@code body}. The answer may come later, in the same loop, and after those to later calls. */
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
