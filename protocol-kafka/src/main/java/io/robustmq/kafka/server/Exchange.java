package io.robustmq.kafka.server;

import io.netty.buffer.ByteBuf;
import io.robustmq.core.loop.Cancellable;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.model.Principal;
import java.net.InetSocketAddress;
import java.util.function.Supplier;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.jspecify.annotations.Nullable;

/** One request on its way to its answer. Owned by the connection's loop. */
final class Exchange implements KafkaRequest {
    private final KafkaChannel channel;
    private final RequestDecoder.Decoded decoded;
    private final ByteBuf frame;
    private final int frameBytes;
    private final long startedNanos;
    private int throttleMs;
    private @Nullable Outbound outbound;
    private @Nullable Runnable onClose;

    Exchange(KafkaChannel channel, RequestDecoder.Decoded decoded, ByteBuf frame, long startedNanos) {
        this.channel = channel;
        this.decoded = decoded;
        this.frame = frame;
        this.frameBytes = frame.readableBytes();
        this.startedNanos = startedNanos;
    }

    @Override
    public <T extends ApiMessage> T body(Class<T> type) {
        ApiMessage body = decoded.body();
        if (body == null) {
            throw new IllegalStateException("the request was answered by its header alone");
        }
        return type.cast(body);
    }

    @Override
    public short version() {
        return decoded.version();
    }

    @Override
    public String clientId() {
        return decoded.clientId();
    }

    @Override
    public ClientSoftware software() {
        return channel.software();
    }

    @Override
    public void introduce(ClientSoftware software) {
        channel.introduce(software);
    }

    @Override
    public Principal principal() {
        return channel.identity().principal();
    }

    @Override
    public InetSocketAddress remoteAddress() {
        return channel.remoteAddress();
    }

    @Override
    public InetSocketAddress localAddress() {
        return channel.localAddress();
    }

    @Override
    public Loop loop() {
        return channel.loop();
    }

    @Override
    public ByteBuf frame() {
        return frame;
    }

    @Override
    public <T> T ofConnection(Class<T> type, Supplier<T> first) {
        return channel.belonging(type, first);
    }

    @Override
    public void respond(ApiMessage response) {
        channel.respond(this, response);
    }

    @Override
    public void finishWithoutResponse() {
        channel.finish(this);
    }

    @Override
    public ClientIdentity identity() {
        return channel.identity();
    }

    @Override
    public void respondAndClose(ApiMessage response) {
        channel.respondAndClose(this, response);
    }

    @Override
    public void close(String reason) {
        channel.close(reason);
    }

    @Override
    public void onClose(Runnable task) {
        onClose = task;
    }

    @Override
    public Cancellable onDisconnect(Runnable task) {
        return channel.onDisconnect(task);
    }

    @Override
    public int mutates(int partitions, boolean strict) {
        return channel.throttle().mutates(this, partitions, strict);
    }

    @Override
    public int fetchBytesMax() {
        return channel.throttle().fetchBytesMax(this);
    }

    /** The client is over some quota for this long. */
    void throttle(int ms) {
        throttleMs = Math.max(throttleMs, ms);
    }

    int throttleMs() {
        return throttleMs;
    }

    ApiKeys api() {
        return decoded.api().key();
    }

    /** It came, and is answered, without a header. */
    boolean isRawToken() {
        return decoded.isRawToken();
    }

    int correlationId() {
        return decoded.correlationId();
    }

    int frameBytes() {
        return frameBytes;
    }

    long startedNanos() {
        return startedNanos;
    }

    void answer(Outbound answer) {
        outbound = answer;
        onClose = null;
    }

    /** Null while the request is not answered. */
    @Nullable
    Outbound outbound() {
        return outbound;
    }

    /** The connection is gone: frees the answer, or tells who is working on it. */
    void abandon() {
        if (outbound != null) {
            outbound.release();
        } else if (onClose != null) {
            onClose.run();
        }
    }
}
