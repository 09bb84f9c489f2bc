package io.robustmq.mqtt.server;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.haproxy.HAProxyCommand;
import io.netty.handler.codec.haproxy.HAProxyMessage;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Waits for the PROXY header that a load balancer sends first, version 1 or 2, and then makes way: the client's address is what
 * it says. Owned by the connection's loop.
 */
@SuppressWarnings("FutureReturnValueIgnored") // what fails on a channel closes it
final class ProxyHandler extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(ProxyHandler.class);

    private final String balancer;
    private final int timeoutMs;
    private final Consumer<String> known;
    private @Nullable Future<?> timeout;

    /**
     * Waiting.
     *
     * @param balancer the address of who connected: the client's when the header speaks of no other
     * @param known gets the client's address; what handles the client is in the pipeline when it returns
     */
    ProxyHandler(String balancer, int timeoutMs, Consumer<String> known) {
        this.balancer = balancer;
        this.timeoutMs = timeoutMs;
        this.known = known;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        timeout = context.executor().schedule(() -> context.close(), timeoutMs, TimeUnit.MILLISECONDS);
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        if (timeout != null) {
            timeout.cancel(false);
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (!(message instanceof HAProxyMessage header)) {
            // Not from a balancer: the decoder would have said so.
            ReferenceCountUtil.release(message);
            context.close();
            return;
        }
        try {
            boolean isOther = header.command() == HAProxyCommand.PROXY && header.sourceAddress() != null;
            known.accept(isOther ? header.sourceAddress() : balancer);
        } finally {
            header.release();
        }
        context.pipeline().remove(this);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        LOG.info("address={} closing: no PROXY header: {}", balancer, cause.getMessage());
        context.close();
    }
}
