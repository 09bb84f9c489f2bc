package io.robustmq.kafka.server;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.handler.flush.FlushConsolidationHandler;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.stream.ChunkedWriteHandler;
import io.netty.handler.timeout.IdleStateHandler;
import io.netty.util.concurrent.GlobalEventExecutor;
import io.robustmq.core.login.Logins;
import io.robustmq.core.loop.Cancellable;
import io.robustmq.core.loop.NettyLoops;
import io.robustmq.core.port.TlsEngines;
import io.robustmq.kafka.KafkaConfig;
import io.robustmq.kafka.KafkaMetrics;
import io.robustmq.kafka.quota.ClientQuotas;
import io.robustmq.kafka.quota.QuotaConfig;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The Kafka listener. Bound and closed by the thread that starts and stops the node; connections belong to the loops. */
public final class KafkaServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(KafkaServer.class);
    private static final int BACKLOG = 1024;
    private static final int READ_BYTES_MIN = 1024;
    private static final int READ_BYTES_FIRST = 16 * 1024;
    private static final int READ_BYTES_MAX = 256 * 1024;
    private static final int FLUSHES_MAX = 64;
    private static final String CONSOLIDATION = "consolidation";

    private final KafkaConfig config;
    private final ApiTable apis;
    private final EventLoopGroup group;
    private final NettyLoops loops;
    private final Class<? extends ServerChannel> channelType;
    private final KafkaMetrics metrics;
    private final Logins logins;
    private final ClientQuotas quotas;
    private final ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE, true);
    private final List<Channel> listeners = new CopyOnWriteArrayList<>();
    private volatile boolean turnsAway;

    /** {@code loops} are the loops of {@code group}. */
    public KafkaServer(
            KafkaConfig config,
            ApiTable apis,
            EventLoopGroup group,
            NettyLoops loops,
            Class<? extends ServerChannel> channelType,
            KafkaMetrics metrics) {
        this(config, apis, group, loops, channelType, metrics, Logins.none());
    }

    /** As above, with clients that have to log in when {@code logins} says so. */
    public KafkaServer(
            KafkaConfig config,
            ApiTable apis,
            EventLoopGroup group,
            NettyLoops loops,
            Class<? extends ServerChannel> channelType,
            KafkaMetrics metrics,
            Logins logins) {
        this.config = config;
        this.apis = apis;
        this.group = group;
        this.loops = loops;
        this.channelType = channelType;
        this.metrics = metrics;
        this.logins = logins;
        this.quotas = new ClientQuotas(apis.metaLog(), QuotaConfig.of(config));
    }

    /** Answers what clients asked other nodes for this one to answer. */
    public PassedRequests passedRequests() {
        return new PassedRequests(apis);
    }

    /** Listens on {@code host} and the configured port; returns where it really listens. */
    public InetSocketAddress bind(String host) throws IOException {
        return bind(host, config.port(), null);
    }

    /** As {@link #bind}, on the port for TLS. */
    public InetSocketAddress bindTls(String host, TlsEngines engines) throws IOException {
        return bind(host, config.tlsPort(), engines);
    }

    private InetSocketAddress bind(String host, int port, @Nullable TlsEngines tls) throws IOException {
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(group)
                .channel(channelType)
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.SO_KEEPALIVE, true)
                .childOption(
                        ChannelOption.RECVBUF_ALLOCATOR,
                        new AdaptiveRecvByteBufAllocator(READ_BYTES_MIN, READ_BYTES_FIRST, READ_BYTES_MAX))
                .handler(new ConnectionGate(config, metrics, () -> turnsAway))
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        open(channel, tls);
                    }
                });
        var bound = bootstrap.bind(host, port).awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw new IOException("cannot listen on " + host + ":" + port, bound.cause());
        }
        listeners.add(bound.channel());
        InetSocketAddress address = (InetSocketAddress) bound.channel().localAddress();
        LOG.info("kafka listener address={} tls={}", address, tls != null);
        return address;
    }

    private void open(Channel channel, @Nullable TlsEngines tls) {
        connections.add(channel);
        InetSocketAddress peer = (InetSocketAddress) channel.remoteAddress();
        int waitMs = quotas.connect(peer.getAddress(), System.nanoTime());
        if (waitMs > 0) {
            turnAway(channel, waitMs);
            return;
        }
        ClientIdentity identity = new ClientIdentity(
                logins, config.reauthMsMax(), peer.getAddress().getHostAddress());
        KafkaChannel connection =
                new KafkaChannel(config, apis, quotas, metrics, loops.of(channel.eventLoop()), channel, identity, tls);
        if (tls != null) {
            channel.pipeline().addLast(new SslHandler(tls.newEngine()));
        }
        channel.pipeline()
                .addLast(CONSOLIDATION, new FlushConsolidationHandler(FLUSHES_MAX, true))
                .addLast(new IdleStateHandler(config.connectionsIdleMs(), 0, 0, TimeUnit.MILLISECONDS))
                .addLast(new FrameCutter(() -> identity.isTrusted()
                        ? config.requestBytesMax()
                        : Math.min(config.requestBytesMax(), ClientIdentity.UNKNOWN_FRAME_BYTES_MAX)))
                .addLast(connection);
        if (tls != null) {
            // Behind what flushes, before what encrypts: a chunk is read when the one before it is on its way.
            channel.pipeline().addAfter(CONSOLIDATION, null, new ChunkedWriteHandler());
        }
    }

    /** An address that connects too often learns it late, and without an answer (KIP-612). */
    private void turnAway(Channel channel, int waitMs) {
        metrics.connectionMuted();
        channel.config().setAutoRead(false);
        Cancellable closing = loops.of(channel.eventLoop()).schedule(waitMs, () -> {
            ChannelFuture unused = channel.close();
        });
        channel.closeFuture().addListener(closed -> closing.cancel());
    }

    /**
     * Closes all connections, and each that comes until {@link #letClientsIn}. Any thread; again, for those that were on their way in
     * meanwhile.
     */
    public void turnClientsAway() {
        turnsAway = true;
        for (Channel channel : connections) {
            ChannelFuture unused = channel.close();
        }
    }

    /** Any thread: connections are served again. */
    public void letClientsIn() {
        turnsAway = false;
    }

    /** Accepts no more, waits up to {@code kafka.drain.ms} for produce requests under way, closes the rest. Blocks. */
    @Override
    public void close() {
        if (listeners.isEmpty()) {
            return;
        }
        listeners.forEach(bound -> bound.close().awaitUninterruptibly());
        listeners.clear();
        for (Channel channel : connections) {
            channel.eventLoop().execute(() -> {
                KafkaChannel connection = channel.pipeline().get(KafkaChannel.class);
                if (connection != null) {
                    connection.drain();
                }
            });
        }
        boolean drained = connections.newCloseFuture().awaitUninterruptibly(config.drainMs());
        connections.close().awaitUninterruptibly();
        LOG.info("kafka listener closed drained={}", drained);
    }
}
