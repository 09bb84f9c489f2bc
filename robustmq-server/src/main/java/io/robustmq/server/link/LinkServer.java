package io.robustmq.server.link;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.util.concurrent.GlobalEventExecutor;
import io.robustmq.core.loop.NettyLoops;
import io.robustmq.core.port.NodeLink;
import io.robustmq.mqtt.home.Relay;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Supplier;

/** Listens for other nodes. Started and closed by one thread; each connection lives in its loop. */
@SuppressWarnings("FutureReturnValueIgnored") // what fails to be sent or closed is a connection that is lost
public final class LinkServer implements AutoCloseable {
    private static final int CONNECTIONS_MAX = 1_000;
    private static final long CLOSE_MS = 2_000;

    private final Channel listener;
    private final ChannelGroup connections;
    private final RelayTarget relays;

    private LinkServer(Channel listener, ChannelGroup connections, RelayTarget relays) {
        this.relays = relays;
        this.listener = listener;
        this.connections = connections;
    }

    /** What a connection needs to know. */
    record Served(
            Map<NodeLink.Call, NodeLink.Service> services,
            LinkTerms terms,
            Supplier<String> clusterId,
            NettyLoops loops,
            RelayTarget relays) {
        Served {
            services = Map.copyOf(services);
        }
    }

    /**
     * Listens from now on.
     *
     * @param clusterId of the cluster whose nodes may ask; empty while it is not known
     */
    public static LinkServer bind(
            InetSocketAddress address,
            EventLoopGroup group,
            Class<? extends ServerChannel> channel,
            NettyLoops loops,
            Map<NodeLink.Call, NodeLink.Service> services,
            LinkTerms terms,
            Supplier<String> clusterId)
            throws IOException {
        ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
        RelayTarget relays = new RelayTarget(connections::remove);
        Served served = new Served(services, terms, clusterId, loops, relays);
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(group)
                .channel(channel)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel child) {
                        if (connections.size() >= CONNECTIONS_MAX) {
                            child.close();
                            return;
                        }
                        connections.add(child);
                        terms.addTo(child.pipeline());
                        RequestDecoder decoder = new RequestDecoder();
                        child.pipeline().addLast(decoder, new LinkHandler(served, decoder));
                    }
                });
        try {
            return new LinkServer(bootstrap.bind(address).sync().channel(), connections, relays);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while binding " + address, e);
        } catch (Exception e) {
            // Netty throws what binding threw, checked or not.
            throw new IOException("cannot listen for other nodes on " + address, e);
        }
    }

    /** Connections that stand for clients' go to {@code target}, in their loop; before this they are refused. */
    public void relayTo(BiConsumer<Channel, Relay.Peer> target) {
        relays.set(target);
    }

    public int port() {
        return ((InetSocketAddress) listener.localAddress()).getPort();
    }

    @Override
    public void close() {
        listener.close().awaitUninterruptibly(CLOSE_MS, TimeUnit.MILLISECONDS);
        connections.close().awaitUninterruptibly(CLOSE_MS, TimeUnit.MILLISECONDS);
    }
}
