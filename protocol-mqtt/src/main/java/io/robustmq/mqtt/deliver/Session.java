package io.robustmq.mqtt.deliver;

import io.robustmq.core.loop.Cancellable;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.model.Principal;
import io.robustmq.core.session.StoredFlow;
import io.robustmq.core.session.StoredWill;
import io.robustmq.mqtt.MqttMetrics;
import io.robustmq.mqtt.MqttMetrics.Drop;
import io.robustmq.mqtt.codec.Encoded;
import io.robustmq.mqtt.codec.Outbound;
import io.robustmq.mqtt.codec.PacketWriter;
import io.robustmq.mqtt.session.Backlog;
import io.robustmq.mqtt.session.FlowMachine;
import io.robustmq.mqtt.session.InFlight;
import io.robustmq.mqtt.session.PartitionLog;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A client's session: its flows, what it is behind with, and its connection while it has one. Owned by the connection's loop
 * while live, by the router's loop while parked; the router hands it over. Fields without {@code private} are the router's.
 */
public final class Session {
    private final String clientId;
    private final SessionLimits limits;
    private final CatchUp catchUp;
    private final MqttMetrics metrics;
    private final FlowMachine flow;
    private final Backlog backlog;
    private final Backlog.Lost lost = this::lose;
    private final Map<String, Subscription> subscriptions = new LinkedHashMap<>(4);

    private volatile int window;
    private int packetBytesMax = Integer.MAX_VALUE;
    private @Nullable Outbound outbound;
    private @Nullable Loop loop;
    private @Nullable Connection connection;
    private boolean touched;
    /** What came in this turn has to be stored first: it is sent together at the turn's end. */
    private boolean drainsAtEnd;

    private final Router router;
    private @Nullable FlowStore store;
    /** Of this connection; null while there is none, or nobody asks. */
    private @Nullable AckTimes ackTimes;

    /** The version of the present or last connection; set by the router while the session is parked. */
    private boolean v5;
    /** Index of the live session's loop, -1 while parked. Router's. */
    int loopIndex = -1;
    /** What arrives while the session moves between loops; null when it is not moving. Router's. */
    @Nullable
    Backlog moving;
    /** Messages were routed here since positions were last stored. Router's. */
    boolean dirty;
    /** Seconds to live without connection; 0: ends with the connection. Router's. */
    long expirySeconds;
    /** Who is connected, or was last. Router's. */
    Principal principal = Principal.ANONYMOUS;
    /** Grows with every connection, so that what an earlier one still asks for is known as late. Router's. */
    int generation;
    /** Whether it is in storage. Router's. */
    boolean persistent;
    /** What was sent before the node stopped; null when that is behind. Router's. */
    @Nullable
    SentMarks sentBefore;
    /** What waits until a session on its way between loops has arrived. Router's. */
    @Nullable
    ArrayDeque<Runnable> arrivals;
    /** Its subscriptions that get what the router reads, but for shares. Router's. */
    final List<Subscription> routed = new ArrayList<>(0);
    /** The positions that were stored. Router's. */
    final Map<PartitionLog, Long> stored = new HashMap<>(0);
    /** Its parts in subscriptions that belong to several clients. Router's. */
    final List<ShareSeat> seats = new ArrayList<>(0);
    /** Ends the parked session. Router's. */
    Cancellable expiry = Cancellable.NOTHING;
    /** What is published when the client goes without a word: of this connection, or waiting since the last. Router's. */
    @Nullable
    StoredWill will;

    /** A will that is due and not in the log yet; null when there is none. Router's. */
    @Nullable
    OwedWill owedWill;

    /** Nothing but its will is in storage. Router's. */
    boolean willStored;
    /** Ends the will's delay. Router's. */
    Cancellable willDelay = Cancellable.NOTHING;
    /** When that is. Router's. */
    long willDueMs;
    /** Another node has it: this is what is left of it here. Router's. */
    boolean evicted;
    /** Connections that wait until the session has left its loop. Router's. */
    @Nullable
    ArrayDeque<Runnable> takers;

    Session(
            String clientId,
            SessionLimits limits,
            LogReader reader,
            RetainedMessages retainedMessages,
            MqttMetrics metrics,
            Router router) {
        this.router = router;
        this.clientId = clientId;
        this.limits = limits;
        this.metrics = metrics;
        this.window = limits.inFlightMax();
        this.flow = new FlowMachine(window);
        this.backlog = limits.backlog();
        this.catchUp = new CatchUp(this, reader, retainedMessages, metrics);
    }

    public String clientId() {
        return clientId;
    }

    public boolean isV5() {
        return v5;
    }

    /** Whether its loop gets deliveries. Router's. */
    boolean isLive() {
        return loopIndex >= 0 && moving == null;
    }

    /** Null while nobody has connected since it came from storage. Router's. */
    @Nullable
    Principal knownPrincipal() {
        return generation == 0 ? null : principal;
    }

    void version(boolean five) {
        v5 = five;
    }

    public FlowMachine flow() {
        return flow;
    }

    Backlog backlog() {
        return backlog;
    }

    /** Any thread: how many messages may be unsettled. */
    int window() {
        return window;
    }

    public @Nullable Subscription subscription(String filter) {
        return subscriptions.get(filter);
    }

    public void put(Subscription subscription) {
        subscriptions.put(subscription.filter().text(), subscription);
    }

    public @Nullable Subscription remove(String filter) {
        return subscriptions.remove(filter);
    }

    public Collection<Subscription> subscriptions() {
        return subscriptions.values();
    }

    /** Whether what this client publishes must carry its name. */
    public boolean asksForNoLocal() {
        for (Subscription subscription : subscriptions.values()) {
            if (subscription.noLocal()) {
                return true;
            }
        }
        return false;
    }

    /** The session is this connection's from now on. What was in flight is sent again, in order, then what it is behind with. */
    public void connect(Connection owner, Outbound to, Loop connectionLoop, ClientLimits client) {
        connection = owner;
        outbound = to;
        loop = connectionLoop;
        window = Math.min(client.receiveMax(), limits.inFlightMax());
        flow.window(window);
        router.loop().execute(() -> router.seats().changed(this));
        packetBytesMax = client.packetBytesMax();
        to.aliases(Math.min(client.topicAliasMax(), limits.topicAliasMax()));
        catchUp.reset();
        ackTimes = router.slow().watch(clientId, router.indexOf(connectionLoop), connectionLoop.nowMs());
        flow.resume();
        drain();
    }

    /** The connection is gone; what comes now waits or is dropped. */
    public void disconnect() {
        outbound = null;
        connection = null;
        loop = null;
        ackTimes = null;
        if (store != null) {
            store.leave();
        }
    }

    /** What of the session's handshakes is stored. */
    public FlowStore store() {
        if (store == null) {
            store = new FlowStore(this, router);
        }
        return store;
    }

    /** Whether handshakes of this QoS must be stored before they go on. */
    public boolean isStored(int qos) {
        return persistent && (qos == 2 || (qos == 1 && limits.storesQos1()));
    }

    boolean isConnectedTo(Outbound to) {
        return outbound == to;
    }

    StoredFlow asStored(InFlight sent, boolean released) {
        String by = ShareSeat.textOf(sent.via());
        return new StoredFlow(sent.packetId(), sent.qos(), released, sent.log().partition(), sent.offset(), by);
    }

    /** Another connection wants the session. */
    void takeOver() {
        if (connection != null && evicted) {
            connection.moved();
        } else if (connection != null) {
            connection.takenOver();
        }
        disconnect();
    }

    /** Whether there was a connection to end. */
    boolean kick() {
        Connection ended = connection;
        if (ended != null) {
            ended.kicked();
        }
        return ended != null;
    }

    SessionInfo info() {
        return new SessionInfo(
                clientId,
                principal.name(),
                persistent,
                expirySeconds,
                subscriptions.values().stream().map(Subscription::info).toList(),
                flow.inFlight(),
                window,
                backlog.count(),
                backlog.bytes(),
                flow.unreleased(),
                connection == null ? SessionInfo.Link.NONE : connection.link());
    }

    public boolean isConnected() {
        return outbound != null;
    }

    /** True the first time in a turn: call {@link #finishTurn} at its end. */
    boolean touch() {
        boolean first = !touched;
        touched = true;
        return first;
    }

    void finishTurn() {
        touched = false;
        if (outbound != null) {
            if (drainsAtEnd) {
                drainsAtEnd = false;
                drain();
            }
            outbound.finish();
        }
    }

    void deliver(Frame message, Target target) {
        int qos = Math.min(message.qos(), target.qos());
        Outbound out = outbound;
        if (message.log() == SystemMessages.NO_LOG) {
            sendIfPossible(message, target);
            return;
        }
        if (qos > 0 && isStored(qos)) {
            drainsAtEnd = true;
            stayBehind(message.log(), message.offset(), message.bytes(), qos, target.via());
            return;
        }
        if (out == null || catchUp.isBehind() || !out.isWritable() || (qos > 0 && !flow.hasWindow())) {
            stayBehind(message.log(), message.offset(), message.bytes(), qos, target.via());
            return;
        }
        send(out, message, target, qos);
    }

    /** What is in no log cannot be sent later. */
    private void sendIfPossible(Frame message, Target target) {
        Outbound out = outbound;
        if (out != null && out.isWritable()) {
            send(out, message, target, 0);
        } else {
            metrics.dropped(Drop.NOBODY, 1);
            settle(target.via(), message);
        }
    }

    /** A reference that this session got from its share group. */
    void offer(PartitionLog log, long offset, ShareSeat via) {
        backlog.add(log, offset, 0, via, lost);
        drain();
        finishTurn();
    }

    private void stayBehind(PartitionLog log, long offset, int bytes, int qos, @Nullable ShareSeat via) {
        if (outbound == null && qos == 0) {
            metrics.dropped(Drop.NOBODY, 1);
            settle(via, log, offset);
        } else {
            backlog.add(log, offset, bytes, via, lost);
        }
    }

    private void lose(PartitionLog log, long offset, @Nullable Object via) {
        router.seats().noRoom().lost(via, log, offset);
    }

    /** What to do with a message that found no room in a backlog of this session. */
    Backlog.Lost lost() {
        return lost;
    }

    /** Sends what the session is behind with while the client takes it. */
    public void drain() {
        if (outbound != null && catchUp.isBehind()) {
            catchUp.drain(outbound);
        }
    }

    /** What is routed to the session from now on waits until so many subscriptions have their history. */
    public void expectHistory(int subscribed) {
        catchUp.expectHistory(subscribed);
    }

    /** The history of one subscription that it was expected of. */
    void offerHistory(List<Replay> replays) {
        catchUp.addHistory(replays);
        drain();
    }

    /** The retained messages of new subscriptions come before what is published from now on. */
    public void offerRetained(List<Subscription> wanted) {
        catchUp.addRetained(wanted);
        drain();
    }

    /** There must be a window for QoS 1 and 2. */
    void send(Outbound out, Frame message, Target target, int qos) {
        Encoded encoded = message.forVersion(v5);
        int[] ids = idsOf(target);
        boolean retain = message.retain() && target.retainAsPublished() && v5;
        if (!fits(message, target)) {
            metrics.dropped(Drop.TOO_LARGE, 1);
            settle(target.via(), message);
            return;
        }
        if (qos == 0 && ids == null && !retain && !out.hasAliases()) {
            out.share(encoded);
        } else {
            int packetId = qos == 0
                    ? 0
                    : flow.send(message.log(), message.offset(), qos, target.via())
                            .publishedAt(message.timestampMs())
                            .packetId();
            out.publish(encoded, message.topic(), (qos << 1) | (retain ? 1 : 0), packetId, ids, v5);
        }
        metrics.sent(1);
        if (qos == 0) {
            settle(target.via(), message);
        }
    }

    boolean fits(Frame message, Target target) {
        int[] ids = idsOf(target);
        return PacketWriter.sizeBound(message.forVersion(v5), ids == null ? 0 : ids.length) <= packetBytesMax;
    }

    int @Nullable [] idsOf(Target target) {
        return v5 ? target.subscriptionIds() : null;
    }

    @Nullable
    Loop loop() {
        return loop;
    }

    int packetBytesMax() {
        return packetBytesMax;
    }

    /** Whether the subscription, which the session still has, matches the message. */
    boolean wants(Message message, Subscription subscription) {
        return subscriptions.get(subscription.filter().text()) == subscription && subscription.wants(message);
    }

    /** How the message comes to this session, if it does. */
    @Nullable
    Target targetFor(Message message, @Nullable Object via) {
        return Target.of(subscriptions.values(), message, via);
    }

    /** A PUBREC came: what to answer. */
    public FlowMachine.Received pubrec(int packetId, boolean refused) {
        InFlight sent = flow.find(packetId);
        boolean storedQos2 = sent != null && sent.qos() == 2 && sent.isStored();
        if (!refused && sent != null && storedQos2 && sent.state() != InFlight.State.RELEASED) {
            release(sent);
            return FlowMachine.Received.LATER;
        }
        FlowMachine.Received outcome = flow.pubrec(packetId, refused);
        if (outcome == FlowMachine.Received.SETTLED) {
            settle(sent);
        }
        return outcome;
    }

    /** PUBREL goes out when it is stored that PUBREC came: from then on PUBLISH must not be sent again. */
    private void release(InFlight sent) {
        if (sent.state() == InFlight.State.RELEASING) {
            return;
        }
        sent.releasing();
        store().keep(asStored(sent, true));
        store().whenStored(ok -> {
            if (ok && flow.find(sent.packetId()) == sent) {
                sent.released();
                if (outbound != null && !sent.isOwedAgain()) {
                    PacketWriter.ack(outbound.own(), PacketWriter.PUBREL, sent.packetId(), 0, v5);
                    outbound.finish();
                }
                drain();
            }
        });
    }

    /** A message of QoS 0 went out that the client had not been ready for. */
    void sentLate(Frame message, int qos) {
        if (qos == 0 && ackTimes != null) {
            ackTimes.settled(message.log(), message.timestampMs(), nowMs());
        }
    }

    /** A message reached its end: there is room for what the session is behind with. */
    public void settle(@Nullable InFlight settled) {
        if (settled != null && ackTimes != null) {
            ackTimes.settled(settled.log(), settled.publishedAtMs(), nowMs());
        }
        if (settled != null && settled.isStored()) {
            store().settled(settled.packetId());
        }
        if (settled != null) {
            settle(settled.via(), settled.log(), settled.offset());
        }
    }

    /** Who deals the share wants to know only of what may be acknowledged. */
    private static void settle(@Nullable Object via, Frame message) {
        if (message.qos() > 0) {
            settle(via, message.log(), message.offset());
        }
    }

    /** A message that came by a share reached its end. */
    static void settle(@Nullable Object via, PartitionLog log, long offset) {
        if (via instanceof ShareSeat seat) {
            seat.settled(log, offset);
        }
    }

    long nowMs() {
        return loop == null ? 0 : loop.nowMs();
    }

    /** A message in a log. */
    record Reference(PartitionLog log, long offset) {}
}
