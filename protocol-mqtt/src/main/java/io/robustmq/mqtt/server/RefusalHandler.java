package io.robustmq.mqtt.server;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.mqtt.MqttConnectMessage;
import io.netty.util.ReferenceCountUtil;
import io.robustmq.mqtt.codec.Outbound;
import java.util.concurrent.TimeUnit;

/** Tells one client why the node does not let it in, once CONNECT says which version it understands. Owned by the connection's loop. */
@SuppressWarnings("FutureReturnValueIgnored") // what fails on a channel closes it
final class RefusalHandler extends ChannelInboundHandlerAdapter {
    private static final int PATIENCE_SECONDS = 5;

    private final int reason;

    RefusalHandler(int reason) {
        this.reason = reason;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        context.executor().schedule(() -> context.close(), PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        try {
            if (message instanceof MqttConnectMessage connect
                    && connect.decoderResult().isSuccess()) {
                new Farewell(context, new Outbound(context.channel()))
                        .refuse(connect.variableHeader().version(), reason);
            } else {
                context.close();
            }
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        context.close();
    }
}
