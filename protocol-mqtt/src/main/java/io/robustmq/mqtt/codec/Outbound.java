package io.robustmq.mqtt.codec;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import org.jspecify.annotations.Nullable;

/**
 * What a connection gets to send in one turn, gathered into few writes and one flush. Shared packets that follow each other in
 * one buffer go out as one slice of it; small pieces are copied together, which costs less than many entries of a gathering
 * write. Owned by the connection's loop.
 */
public final class Outbound {
    private static final int COPY_MAX = 4096;
    private static final int WRITE_BYTES = 1 << 16;

    private final Channel channel;
    private @Nullable ByteBuf own;
    private @Nullable ByteBuf shared;
    private int sharedStart;
    private int sharedEnd;
    private boolean written;
    private @Nullable TopicAliases aliases;

    public Outbound(Channel channel) {
        this.channel = channel;
    }

    /** The client takes so many topic aliases. */
    public void aliases(int max) {
        aliases = max == 0 ? null : new TopicAliases(max);
    }

    /** Whether a packet as {@link #share} takes it says less than the client would understand. */
    public boolean hasAliases() {
        return aliases != null;
    }

    /** The topic that this connection sends by the alias; empty if none. For operators: it looks at all. */
    public String topicOf(int alias) {
        return aliases == null ? "" : aliases.topicOf(alias);
    }

    public Channel channel() {
        return channel;
    }

    /** Whether the client reads fast enough to be sent more. */
    public boolean isWritable() {
        return channel.isWritable();
    }

    /** The buffer for a small packet of this connection's own; write it at once. */
    public ByteBuf own() {
        settleShared();
        return ownBuffer();
    }

    private ByteBuf ownBuffer() {
        if (own != null && own.readableBytes() >= WRITE_BYTES) {
            writeOwn();
        }
        if (own == null) {
            own = channel.alloc().buffer(256);
        }
        return own;
    }

    /** The packet as it is encoded, which many get. The frames it is part of must live until {@link #finish}. */
    @SuppressWarnings("ReferenceEquality") // the very buffer, not one with the same bytes
    public void share(Encoded message) {
        if (shared == message.buffer() && sharedEnd == message.start()) {
            sharedEnd = message.end();
        } else {
            settleShared();
            shared = message.buffer();
            sharedStart = message.start();
            sharedEnd = message.end();
        }
        if (message.payload() != null) {
            payload(message.payload());
        }
    }

    /** The packet with a head of its own. */
    public void publish(
            Encoded message, String topic, int flags, int packetId, int @Nullable [] subscriptionIds, boolean v5) {
        ByteBuf out = own();
        int alias = aliases == null ? TopicAliases.NONE : aliases.of(topic);
        PacketWriter.publishHead(out, message, flags, packetId, subscriptionIds, v5, alias);
        if (message.payload() != null) {
            payload(message.payload());
        } else {
            out.writeBytes(message.buffer(), message.bodyAt(), message.end() - message.bodyAt());
        }
    }

    /** Writes and flushes what was gathered. Nothing gathered: nothing happens. */
    public void finish() {
        if (shared != null && own == null) {
            write(shared.retainedSlice(sharedStart, sharedEnd - sharedStart));
            shared = null;
        }
        settleShared();
        writeOwn();
        if (written) {
            written = false;
            channel.flush();
        }
    }

    /** The channel is gone. */
    public void discard() {
        shared = null;
        if (own != null) {
            own.release();
            own = null;
        }
    }

    private void payload(ByteBuf payload) {
        settleShared();
        writeOwn();
        write(payload.retainedSlice());
    }

    private void settleShared() {
        if (shared == null) {
            return;
        }
        ByteBuf from = shared;
        shared = null;
        int bytes = sharedEnd - sharedStart;
        if (bytes <= COPY_MAX) {
            ownBuffer().writeBytes(from, sharedStart, bytes);
        } else {
            writeOwn();
            write(from.retainedSlice(sharedStart, bytes));
        }
    }

    private void writeOwn() {
        if (own != null) {
            ByteBuf out = own;
            own = null;
            write(out);
        }
    }

    @SuppressWarnings("FutureReturnValueIgnored") // a failed write closes the channel
    private void write(ByteBuf bytes) {
        written = true;
        channel.write(bytes, channel.voidPromise());
    }
}
