package io.robustmq.mqtt.server;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundInvoker;
import io.netty.util.concurrent.Future;
import io.robustmq.mqtt.codec.Outbound;
import io.robustmq.mqtt.codec.PacketWriter;
import io.robustmq.mqtt.wire.Refusal;
import java.util.concurrent.TimeUnit;

/** The last that a connection is told, as far as its version of the protocol has a word for it; then it is closed. Owned by its loop. */
@SuppressWarnings("FutureReturnValueIgnored") // what fails on a channel closes it
final class Farewell {
    private static final int PATIENCE_SECONDS = 5;

    private final ChannelHandlerContext context;
    private final Outbound outbound;

    Farewell(ChannelHandlerContext context, Outbound outbound) {
        this.context = context;
        this.outbound = outbound;
    }

    /** Who is connected. */
    void disconnect(int version, int reason, String why, int packetBytesMax) {
        if (version == 5) {
            PacketWriter.disconnect(outbound.own(), reason, why, packetBytesMax);
        }
        closeWhenSent();
    }

    /** Who is not connected yet; version 0 is not known. */
    void refuse(int version, int reason) {
        boolean five = version == 5;
        int code = five ? Reasons.inConnack(reason) : Reasons.connectReturnCode(reason);
        if (version != 0 && code >= 0) {
            PacketWriter.connack(outbound.own(), false, code, five ? Unpooled.EMPTY_BUFFER : null);
        }
        closeWhenSent();
    }

    /** CONNECT itself was bad: which version is unknown, except that an unsupported one has its own answer. */
    void refuseUnread(Refusal refusal) {
        if (refusal.reasonCode() == Refusal.UNSUPPORTED_VERSION) {
            PacketWriter.connack(outbound.own(), false, 1, null);
            outbound.finish();
        }
        context.close();
    }

    private void closeWhenSent() {
        outbound.finish();
        closeWhenSent(context.channel(), context);
    }

    /** {@code last} writes to {@code channel}; a peer that takes nothing any more is not waited for long. */
    static void closeWhenSent(Channel channel, ChannelOutboundInvoker last) {
        // An empty write: it completes when everything before it went out.
        last.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
        if (channel.isOpen()) {
            Future<?> anyway = channel.eventLoop().schedule(() -> channel.close(), PATIENCE_SECONDS, TimeUnit.SECONDS);
            channel.closeFuture().addListener(closed -> anyway.cancel(false));
        }
    }
}
