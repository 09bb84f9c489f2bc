package io.robustmq.server.admin;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.timeout.IdleStateHandler;
import io.netty.util.concurrent.GlobalEventExecutor;
import io.robustmq.server.config.ServerConfig.AdminConfig;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;

/** The admin HTTP listener. Bound and closed by the starting and stopping thread. */
@SuppressWarnings("FutureReturnValueIgnored") // what fails on a channel closes it
public final class AdminServer implements AutoCloseable {
    private static final int LINE_BYTES_MAX = 4096;
    private static final int HEADER_BYTES_MAX = 8192;

    private final Channel listener;
    private final ChannelGroup connections;

    private AdminServer(Channel listener, ChannelGroup connections) {
        this.listener = listener;
        this.connections = connections;
    }

    /** Returns when the listener is bound. */
    public static AdminServer start(
            AdminConfig config,
            String bind,
            EventLoopGroup group,
            Class<? extends ServerChannel> channelType,
            AdminApi api)
            throws IOException {
        ChannelGroup accepted = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
        ChannelFuture bound = new ServerBootstrap()
                .group(group)
                .channel(channelType)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        if (accepted.size() >= config.connectionsMax()) {
                            channel.close();
                            return;
                        }
                        accepted.add(channel);
                        channel.pipeline()
                                .addLast(new IdleStateHandler(0, 0, config.idleMs(), TimeUnit.MILLISECONDS))
                                .addLast(new HttpServerCodec(LINE_BYTES_MAX, HEADER_BYTES_MAX, LINE_BYTES_MAX))
                                .addLast(new HttpObjectAggregator(config.requestBytesMax(), true))
                                .addLast(new AdminHandler(api));
                    }
                })
                .bind(bind, config.port())
                .awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw new IOException("cannot listen on " + bind + ":" + config.port(), bound.cause());
        }
        return new AdminServer(bound.channel(), accepted);
    }

    public InetSocketAddress address() {
        return (InetSocketAddress) listener.localAddress();
    }

    @Override
    public void close() {
        listener.close().syncUninterruptibly();
        connections.close().awaitUninterruptibly();
    }
}
