package io.robustmq.mqtt.server;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolConfig;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolHandler;
import io.netty.handler.codec.mqtt.MqttDecoder;
import io.netty.handler.ssl.SslHandler;
import io.robustmq.core.coordinator.CoordinatorKind;
import io.robustmq.core.coordinator.CoordinatorService;
import io.robustmq.core.coordinator.CoordinatorSettings;
import io.robustmq.core.delayed.DelayCodec;
import io.robustmq.core.delayed.DelayCommand;
import io.robustmq.core.delayed.DelayEffect;
import io.robustmq.core.delayed.DelayFact;
import io.robustmq.core.delayed.DelayMachine;
import io.robustmq.core.login.Logins;
import io.robustmq.core.loop.Cancellable;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.loop.NettyLoops;
import io.robustmq.core.mapping.Route;
import io.robustmq.core.mapping.TopicMapping;
import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.meta.TopicImage;
import io.robustmq.core.model.TopicName;
import io.robustmq.core.port.Journal;
import io.robustmq.core.port.MetaLog;
import io.robustmq.core.port.TlsEngines;
import io.robustmq.core.retained.RetainedConfig;
import io.robustmq.core.retained.RetainedIndex;
import io.robustmq.core.security.Authorizer;
import io.robustmq.core.session.SessionCodec;
import io.robustmq.core.session.SessionCommand;
import io.robustmq.core.session.SessionEffect;
import io.robustmq.core.session.SessionFact;
import io.robustmq.core.session.SessionMachine;
import io.robustmq.core.session.StoredReceipt;
import io.robustmq.mqtt.MqttConfig;
import io.robustmq.mqtt.MqttMetrics;
import io.robustmq.mqtt.deliver.Router;
import io.robustmq.mqtt.deliver.SessionLimits;
import io.robustmq.mqtt.deliver.SessionStorage;
import io.robustmq.mqtt.sys.ClientEvents;
import io.robustmq.mqtt.sys.SystemTopics;
import io.robustmq.mqtt.wire.MqttFrameDecoder;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The MQTT listeners of a node and everything behind them. Thread-safe. Subscribes to the meta log when made, so make it
 * after the journal.
 */
@SuppressWarnings("FutureReturnValueIgnored") // what fails on a channel closes it
public final class MqttServer {
    private static final Logger LOG = LoggerFactory.getLogger(MqttServer.class);
    private static final int HTTP_BYTES_MAX = 8192;
    private static final int SESSION_PARTITIONS = 4;
    private static final int RESTORE_SECONDS_MAX = 60;

    private final MqttConfig config;
    private final MqttMetrics metrics;
    private final Platform platform;
    private final MqttNode node;
    private final @Nullable TlsEngines tls;
    private final Core core;
    private final CoordinatorService<SessionCommand, SessionFact, SessionEffect> coordinator;
    private final CoordinatorService<DelayCommand, DelayFact, DelayEffect> delayCoordinator;
    private final SystemTopics systemTopics;
    private final List<Cancellable> metaSubscriptions;
    private final List<Channel> listeners = new ArrayList<>();
    private final Set<MqttChannel> channels = ConcurrentHashMap.newKeySet();
    private final AtomicLong second = new AtomicLong();
    private final AtomicInteger connectsInSecond = new AtomicInteger();

    /** The event loops that connections run on. {@code loops} are those of {@code group}. */
    public record Platform(EventLoopGroup group, NettyLoops loops, Class<? extends ServerChannel> channelType) {}

    /** What the server works on: this node's number in the cluster, the log, the metadata. */
    public record Core(int nodeId, Journal journal, MetaLog metaLog) {}

    /** Who may connect, what they may do, and what TLS connections are made with; null: there are none. */
    public record Access(
            Logins logins, Authorizer authorizer, @Nullable TlsEngines tls) {
        public static final Access OPEN = new Access(Logins.none(), Authorizer.ANONYMOUS, null);
    }

    /** Where bound; a port is -1 when its listener is off. */
    public record Bound(int port, int webSocketPort, int tlsPort, int webSocketTlsPort) {}

    public MqttServer(
            MqttConfig config,
            RetainedConfig retained,
            MqttMetrics metrics,
            Platform platform,
            Core core,
            Access access) {
        Authorizer authorizer = access.authorizer();
        Journal journal = core.journal();
        MetaLog metaLog = core.metaLog();
        this.core = core;
        this.config = config;
        this.metrics = metrics;
        this.platform = platform;
        this.tls = access.tls();
        TopicMapping mapping =
                new TopicMapping(Route.parseAll(config.routes()), topic -> mayBeTopic(metaLog.image(), topic));
        ByteBufAllocator allocator = PooledByteBufAllocator.DEFAULT;
        List<Loop> loops = platform.loops().loops();
        SessionStorage storage = new SessionStorage(loops.get(0));
        Router.Setup setup = new Router.Setup(
                journal,
                mapping,
                config::isVisible,
                allocator,
                new SessionLimits(
                        config.inFlightMax(),
                        config.queueCountMax(),
                        config.queueBytesMax(),
                        config.delivery().dropsOldest(),
                        config.delivery().topicAliasMax(),
                        config.delivery().storesQos1(),
                        config.delivery().shareStrategy()),
                new RetainedIndex(retained),
                authorizer,
                metrics);
        RetainedIndex retainedIndex = setup.retained();
        Router router = new Router(loops.get(0), loops, setup, storage);
        this.node = new MqttNode(
                config,
                metrics,
                router,
                access.logins(),
                authorizer,
                new ClientEvents(router.system(), core.nodeId()),
                journal,
                platform.loops(),
                loop -> new LoopPublisher(loop, journal, metaLog, mapping, allocator, config));
        router.sessions()
                .willsPublishedBy((clientId, will, before, done) -> node.nodePublisher.publish(
                        will.message(), clientId, clientId, StoredReceipt.WILL, before, reason -> done.run()));
        this.coordinator = new CoordinatorService<>(
                CoordinatorSettings.compacted(TopicName.MQTT_SESSIONS, core.nodeId(), SESSION_PARTITIONS)
                        .holdingWhileLoading(),
                new CoordinatorKind<>(SessionMachine::new, new SessionCodec(), storage, SessionCommand.Tick::new),
                journal,
                metaLog,
                platform.loops(),
                allocator);
        this.systemTopics = new SystemTopics(
                router, metrics, retainedIndex, config.operations().sysIntervalSeconds());
        storage.connect(coordinator, router.sessions()::loaded);
        this.delayCoordinator = new CoordinatorService<>(
                CoordinatorSettings.compacted(TopicName.MQTT_DELAYED, core.nodeId(), 1)
                        .holdingWhileLoading(),
                new CoordinatorKind<>(
                        partition -> new DelayMachine(
                                config.operations().delayedCountMax(),
                                config.operations().delayedBytesMax()),
                        new DelayCodec(),
                        node.delayed,
                        DelayCommand.Tick::new),
                journal,
                metaLog,
                platform.loops(),
                allocator);
        node.delayed.connect(delayCoordinator);
        this.metaSubscriptions =
                List.of(metaLog.subscribe(router), metaLog.subscribe(coordinator), metaLog.subscribe(delayCoordinator));
    }

    private boolean mayBeTopic(MetaImage image, String topic) {
        return image.topic(topic) != null
                || image.topics().stream().filter(t -> !t.internal()).count() < config.autoTopicsMax();
    }

    private int sessionPartitionsHere() {
        TopicImage topic = core.metaLog().image().topic(TopicName.MQTT_SESSIONS);
        return topic == null
                ? 0
                : (int) topic.partitions().stream()
                        .filter(p -> p.leader() == core.nodeId())
                        .count();
    }

    /**
     * Waits until stored sessions are back, then binds the listeners that are on. Throws when a port is taken. The meta log
     * must know this node's topics by then, and the journal have opened them.
     */
    public Bound start(String host) throws InterruptedException {
        awaitSessions();
        systemTopics.start();
        node.delayed.begin();
        int tcp = config.port() < 0 ? -1 : bind(host, config.port(), this::addMqtt);
        int web = config.webSocketPort() < 0 ? -1 : bind(host, config.webSocketPort(), this::addWebSocket);
        int tlsTcp = tls == null || config.tlsPort() < 0
                ? -1
                : bind(host, config.tlsPort(), pipeline -> addMqtt(secured(pipeline)));
        int tlsWeb = tls == null || config.webSocketTlsPort() < 0
                ? -1
                : bind(host, config.webSocketTlsPort(), pipeline -> addWebSocket(secured(pipeline)));
        LOG.info(
                "mqtt.port={} mqtt.ws.port={} mqtt.tls.port={} mqtt.wss.port={} host={} listening",
                tcp,
                web,
                tlsTcp,
                tlsWeb,
                host);
        return new Bound(tcp, web, tlsTcp, tlsWeb);
    }

    /**
     * Closes the listeners, tells the clients and closes them. Completes when all are gone and their sessions are stored; the
     * journal and the event loops must last until then.
     */
    public CompletableFuture<Void> stop() {
        systemTopics.stop();
        listeners.forEach(Channel::close);
        List<CompletableFuture<Void>> gone = new ArrayList<>();
        for (MqttChannel channel : channels) {
            gone.add(channel.shutDown());
        }
        CompletableFuture<Void> stopped = new CompletableFuture<>();
        CompletableFuture.allOf(gone.toArray(CompletableFuture[]::new))
                .whenComplete((nothing, failure) -> node.router.sessions().whenSettled(() -> {
                    metaSubscriptions.forEach(Cancellable::cancel);
                    coordinator.close();
                    delayCoordinator.close();
                    stopped.complete(null);
                }));
        return stopped;
    }

    /** Stops listening to the meta log; for when the loops are ended without a word to anybody. */
    void abandon() {
        metaSubscriptions.forEach(Cancellable::cancel);
    }

    private void awaitSessions() throws InterruptedException {
        CompletableFuture<Void> restored = new CompletableFuture<>();
        node.router.sessions().begin(sessionPartitionsHere(), restored);
        try {
            restored.get(RESTORE_SECONDS_MAX, TimeUnit.SECONDS);
        } catch (TimeoutException | ExecutionException e) {
            LOG.warn("stored sessions are not loaded yet: their clients will find no session until they are", e);
        }
    }

    private int bind(String host, int port, Consumer<ChannelPipeline> pipeline) throws InterruptedException {
        int high = config.writeBufferBytes();
        ChannelFuture bound = new ServerBootstrap()
                .group(platform.group())
                .channel(platform.channelType())
                .option(ChannelOption.SO_REUSEADDR, true)
                .option(ChannelOption.SO_BACKLOG, 4096)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, new WriteBufferWaterMark(high / 4, high))
                .childHandler(initializer(pipeline))
                .bind(host, port)
                .sync();
        listeners.add(bound.channel());
        return ((InetSocketAddress) bound.channel().localAddress()).getPort();
    }

    private ChannelHandler initializer(Consumer<ChannelPipeline> pipeline) {
        return new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel channel) {
                if (metrics.connectionOpened() > config.connectionsMax() || !mayConnectNow()) {
                    metrics.refused();
                    metrics.connectionClosed();
                    channel.close();
                    return;
                }
                pipeline.accept(channel.pipeline());
            }
        };
    }

    private boolean mayConnectNow() {
        long now = platform.loops().loops().get(0).nanoTime() / 1_000_000_000L;
        if (second.getAndSet(now) != now) {
            connectsInSecond.set(0);
        }
        return connectsInSecond.incrementAndGet() <= config.connectsPerSecondMax();
    }

    private ChannelPipeline secured(ChannelPipeline pipeline) {
        return tls == null ? pipeline : pipeline.addLast(new SslHandler(tls.newEngine()));
    }

    private void addMqtt(ChannelPipeline pipeline) {
        pipeline.addLast(new MqttFrameDecoder(config.packetBytesMax()));
        pipeline.addLast(new MqttDecoder(config.packetBytesMax(), 65_535));
        ChannelHandlerContext last = pipeline.lastContext();
        MqttChannel channel = new MqttChannel(node, last);
        pipeline.addLast(channel);
        channels.add(channel);
        last.channel().closeFuture().addListener(closed -> channels.remove(channel));
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
        addMqtt(pipeline);
    }
}
