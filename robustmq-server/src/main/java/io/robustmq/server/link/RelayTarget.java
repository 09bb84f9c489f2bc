package io.robustmq.server.link;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.robustmq.mqtt.home.Relay;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Where connections go that stand for clients' of other nodes: from then on they are no nodes' any more. Thread-safe. */
final class RelayTarget {
    private final Consumer<Channel> gone;
    private volatile @Nullable BiConsumer<Channel, Relay.Peer> target;

    /** @param gone told of each connection that is a client's from now on */
    RelayTarget(Consumer<Channel> gone) {
        this.gone = gone;
    }

    void set(BiConsumer<Channel, Relay.Peer> to) {
        target = to;
    }

    /**
     * Borrows {@code frame}. What comes behind it is the client's.
     *
     * @param believed whether who says whose certificate the client has is known to be a node
     */
    void take(ChannelHandlerContext context, RequestDecoder decoder, ByteBuf frame, boolean believed)
            throws IOException {
        BiConsumer<Channel, Relay.Peer> to = target;
        if (to == null) {
            throw new IOException("clients are not served here");
        }
        String address = text(frame);
        Relay.Peer peer = new Relay.Peer(address, believed ? text(frame) : "");
        gone.accept(context.channel());
        to.accept(context.channel(), peer);
        context.pipeline().remove(context.handler());
        LinkTerms.removePieces(context.pipeline());
        context.pipeline().remove(decoder);
    }

    private static String text(ByteBuf frame) {
        return frame.readCharSequence(frame.readUnsignedShort(), StandardCharsets.UTF_8)
                .toString();
    }
}
