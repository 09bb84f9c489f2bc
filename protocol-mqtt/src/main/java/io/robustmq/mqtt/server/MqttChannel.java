package io.robustmq.mqtt.server;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.mqtt.MqttConnectMessage;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttMessageType;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.handler.codec.mqtt.MqttReasonCodeAndPropertiesVariableHeader;
import io.netty.handler.codec.mqtt.MqttSubscribeMessage;
import io.netty.handler.codec.mqtt.MqttUnsubscribeMessage;
import io.netty.util.ReferenceCountUtil;
import io.robustmq.core.ban.Ban;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.loop.Cancellable;
import io.robustmq.core.loop.NettyLoop;
import io.robustmq.core.model.Principal;
import io.robustmq.mqtt.codec.Outbound;
import io.robustmq.mqtt.codec.PacketWriter;
import io.robustmq.mqtt.deliver.Connection;
import io.robustmq.mqtt.deliver.Session;
import io.robustmq.mqtt.deliver.SessionInfo;
import io.robustmq.mqtt.deliver.Sessions;
import io.robustmq.mqtt.limits.Paces;
import io.robustmq.mqtt.sys.ClientEvents;
import io.robustmq.mqtt.trace.TraceHandler;
import io.robustmq.mqtt.wire.MalformedPacketException;
import io.robustmq.mqtt.wire.PacketRules;
import io.robustmq.mqtt.wire.Refusal;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection. Owned by its event loop.
 *
 * <pre>
 *   NEW ──CONNECT──▶ CONNECTING ──session is here──▶ CONNECTED ──▶ CLOSED
 * </pre>
 * While the session is fetched, or a topic is created, packets are held back and the socket is not read.
 */
@SuppressWarnings("FutureReturnValueIgnored") // what fails on a channel closes it
final class MqttChannel extends ChannelInboundHandlerAdapter implements Connection, Appending.Owner {
    private static final Logger LOG = LoggerFactory.getLogger(MqttChannel.class);

    private enum State {
        NEW,
        CONNECTING,
        CONNECTED,
        CLOSED
    }

    private final MqttNode node;
    private final ChannelHandlerContext context;
    private final NettyLoop loop;
    private final Outbound outbound;
    private final Farewell farewell;
    private final LoopPublisher publisher;
    private final PublishHandler publishing;
    private final Authentication authentication;
    private final AckHandler acks = new AckHandler(this);
    private final Intake intake;
    private final Admission admission;

    private State state = State.NEW;
    private @Nullable ConnectHandler connect;
    private @Nullable Session session;
    private int generation;
    private long connectedAtMs;
    private int version;
    private boolean cleanDisconnect;
    private long expiryAtDisconnect = -1;
    private String endedBy = "the connection was lost";
    private Cancellable connectTimer = Cancellable.NOTHING;
    private final KeepAlive keepAlive;

    MqttChannel(MqttNode node, ChannelHandlerContext context, String host, @Nullable Paces listener) {
        this.node = node;
        this.context = context;
        this.loop = node.loopOf(context.channel().eventLoop());
        this.outbound = new Outbound(context.channel());
        this.farewell = new Farewell(context, outbound);
        this.publisher = node.publisherOf(context.channel().eventLoop());
        this.publishing = new PublishHandler(this, node, publisher);
        this.authentication = new Authentication(this, node, context.channel(), host);
        this.keepAlive = new KeepAlive(
                loop,
                () -> context.channel().config().isAutoRead(),
                () -> close(Reasons.KEEP_ALIVE_TIMEOUT, "nothing heard for one and a half keep alive times"));
        this.intake = new Intake(context.channel(), this::handle, keepAlive::heard);
        this.admission = new Admission(node, loop, intake, authentication.host(), listener);
    }

    void start() {
        connectTimer = loop.schedule(node.config.connectTimeoutMs(), () -> {
            if (state == State.NEW || state == State.CONNECTING) {
                context.close();
            }
        });
    }

    /** A certificate that was asked for and checked says who the client is. */
    void certified(String name) {
        authentication.certified(name);
    }

    NettyLoop loop() {
        return loop;
    }

    Outbound outbound() {
        return outbound;
    }

    @Nullable
    Session session() {
        return session;
    }

    boolean serves(Session whose) {
        return session == whose;
    }

    boolean isV5() {
        return version == 5;
    }

    /** What the client takes at most in one packet. */
    int packetBytesMax() {
        return connect == null ? Integer.MAX_VALUE : connect.limits().packetBytesMax();
    }

    /** Whether the client is told where its messages are in the log. */
    boolean tellsOffsets() {
        return isV5() && node.config.delivery().acknowledgesOffset() && connect != null && connect.tellsProblems();
    }

    String client() {
        return connect == null ? "" : connect.clientId();
    }

    /** As events and queries name it. */
    ClientEvents.Client asClient() {
        return new ClientEvents.Client(client(), principal(), authentication.host(), version);
    }

    Principal principal() {
        return connect == null ? Principal.ANONYMOUS : connect.principal();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        intake.read(message);
    }

    /** Takes {@code message}. */
    private void handle(Object message) {
        try {
            if (message instanceof MqttMessage packet) {
                handle(packet);
            }
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        keepAlive.heard();
        outbound.finish();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (session != null && ctx.channel().isWritable()) {
            session.drain();
        }
    }

    /** Whether and what is read. */
    Intake intake() {
        return intake;
    }

    /** Ends one hold of the intake. */
    void unhold() {
        intake.unhold();
        outbound.finish();
    }

    private void handle(MqttMessage packet) {
        if (packet.decoderResult().isFailure()) {
            malformed(packet.decoderResult().cause());
            return;
        }
        Refusal refusal = PacketRules.check(packet, version);
        if (refusal != null) {
            refuse(refusal);
            return;
        }
        Session mine = session;
        if (packet instanceof MqttConnectMessage connectMessage) {
            onConnect(connectMessage);
        } else if (state != State.NEW && packet.fixedHeader().messageType() == MqttMessageType.AUTH) {
            authentication.on(packet);
        } else if (mine == null) {
            context.close();
        } else if (packet instanceof MqttPublishMessage publish) {
            int bytes = publish.payload().readableBytes();
            node.metrics.received(bytes);
            admission.took(bytes);
            publishing.on(publish, mine);
        } else if (packet instanceof MqttSubscribeMessage subscribe) {
            new SubscribeHandler(this, node).on(subscribe, mine);
        } else if (packet instanceof MqttUnsubscribeMessage unsubscribe) {
            new SubscribeHandler(this, node).on(unsubscribe, mine);
        } else {
            onSmall(packet, mine);
        }
    }

    private void onSmall(MqttMessage packet, Session mine) {
        switch (packet.fixedHeader().messageType()) {
            case PUBACK -> acks.puback(packet, mine);
            case PUBREC -> acks.pubrec(packet, mine);
            case PUBREL -> publishing.release(AckHandler.packetId(packet), mine);
            case PUBCOMP -> acks.pubcomp(packet, mine);
            case PINGREQ -> PacketWriter.pingresp(outbound.own());
            case DISCONNECT -> onDisconnect(packet);
            default -> close(Reasons.PROTOCOL_ERROR, "a packet that only servers send");
        }
    }

    private void onConnect(MqttConnectMessage message) {
        if (state != State.NEW) {
            close(Reasons.PROTOCOL_ERROR, "a second CONNECT [MQTT-3.1.0-2]");
            return;
        }
        version = message.variableHeader().version();
        state = State.CONNECTING;
        int refusal = ConnectHandler.refusal(message, node);
        if (refusal != 0) {
            node.metrics.refused();
            close(refusal, "");
            return;
        }
        authentication.begin(message, who -> attach(message, who));
    }

    private void attach(MqttConnectMessage message, Principal who) {
        Optional<Ban> ban = admission.banned(message.payload().clientIdentifier(), who);
        if (ban.isPresent()) {
            close(Reasons.BANNED, ban.get().reason());
            return;
        }
        ConnectHandler asked = ConnectHandler.of(message, node, who);
        connect = asked;
        intake.hold();
        node.router
                .sessions()
                .attach(
                        new Sessions.Attach(
                                asked.clientId(),
                                asked.isV5(),
                                asked.cleanStart(),
                                asked.expirySeconds(),
                                who,
                                asked.will(),
                                loop),
                        attached -> connected(asked, attached));
    }

    /** What is traced may have changed. */
    void traceIfConnected() {
        if (state == State.CONNECTED) {
            TraceHandler.update(
                    context.pipeline(),
                    this,
                    node.traces,
                    client(),
                    new ConnectionTopics(isV5(), publishing, outbound));
        }
    }

    /** There may be a new ban. */
    void endIfBanned() {
        if (state == State.CONNECTED && connect != null) {
            admission
                    .banned(connect.clientId(), connect.principal())
                    .ifPresent(ban -> close(Reasons.BANNED, ban.reason()));
        }
    }

    @Override
    public void kicked() {
        close(Reasons.ADMINISTRATIVE_ACTION, "ended by an operator");
    }

    @Override
    public SessionInfo.Link link() {
        return connect == null ? SessionInfo.Link.NONE : connect.link(authentication.host(), connectedAtMs);
    }

    private void connected(ConnectHandler asked, Sessions.Attached attached) {
        Session mine = attached.session();
        if (mine == null) {
            close(Reasons.SERVER_UNAVAILABLE, "");
            return;
        }
        generation = Sessions.generation(mine);
        if (state == State.CLOSED || attached.error() != BrokerError.NONE) {
            boolean stays = state == State.CLOSED || attached.present();
            node.router.sessions().detach(mine, generation, stays ? -1 : 0, state == State.CLOSED);
            close(Reasons.SERVER_UNAVAILABLE, "");
            return;
        }
        state = State.CONNECTED;
        session = mine;
        node.metrics.clientConnected();
        connectedAtMs = loop.nowMs();
        admission.joined(asked.principal());
        connectTimer.cancel();
        keepAlive.watch(asked.keepAliveSeconds());
        traceIfConnected();
        if (!asked.writeConnack(outbound.own(), attached.present(), node.config, authentication)) {
            LOG.info("client={} closing reason=CONNACK is larger than its maximum packet size", clientId());
            context.close();
            return;
        }
        outbound.finish();
        asked.tell(node.events, asClient(), attached.present(), connectedAtMs);
        mine.connect(this, outbound, loop, asked.limits());
        if (!node.autoSubscriptions.isEmpty()) {
            new SubscribeHandler(this, node).automatic(mine);
        }
        unhold();
    }

    private void onDisconnect(MqttMessage packet) {
        int reason = Reasons.SUCCESS;
        if (packet.variableHeader() instanceof MqttReasonCodeAndPropertiesVariableHeader header) {
            reason = header.reasonCode() & 0xFF;
            long expiry = Properties5.number(header.properties(), Properties5.SESSION_EXPIRY, -1);
            if (expiry > 0 && connect != null && connect.askedExpirySeconds() == 0) {
                close(Reasons.PROTOCOL_ERROR, "a session expiry in DISCONNECT after none in CONNECT");
                return;
            }
            if (expiry >= 0) {
                expiryAtDisconnect = Math.min(expiry, node.config.sessionExpirySecondsMax());
            }
        }
        cleanDisconnect = reason == Reasons.SUCCESS;
        endedBy = "the client disconnected";
        context.close();
    }

    void appended(PendingAck ack) {
        publishing.appended(ack);
    }

    /** What was published has been stored, or not. */
    @Override
    public void acksAdvanced() {
        if (state == State.CONNECTED) {
            publishing.acknowledge();
            outbound.finish();
        }
    }

    @Override
    public void takenOver() {
        Session mine = session;
        if (mine != null) {
            session = null;
            endedBy = "another connection uses the client id";
            leave(mine);
            end(Reasons.SESSION_TAKEN_OVER, "another connection uses the client id");
        }
    }

    @Override
    public void moved() {
        Session mine = session;
        if (mine != null) {
            session = null;
            endedBy = "another node has the session";
            leave(mine);
            end(Reasons.SERVER_SHUTTING_DOWN, "another node has the session by now: connect again");
        }
    }

    /** The node stops, or serves nobody. */
    CompletableFuture<Void> shutDown(String why) {
        CompletableFuture<Void> gone = new CompletableFuture<>();
        context.channel().closeFuture().addListener(closed -> gone.complete(null));
        loop.run(() -> close(Reasons.SERVER_SHUTTING_DOWN, why));
        return gone;
    }

    /** Says why, as far as the protocol version can, and closes. */
    void close(int reason, String why) {
        if (state != State.CLOSED) {
            LOG.debug(
                    "client={} address={} closing reason=0x{} {}",
                    clientId(),
                    context.channel().remoteAddress(),
                    Integer.toHexString(reason),
                    why);
            end(reason, why);
        }
    }

    private void end(int reason, String why) {
        endedBy = why.isEmpty() ? "reason 0x" + Integer.toHexString(reason) : why;
        if (state == State.CONNECTED) {
            farewell.disconnect(version, reason, why, packetBytesMax());
        } else {
            farewell.refuse(version, reason);
        }
        closed();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        closed();
        ctx.fireChannelInactive();
    }

    private void closed() {
        if (state == State.CLOSED) {
            return;
        }
        state = State.CLOSED;
        intake.close();
        connectTimer.cancel();
        keepAlive.stop();
        admission.left();
        publisher.forget(this);
        Session mine = session;
        session = null;
        if (mine != null) {
            leave(mine);
        }
        outbound.discard();
    }

    /** Lets the session go, with the will if the client went without a word [MQTT-3.14.4-3]. */
    private void leave(Session mine) {
        mine.disconnect();
        node.metrics.clientGone();
        node.bans.left(mine.clientId());
        node.events.disconnected(asClient(), endedBy, loop.nowMs());
        node.router.sessions().detach(mine, generation, expiryAtDisconnect, !cleanDisconnect);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (cause instanceof MalformedPacketException || cause.getCause() instanceof MalformedPacketException) {
            malformed(cause);
        } else if (cause instanceof IOException || cause.getCause() instanceof SSLException) {
            LOG.debug("client={} connection failed: {}", clientId(), cause.toString());
            ctx.close();
        } else {
            LOG.error("client={} closing after a fault", clientId(), cause);
            close(Reasons.UNSPECIFIED, "");
            ctx.close();
        }
    }

    private void malformed(Throwable cause) {
        refuse(MalformedPacketException.refusal(cause));
    }

    private void refuse(Refusal refusal) {
        if (state == State.CLOSED) {
            return;
        }
        node.metrics.malformed();
        LOG.info(
                "client={} address={} refused: {}",
                clientId(),
                context.channel().remoteAddress(),
                refusal.sentence());
        if (version == 0) {
            farewell.refuseUnread(refusal);
            return;
        }
        close(refusal.reasonCode() & 0xFF, refusal.sentence());
    }

    private String clientId() {
        String id = connect == null ? "" : connect.clientId();
        return id.length() > 64 ? id.substring(0, 64) + "..." : id;
    }
}
