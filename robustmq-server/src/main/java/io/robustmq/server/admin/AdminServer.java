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
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.timeout.IdleStateHandler;
import io.netty.util.concurrent.GlobalEventExecutor;
import io.robustmq.core.login.Logins;
import io.robustmq.core.port.TlsEngines;
import io.robustmq.core.security.Authorizer;
import io.robustmq.server.config.ServerConfig.AdminConfig;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The admin HTTP listener. Bound and closed by the starting and stopping thread. */
@SuppressWarnings("FutureReturnValueIgnored") // what fails on a channel closes it
public final class AdminServer implements AutoCloseable {
    private static final int LINE_BYTES_MAX = 4096;
    private static final int HEADER_BYTES_MAX = 8192;

    private final Channel listener;
    private final ChannelGroup connections;

    /**
     * What is served, and to whom.
     *
     * @param openToAll while nobody has to log in, everything is served; else only health is
     * @param tls null: without
     */
    public record Served(
            AdminApi api,
            Logins logins,
            Authorizer authorizer,
            boolean openToAll,
            @Nullable TlsEngines tls) {}

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
            Served served)
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
                        TlsEngines tls = served.tls();
                        if (tls != null) {
                            channel.pipeline().addLast(new SslHandler(tls.newEngine()));
                        }
                        channel.pipeline()
                                .addLast(new IdleStateHandler(0, 0, config.idleMs(), TimeUnit.MILLISECONDS))
                                .addLast(new HttpServerCodec(LINE_BYTES_MAX, HEADER_BYTES_MAX, LINE_BYTES_MAX))
                                .addLast(new HttpObjectAggregator(config.requestBytesMax(), true))
                                .addLast(new AdminHandler(served));
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
