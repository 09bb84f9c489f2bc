package io.robustmq.server.node;

import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.robustmq.core.loop.NettyLoops;
import java.util.concurrent.TimeUnit;

/** The event loops of the process: connections and partitions share them. epoll where Linux offers it, NIO elsewhere. */
@SuppressWarnings("FutureReturnValueIgnored") // what fails to stop is ended with the process
final class Transport implements AutoCloseable {
    private final EventLoopGroup group;
    private final NettyLoops loops;
    private final Class<? extends ServerChannel> serverChannel;
    private final Class<? extends Channel> clientChannel;

    private Transport(
            EventLoopGroup group,
            Class<? extends ServerChannel> serverChannel,
            Class<? extends Channel> clientChannel) {
        this.group = group;
        this.loops = new NettyLoops(group);
        this.serverChannel = serverChannel;
        this.clientChannel = clientChannel;
    }

    static Transport open(int threads) {
        boolean hasEpoll = Epoll.isAvailable();
        IoHandlerFactory handler = hasEpoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
        EventLoopGroup group = new MultiThreadIoEventLoopGroup(threads, new DefaultThreadFactory("loop"), handler);
        return new Transport(
                group,
                hasEpoll ? EpollServerSocketChannel.class : NioServerSocketChannel.class,
                hasEpoll ? EpollSocketChannel.class : NioSocketChannel.class);
    }

    EventLoopGroup group() {
        return group;
    }

    NettyLoops loops() {
        return loops;
    }

    Class<? extends ServerChannel> serverChannel() {
        return serverChannel;
    }

    Class<? extends Channel> clientChannel() {
        return clientChannel;
    }

    @Override
    public void close() {
        group.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
    }
}
