package io.robustmq.kafka.server;

import io.netty.buffer.ByteBuf;
import io.robustmq.core.loop.Cancellable;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.model.Principal;
import java.net.InetSocketAddress;
import java.util.function.Supplier;
import org.apache.kafka.common.protocol.ApiMessage;

/** A decoded request on its connection. Owned by the connection's loop. */
public interface KafkaRequest {
    /** The generated message class of the API, at the request's version. */
    <T extends ApiMessage> T body(Class<T> type);

    short version();

    /** As the client calls itself; never null, may be empty. */
    String clientId();

    /** As the client says once per connection. */
    default ClientSoftware software() {
        return ClientSoftware.UNKNOWN;
    }

    /** The client says what it is made with. */
    default void introduce(ClientSoftware software) {}

    Principal principal();

    InetSocketAddress remoteAddress();

    /** The address at which the client reached this node. */
    InetSocketAddress localAddress();

    /** The connection's loop. */
    Loop loop();

    /**
     * The whole request frame; lives until the handler returns. Byte buffers inside {@link #body} are views of it: who
     * needs them longer retains this and releases it.
     */
    ByteBuf frame();

    /** Sends the answer when all earlier requests of the connection are answered. In the connection's loop, once. */
    void respond(ApiMessage response);

    /** For a request that has no answer (Produce with acks=0). In the connection's loop, once. */
    void finishWithoutResponse();

    /** Who the connection belongs to, for the APIs that settle that. */
    default ClientIdentity identity() {
        throw new UnsupportedOperationException("only a connection has an identity");
    }

    /** As {@link #respond}, and then closes the connection: nobody served comes this way again. */
    default void respondAndClose(ApiMessage response) {
        respond(response);
        close("refused");
    }

    /** Closes the connection: the request cannot be answered. */
    void close(String reason);

    /** The one object of {@code type} that belongs to the connection, made when it is first asked for. In the loop. */
    default <T> T ofConnection(Class<T> type, Supplier<T> first) {
        return first.get();
    }

    /** Record bytes that the client's quota lets one answer carry; what is over makes the client wait. */
    default int fetchBytesMax() {
        return Integer.MAX_VALUE;
    }

    /**
     * Counts partitions to be created or deleted against the client's quota (KIP-599). Returns the milliseconds for which the
     * change must be refused, 0 when it may be made; only {@code strict} ones are ever refused.
     */
    default int mutates(int partitions, boolean strict) {
        return 0;
    }

    /** Runs {@code task} in the loop if the connection ends before the request is answered; the latest task replaces earlier ones. */
    default void onClose(Runnable task) {}

    /** Runs {@code task} in the loop when the connection ends, whether or not the request is answered. */
    default Cancellable onDisconnect(Runnable task) {
        return Cancellable.NOTHING;
    }
}
