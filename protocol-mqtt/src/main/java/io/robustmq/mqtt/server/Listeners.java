package io.robustmq.mqtt.server;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.handler.codec.haproxy.HAProxyMessageDecoder;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolConfig;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolHandler;
import io.netty.handler.codec.mqtt.MqttDecoder;
import io.netty.handler.ssl.SslHandler;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.port.TlsEngines;
import io.robustmq.mqtt.MqttConfig;
import io.robustmq.mqtt.MqttMetrics;
import io.robustmq.mqtt.home.Relay;
import io.robustmq.mqtt.limits.ConnectRate;
import io.robustmq.mqtt.limits.Paces;
import io.robustmq.mqtt.wire.MqttFrameDecoder;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** The sockets that are listened on, what each connection's bytes go through, and the connections. Thread-safe. */
@SuppressWarnings("FutureReturnValueIgnored") // what fails on a channel closes it
final class Listeners {
    private static final int HTTP_BYTES_MAX = 8192;
    private static final int REFUSING_MAX = 1000;
    private static final int MOVED_MS = 1000;

    private final MqttNode node;
    private final MqttConfig config;
    private final MqttMetrics metrics;
    private final MqttServer.Platform platform;
    private final @Nullable TlsEngines tls;
    private final Loop clock;
    private final @Nullable Relay relay;
    private final List<Channel> bound = new ArrayList<>();
    private final Set<MqttChannel> channels = ConcurrentHashMap.newKeySet();
    private final Set<HomeHandler> passing = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean moved = new AtomicBoolean();
    private final ConnectRate rate;
    private final AtomicInteger refusing = new AtomicInteger();
    private volatile boolean turnsAway;

    /** @param relay null on a single node */
    Listeners(MqttNode node, MqttServer.Platform platform, @Nullable TlsEngines tls, @Nullable Relay relay) {
        this.relay = relay;
        this.node = node;
        this.config = node.config;
        this.metrics = node.metrics;
        this.platform = platform;
        this.tls = tls;
        this.rate = new ConnectRate(
                config.connectsPerSecondMax(), config.operations().limits().connectsPerAddressMax());
        this.clock = platform.loops().loops().get(0);
    }

    /**
     * One of them.
     *
     * @param paces what all its connections together may send; null for no limit
     */
    record Listener(
            boolean webSocket,
            boolean secured,
            boolean proxied,
            @Nullable Paces paces) {
        /** As the configuration names it. */
        static String name(boolean webSocket, boolean secured) {
            return (webSocket ? "ws" : "tcp") + (secured ? "-tls" : "");
        }
    }

    /** The port that was bound; -1 when it is off. */
    int bind(String host, int port, boolean webSocket, boolean secured) throws InterruptedException {
        if (port < 0 || (secured && tls == null)) {
            return -1;
        }
        Paces.Rates rates = config.operations().limits().listener();
        Listener listener = new Listener(
                webSocket,
                secured,
                config.operations().proxied().contains(Listener.name(webSocket, secured)),
                rates.isUnlimited() ? null : new Paces(rates, clock.nanoTime()));
        int high = config.writeBufferBytes();
        ChannelFuture binding = new ServerBootstrap()
                .group(platform.group())
                .channel(platform.channelType())
                .option(ChannelOption.SO_REUSEADDR, true)
                // In a cluster clients wait until the node takes part in it.
                .option(ChannelOption.AUTO_READ, relay == null)
                .option(ChannelOption.SO_BACKLOG, 4096)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, new WriteBufferWaterMark(high / 4, high))
                .childHandler(initializer(listener))
                .bind(host, port)
                .sync();
        bound.add(binding.channel());
        return ((InetSocketAddress) binding.channel().localAddress()).getPort();
    }

    /** Clients that wait are let in. */
    void accept() {
        bound.forEach(channel -> channel.config().setAutoRead(true));
    }

    /** Nobody new is let in; completes when all have been told and are gone. */
    CompletableFuture<Void> close() {
        bound.forEach(Channel::close);
        return endAll("the server is shutting down");
    }

    /** Ends all connections, and refuses each that comes until {@link #letIn}. Again, for those that were on their way in meanwhile. */
    void turnAway() {
        turnsAway = true;
        endAll("other nodes serve clients: connect to one of them");
    }

    void letIn() {
        turnsAway = false;
    }

    private CompletableFuture<Void> endAll(String why) {
        passing.forEach(HomeHandler::end);
        List<CompletableFuture<Void>> gone = new ArrayList<>();
        for (MqttChannel channel : channels) {
            gone.add(channel.shutDown(why));
        }
        return CompletableFuture.allOf(gone.toArray(CompletableFuture[]::new));
    }

    /** Ends the connections of those who are banned by now. */
    void endBanned() {
        for (MqttChannel channel : channels) {
            channel.loop().execute(channel::endIfBanned);
        }
    }

    /** Sessions may live elsewhere now. Their last homes have a moment to say so themselves. */
    void homesMoved() {
        if (!passing.isEmpty() && moved.compareAndSet(false, true)) {
            clock.schedule(MOVED_MS, () -> {
                moved.set(false);
                passing.forEach(HomeHandler::endIfMoved);
            });
        }
    }

    /** What is traced has changed. */
    void traceWanted() {
        for (MqttChannel channel : channels) {
            channel.loop().execute(channel::traceIfConnected);
        }
    }

    private ChannelHandler initializer(Listener listener) {
        return new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel channel) {
                channel.closeFuture().addListener(closed -> metrics.connectionClosed());
                int refusal = refusal(metrics.connectionOpened());
                if (refusal != Reasons.SUCCESS) {
                    refuse(channel, listener, refusal);
                } else if (listener.proxied) {
                    awaitProxy(channel, listener);
                } else {
                    admit(channel, listener, hostOf(channel));
                }
            }
        };
    }

    private int refusal(int connections) {
        if (turnsAway) {
            return Reasons.SERVER_UNAVAILABLE;
        }
        if (connections > config.connectionsMax()) {
            return Reasons.QUOTA_EXCEEDED;
        }
        return rate.admits(clock.nanoTime()) ? Reasons.SUCCESS : Reasons.CONNECTION_RATE_EXCEEDED;
    }

    private void admit(Channel channel, Listener listener, String address) {
        if (node.bans.index().findAddress(address, clock.nowMs()).isPresent()) {
            metrics.refused();
            channel.close();
        } else if (!rate.admits(address, clock.nanoTime())) {
            refuse(channel, listener, Reasons.CONNECTION_RATE_EXCEEDED);
        } else {
            fill(channel.pipeline(), listener, address);
        }
    }

    /** Says why, to as many at once as costs little, and not where that takes a TLS handshake; the others are just closed. */
    private void refuse(Channel channel, Listener listener, int reason) {
        metrics.refused();
        if (listener.secured || refusing.get() >= REFUSING_MAX) {
            channel.close();
            return;
        }
        refusing.incrementAndGet();
        channel.closeFuture().addListener(closed -> refusing.decrementAndGet());
        if (listener.webSocket) {
            addWebSocket(channel.pipeline());
        }
        addDecoders(channel.pipeline());
        channel.pipeline().addLast(new RefusalHandler(reason));
    }

    private static String hostOf(Channel channel) {
        return channel.remoteAddress() instanceof InetSocketAddress address
                ? address.getAddress().getHostAddress()
                : "";
    }

    /** The pipeline is filled when it is known who connects. */
    private void awaitProxy(Channel channel, Listener listener) {
        channel.pipeline().addLast(new HAProxyMessageDecoder());
        channel.pipeline()
                .addLast(new ProxyHandler(
                        hostOf(channel), config.connectTimeoutMs(), address -> admit(channel, listener, address)));
    }

    private void fill(ChannelPipeline pipeline, Listener listener, String host) {
        if (listener.secured && tls != null) {
            pipeline.addLast(new SslHandler(tls.newEngine()));
        }
        if (listener.webSocket) {
            addWebSocket(pipeline);
        }
        if (relay == null || node.homes == null) {
            addMqtt(pipeline, listener, host);
        } else {
            pipeline.addLast(new HomeHandler(
                    node.homes,
                    relay,
                    config.connectTimeoutMs(),
                    () -> new Relay.Peer(host, certificateOf(pipeline)),
                    () -> addMqtt(pipeline, listener, host),
                    passing));
        }
    }

    private String certificateOf(ChannelPipeline pipeline) {
        SslHandler secured = pipeline.get(SslHandler.class);
        return secured == null || tls == null
                ? ""
                : tls.peerName(secured.engine().getSession()).orElse("");
    }

    /** A connection from another node stands for one of a client that arrived there. In the channel's loop. */
    void relayed(Channel channel, Relay.Peer peer) {
        int high = config.writeBufferBytes();
        channel.config().setWriteBufferWaterMark(new WriteBufferWaterMark(high / 4, high));
        MqttChannel mqtt = addMqtt(channel.pipeline(), peer.address(), null);
        if (!peer.certificate().isEmpty()) {
            mqtt.certified(peer.certificate());
        }
        mqtt.start();
    }

    private MqttChannel addMqtt(ChannelPipeline pipeline, String host, @Nullable Paces paces) {
        addDecoders(pipeline);
        ChannelHandlerContext last = pipeline.lastContext();
        MqttChannel channel = new MqttChannel(node, last, host, paces);
        pipeline.addLast(channel);
        channels.add(channel);
        last.channel().closeFuture().addListener(closed -> channels.remove(channel));
        return channel;
    }

    private void addMqtt(ChannelPipeline pipeline, Listener listener, String host) {
        MqttChannel channel = addMqtt(pipeline, host, listener.paces);
        SslHandler secured = pipeline.get(SslHandler.class);
        if (secured != null && tls != null) {
            secured.handshakeFuture().addListener(done -> {
                if (done.isSuccess()) {
                    tls.peerName(secured.engine().getSession()).ifPresent(channel::certified);
                } else {
                    metrics.handshakeFailed();
                }
            });
        }
        channel.start();
    }

    private void addDecoders(ChannelPipeline pipeline) {
        pipeline.addLast(new MqttFrameDecoder(config.packetBytesMax()));
        pipeline.addLast(new MqttDecoder(config.packetBytesMax(), 65_535));
    }

    private void addWebSocket(ChannelPipeline pipeline) {
        pipeline.addLast(new HttpServerCodec());
        pipeline.addLast(new HttpObjectAggregator(HTTP_BYTES_MAX));
        pipeline.addLast(new WebSocketServerProtocolHandler(WebSocketServerProtocolConfig.newBuilder()
                .websocketPath("/mqtt")
                .subprotocols("mqtt,mqttv3.1,mqttv3.1.1")
                .maxFramePayloadLength(config.packetBytesMax())
                .checkStartsWith(false)
                .build()));
        pipeline.addLast(new WebSocketBytes());
    }
}
