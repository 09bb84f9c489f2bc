package io.robustmq.mqtt.server;

import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.ServerChannel;
import io.robustmq.core.ban.BanCodec;
import io.robustmq.core.ban.BanCommand;
import io.robustmq.core.ban.BanEffect;
import io.robustmq.core.ban.BanFact;
import io.robustmq.core.ban.BanMachine;
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
import io.robustmq.core.meta.MetaListener;
import io.robustmq.core.meta.TopicImage;
import io.robustmq.core.model.TopicName;
import io.robustmq.core.port.Journal;
import io.robustmq.core.port.MetaLog;
import io.robustmq.core.port.NodeLink;
import io.robustmq.core.port.TlsEngines;
import io.robustmq.core.retained.RetainedConfig;
import io.robustmq.core.retained.RetainedIndex;
import io.robustmq.core.security.Authorizer;
import io.robustmq.core.session.SessionCodec;
import io.robustmq.core.session.SessionCommand;
import io.robustmq.core.session.SessionEffect;
import io.robustmq.core.session.SessionFact;
import io.robustmq.core.session.SessionMachine;
import io.robustmq.mqtt.MqttConfig;
import io.robustmq.mqtt.MqttMetrics;
import io.robustmq.mqtt.admin.MqttAdmin;
import io.robustmq.mqtt.deliver.Router;
import io.robustmq.mqtt.deliver.SessionLimits;
import io.robustmq.mqtt.deliver.SessionStorage;
import io.robustmq.mqtt.deliver.TopicReader;
import io.robustmq.mqtt.home.Homes;
import io.robustmq.mqtt.home.Relay;
import io.robustmq.mqtt.share.ShareLink;
import io.robustmq.mqtt.sys.SystemTopics;
import io.robustmq.mqtt.trace.TraceSink;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The MQTT listeners of a node and everything behind them. Thread-safe. Subscribes to the meta log when made, so make it
 * after the journal.
 */
@SuppressWarnings("FutureReturnValueIgnored") // what closing leads to is waited for by its own future
public final class MqttServer {
    private static final Logger LOG = LoggerFactory.getLogger(MqttServer.class);
    private static final int SESSION_PARTITIONS = 4;
    /** So that they are spread over the nodes. */
    private static final int SESSION_PARTITIONS_OF_CLUSTER = 12;

    private static final int LOADING_TOLD_SECONDS = 10;
    private static final int CAUGHT_UP_MS_MAX = 30_000;
    private static final int CAUGHT_UP_POLL_MS = 20;

    private final MqttConfig config;
    private final Platform platform;
    private final MqttNode node;
    private final Core core;
    private final CoordinatorService<SessionCommand, SessionFact, SessionEffect> coordinator;
    private final CoordinatorService<DelayCommand, DelayFact, DelayEffect> delayCoordinator;
    private final CoordinatorService<BanCommand, BanFact, BanEffect> banCoordinator;
    private final SystemTopics systemTopics;
    private final List<Cancellable> metaSubscriptions;
    private final Listeners listeners;
    /** Null on a single node. */
    private @Nullable LeaderCalls calls;

    /** The event loops that connections run on. {@code loops} are those of {@code group}. */
    public record Platform(EventLoopGroup group, NettyLoops loops, Class<? extends ServerChannel> channelType) {}

    /**
     * What the server works on: this node's number in the cluster, the log, the metadata, where traces go.
     *
     * @param cluster null when there are no other nodes
     */
    public record Core(
            int nodeId,
            Journal journal,
            MetaLog metaLog,
            TraceSink traces,
            @Nullable Cluster cluster) {
        /** Traces go nowhere. */
        public Core(int nodeId, Journal journal, MetaLog metaLog) {
            this(nodeId, journal, metaLog, (trace, line) -> {}, null);
        }

        /** What this node leads, for coordinators. */
        Journal led() {
            return cluster == null ? journal : cluster.led();
        }
    }

    /**
     * The other nodes.
     *
     * @param led the log without them
     * @param caughtUp whether this node knows all that is committed
     */
    public record Cluster(Journal led, Relay relay, NodeLink link, BooleanSupplier caughtUp) {}

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
        this.platform = platform;
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
                metrics,
                config.operations().slow());
        Router router = new Router(loops.get(0), loops, setup, storage);
        this.node = new MqttNode(
                config,
                metrics,
                router,
                access,
                core,
                platform.loops(),
                core.cluster() == null
                        ? null
                        : new Homes(core.nodeId(), metaLog::image, () -> coordinator()
                                .ensureTopic()),
                loop -> new LoopPublisher(
                        loop, journal, metaLog, mapping, allocator, config, setup.retained(), metrics));
        router.sessions().willsPublishedBy(node.nodePublisher);
        Cluster cluster = core.cluster();
        this.listeners = new Listeners(node, platform, access.tls(), cluster == null ? null : cluster.relay());
        node.bans.whenImposed(listeners::endBanned);
        this.systemTopics = new SystemTopics(
                router, metrics, setup.retained(), config.operations().sysIntervalSeconds());
        this.coordinator = coordinator(
                TopicName.MQTT_SESSIONS,
                cluster == null ? SESSION_PARTITIONS : SESSION_PARTITIONS_OF_CLUSTER,
                new CoordinatorKind<>(SessionMachine::new, new SessionCodec(), storage, SessionCommand.Tick::new));
        this.delayCoordinator = coordinator(
                TopicName.MQTT_DELAYED,
                1,
                new CoordinatorKind<>(
                        partition -> new DelayMachine(
                                config.operations().delayedCountMax(),
                                config.operations().delayedBytesMax()),
                        new DelayCodec(),
                        node.delayed,
                        DelayCommand.Tick::new));
        this.banCoordinator = coordinator(
                TopicName.MQTT_BANS,
                1,
                new CoordinatorKind<>(
                        partition -> new BanMachine(config.operations().limits().bansMax()),
                        new BanCodec(),
                        node.bans,
                        BanCommand.Tick::new));
        storage.connect(coordinator, router.sessions()::loaded);
        ShareLink shareLink = cluster == null ? null : new ShareLink(cluster.link(), router.loop());
        if (node.homes != null && shareLink != null) {
            shareLink.serve(router.liveIn(node.homes, shareLink::node));
        }
        node.delayed.connect(delayCoordinator);
        node.bans.connect(banCoordinator);
        List<MetaListener> listening = new ArrayList<>(List.of(router, coordinator, delayCoordinator, banCoordinator));
        if (cluster != null) {
            calls = new LeaderCalls(core.nodeId(), metaLog::image, cluster.link(), router.loop(), shareLink);
            calls.serve(node);
            node.bans.askElsewhere(calls);
            node.delayed.askElsewhere(calls);
            listening.add((delta, image) -> {
                if (!delta.nodes().isEmpty() || !delta.topics().isEmpty()) {
                    listeners.homesMoved();
                }
            });
            listening.add(new TopicReader(TopicName.MQTT_BANS, journal, router.loop(), node.bans::read));
        }
        this.metaSubscriptions = listening.stream().map(metaLog::subscribe).toList();
    }

    private CoordinatorService<SessionCommand, SessionFact, SessionEffect> coordinator() {
        return coordinator;
    }

    private <C, F, E> CoordinatorService<C, F, E> coordinator(
            String topic, int partitions, CoordinatorKind<C, F, E> kind) {
        return new CoordinatorService<>(
                CoordinatorSettings.compacted(topic, core.nodeId(), partitions).holdingWhileLoading(),
                kind,
                core.led(),
                core.metaLog(),
                platform.loops(),
                PooledByteBufAllocator.DEFAULT);
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
        if (core.cluster() == null) {
            awaitSessions();
            awaitBans();
            systemTopics.start();
            node.delayed.begin();
        }
        int tcp = listeners.bind(host, config.port(), false, false);
        int web = listeners.bind(host, config.webSocketPort(), true, false);
        int tlsTcp = listeners.bind(host, config.tlsPort(), false, true);
        int tlsWeb = listeners.bind(host, config.webSocketTlsPort(), true, true);
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
     * In a cluster, after {@link #start}, when the other nodes know this one: waits until it knows what is committed, then lets
     * clients in.
     */
    public void accept() throws InterruptedException {
        Cluster cluster = core.cluster();
        if (cluster == null) {
            return;
        }
        CompletableFuture<Void> known = new CompletableFuture<>();
        await(cluster.caughtUp(), known);
        try {
            known.get(CAUGHT_UP_MS_MAX, TimeUnit.MILLISECONDS);
        } catch (TimeoutException | ExecutionException e) {
            LOG.warn("not all that is committed is known here yet: until it is, it is read at the leaders", e);
        }
        // So that whoever asks for a ban or a delay knows whom to ask.
        CompletableFuture<?> bans = banCoordinator.ensureTopic();
        CompletableFuture<?> delays = delayCoordinator.ensureTopic();
        CompletableFuture<?> unused = CompletableFuture.allOf(bans, delays).whenComplete((made, failure) -> {
            if (failure != null) {
                LOG.warn("topics of bans and delayed messages are not made yet: {}", failure.getMessage());
            }
        });
        systemTopics.start();
        node.delayed.begin();
        listeners.accept();
    }

    private void await(BooleanSupplier condition, CompletableFuture<Void> reached) {
        if (condition.getAsBoolean() || reached.isDone()) {
            reached.complete(null);
        } else {
            node.router.loop().schedule(CAUGHT_UP_POLL_MS, () -> await(condition, reached));
        }
    }

    /** In a cluster: answers what other nodes ask of this one. */
    public NodeLink.Service service() {
        if (calls == null) {
            throw new IllegalStateException("there are no other nodes");
        }
        return calls;
    }

    /** In a cluster: the channel, which lives in one of the loops, stands for a client's that arrived at another node. */
    public void relayed(Channel channel, Relay.Peer peer) {
        listeners.relayed(channel, peer);
    }

    /**
     * Tells all clients to go elsewhere and closes them, and refuses those that come until {@link #letClientsIn}. Any thread; again,
     * for those that were on their way in meanwhile.
     */
    public void turnClientsAway() {
        listeners.turnAway();
    }

    /** Any thread: clients are served again. */
    public void letClientsIn() {
        listeners.letIn();
    }

    /**
     * Closes the listeners, tells the clients and closes them. Completes when all are gone and their sessions are stored; the
     * journal and the event loops must last until then.
     */
    public CompletableFuture<Void> stop() {
        systemTopics.stop();
        CompletableFuture<Void> stopped = new CompletableFuture<>();
        listeners
                .close()
                .whenComplete((nothing, failure) -> node.router.sessions().whenSettled(() -> {
                    metaSubscriptions.forEach(Cancellable::cancel);
                    coordinator.close();
                    delayCoordinator.close();
                    banCoordinator.close();
                    stopped.complete(null);
                }));
        return stopped;
    }

    /** Stops listening to the meta log; for when the loops are ended without a word to anybody. */
    void abandon() {
        metaSubscriptions.forEach(Cancellable::cancel);
    }

    /** Until then a client would find no session where it has one, and begin another. */
    private void awaitSessions() throws InterruptedException {
        CompletableFuture<Void> restored = new CompletableFuture<>();
        do {
            // Partitions whose disk is lost meanwhile are not waited for.
            node.router.sessions().begin(sessionPartitionsHere(), restored);
        } while (!isLoaded(restored, "stored sessions"));
    }

    private void awaitBans() throws InterruptedException {
        if (core.metaLog().image().topic(TopicName.MQTT_BANS) == null) {
            return;
        }
        CompletableFuture<?> loaded = node.bans.whenLoaded();
        boolean done = false;
        while (!done) {
            done = isLoaded(loaded, "bans");
        }
    }

    /** Waits a while; says what is waited for, if it is not there by then. */
    private static boolean isLoaded(CompletableFuture<?> loaded, String what) throws InterruptedException {
        try {
            loaded.get(LOADING_TOLD_SECONDS, TimeUnit.SECONDS);
            return true;
        } catch (TimeoutException e) {
            LOG.warn("{} are not loaded yet: clients are let in when they are", what);
            return false;
        } catch (ExecutionException e) {
            throw new IllegalStateException(what + " cannot be loaded", e.getCause());
        }
    }

    /** What operators may do and see. */
    public MqttAdmin admin() {
        return new NodeAdmin(node, listeners);
    }
}
