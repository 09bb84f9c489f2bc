package io.robustmq.mqtt.deliver;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.model.Principal;
import io.robustmq.core.subscription.TopicFilter;
import io.robustmq.mqtt.codec.Outbound;
import io.robustmq.mqtt.codec.PacketWriter;
import io.robustmq.mqtt.session.FlowMachine;
import io.robustmq.mqtt.share.Claimed;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A client with a persistent session that keeps to the standard, and remembers what it was given. */
final class SimDevice implements Connection {
    private final String id;
    private final String filter;
    private final int granted;
    private final int receiveMax;
    private final int window;
    private final List<Integer> delivered = new ArrayList<>();
    /** QoS 2 packet ids that are received and not released: the client's own session state. */
    private final Set<Integer> unreleased = new HashSet<>();

    private final ArrayDeque<int[]> owed = new ArrayDeque<>();
    private final Set<Integer> inFlight = new HashSet<>();
    private final ByteBuf in = Unpooled.buffer();
    private boolean hasSession;
    private boolean wanted = true;
    private boolean subscribing;
    private boolean subscribed;
    private boolean connecting;
    private OlderConnection older = new OlderConnection();
    private boolean olderIsConnected;
    private int attempt;
    private int generation;
    private @Nullable EmbeddedChannel channel;
    private @Nullable Outbound out;
    private @Nullable Session session;
    private @Nullable Router router;
    private @Nullable Loop loop;

    SimDevice(String id, String filter, int granted, int receiveMax, int serverWindow) {
        this.id = id;
        this.filter = filter;
        this.granted = granted;
        this.receiveMax = receiveMax;
        this.window = Math.min(receiveMax, serverWindow);
    }

    /** Whether it was told so, and has not unsubscribed since. */
    boolean isSubscribed() {
        return subscribed;
    }

    /** Whether it wants no other state of its subscription than it has. */
    boolean isContent() {
        return wanted == subscribed;
    }

    void connect(Router router, Loop loop) {
        if (connecting || session != null) {
            return;
        }
        connecting = true;
        this.router = router;
        this.loop = loop;
        int mine = ++attempt;
        router.sessions()
                .attach(new Sessions.Attach(id, true, false, 3600, Principal.ANONYMOUS, null, loop), attached -> {
                    if (mine == attempt) {
                        attached(loop, attached);
                    } else if (attached.session() != null) {
                        EmbeddedChannel connection = new EmbeddedChannel();
                        attached.session().connect(older, new Outbound(connection), loop, limits());
                        olderIsConnected = true;
                    }
                });
    }

    /** Comes again, by another connection, before it has heard anything by the first. */
    void connectTwice(Router router, Loop loop) {
        if (connecting || session != null) {
            return;
        }
        connect(router, loop);
        if (session != null) {
            return;
        }
        connecting = false;
        older = new OlderConnection();
        olderIsConnected = false;
        connect(router, loop);
    }

    private ClientLimits limits() {
        return new ClientLimits(receiveMax, Integer.MAX_VALUE, 0);
    }

    private void attached(Loop loop, Sessions.Attached attached) {
        connecting = false;
        Session given = attached.session();
        if (given == null && attached.error() == BrokerError.NOT_COORDINATOR) {
            // Its home is elsewhere by now.
            return;
        }
        assertThat(given).isNotNull();
        assertThat(attached.present()).as(id + " has its session").isEqualTo(hasSession);
        EmbeddedChannel connection = new EmbeddedChannel();
        Outbound way = new Outbound(connection);
        assertThat(olderIsConnected && !older.isEnded())
                .as(id + " has two connections")
                .isFalse();
        session = given;
        channel = connection;
        out = way;
        generation = Sessions.generation(given);
        inFlight.clear();
        hasSession = true;
        given.connect(this, way, loop, limits());
        if (!wanted && given.subscription(filter) != null) {
            // The connection may have been lost before the server had heard of it.
            unsubscribe();
        }
        subscribeIfWanted();
    }

    /** Unless it is subscribed, or about to be. */
    void subscribeIfWanted() {
        if (session != null && wanted && !subscribed && !subscribing) {
            subscribeAgain();
        }
    }

    /** While it is connected. */
    void subscribeAgain() {
        subscribe(Objects.requireNonNull(router), Objects.requireNonNull(loop), Objects.requireNonNull(session));
    }

    private void subscribe(Router router, Loop loop, Session given) {
        Subscription all = new Subscription(given, TopicFilter.parse(filter), granted, false, false, 0);
        given.put(all);
        wanted = true;
        subscribing = true;
        int mine = attempt;
        if (all.filter().isShared()) {
            router.claim(all, loop, claimed -> {
                if (claimed == Claimed.DONE && mine == attempt) {
                    subscribe(router, loop, given, all);
                } else if (mine == attempt && given.subscription(filter) == all) {
                    given.remove(filter);
                    subscribing = false;
                }
            });
        } else {
            subscribe(router, loop, given, all);
        }
    }

    private void subscribe(Router router, Loop loop, Session given, Subscription all) {
        int mine = attempt;
        router.subscribe(given, List.of(new Router.Subscribed(all, null, false)), loop, error -> {
            if (mine == attempt && given.subscription(filter) == all) {
                subscribing = false;
                subscribed = error == BrokerError.NONE;
            }
        });
    }

    /** The connection breaks, and the server notices. */
    void disconnect(Router router) {
        Session mine = session;
        if (mine != null) {
            mine.disconnect();
            router.sessions().detach(mine, generation, -1, false);
            lose();
        }
    }

    /** While it is connected. */
    void unsubscribe() {
        Session mine = Objects.requireNonNull(session);
        wanted = false;
        subscribing = false;
        subscribed = false;
        Subscription all = mine.remove(filter);
        if (all != null) {
            Objects.requireNonNull(router).unsubscribe(mine, List.of(all), Objects.requireNonNull(loop), error -> {});
        }
    }

    boolean isConnected() {
        return session != null;
    }

    void disconnectFromNode() {
        Router from = router;
        if (from != null) {
            disconnect(from);
        }
    }

    String id() {
        return id;
    }

    /** Whether it is connected there, or about to be. */
    boolean isAt(Router node) {
        return router == node && (session != null || connecting);
    }

    /** The server is gone. */
    void lose() {
        session = null;
        subscribing = false;
        connecting = false;
        attempt++;
        owed.clear();
        in.clear();
        if (channel != null) {
            channel.finishAndReleaseAll();
            channel = null;
        }
    }

    @Override
    public void kicked() {
        throw new AssertionError(id + " is not an operator's business");
    }

    @Override
    public SessionInfo.Link link() {
        return SessionInfo.Link.NONE;
    }

    @Override
    public void moved() {
        disconnectFromNode();
    }

    @Override
    public void takenOver() {
        throw new AssertionError(id + " has one connection only");
    }

    /** Takes what the server sent. */
    void read() {
        if (channel == null) {
            return;
        }
        for (ByteBuf part = channel.readOutbound(); part != null; part = channel.readOutbound()) {
            in.writeBytes(part);
            part.release();
        }
        while (in.isReadable()) {
            int first = in.readUnsignedByte();
            int length = in.readUnsignedByte();
            ByteBuf body = in.readSlice(length);
            if (first >>> 4 == 3) {
                onPublish(first, body);
            } else {
                assertThat(first).as("PUBREL").isEqualTo(PacketWriter.PUBREL);
                int packetId = body.readUnsignedShort();
                unreleased.remove(packetId);
                owed.add(new int[] {PacketWriter.PUBCOMP, packetId});
            }
        }
        in.clear();
    }

    private void onPublish(int first, ByteBuf body) {
        int qos = (first >>> 1) & 3;
        body.skipBytes(body.readUnsignedShort());
        int packetId = body.readUnsignedShort();
        body.skipBytes(body.readUnsignedByte());
        int number = Integer.parseInt(body.toString(StandardCharsets.US_ASCII));
        assertThat(inFlight.add(packetId))
                .as(id + " packet id " + packetId + " in use")
                .isTrue();
        assertThat(inFlight).as(id + " in flight").hasSizeLessThanOrEqualTo(window);
        if (qos == 1) {
            delivered.add(number);
            owed.add(new int[] {PacketWriter.PUBACK, packetId});
        } else {
            if (unreleased.add(packetId)) {
                delivered.add(number);
            }
            owed.add(new int[] {PacketWriter.PUBREC, packetId});
        }
    }

    void acknowledgeOne() {
        int[] ack = owed.poll();
        Session mine = session;
        Outbound to = out;
        if (ack == null || mine == null || to == null) {
            return;
        }
        int packetId = ack[1];
        if (ack[0] == PacketWriter.PUBREC) {
            FlowMachine.Received outcome = mine.pubrec(packetId, false);
            if (outcome == FlowMachine.Received.RELEASE || outcome == FlowMachine.Received.UNKNOWN) {
                PacketWriter.ack(to.own(), PacketWriter.PUBREL, packetId, 0, true);
            }
        } else {
            inFlight.remove(packetId);
            mine.settle(
                    ack[0] == PacketWriter.PUBACK
                            ? mine.flow().puback(packetId)
                            : mine.flow().pubcomp(packetId));
            mine.drain();
        }
        to.finish();
    }

    /** Whether it is connected and owes nothing. */
    boolean isQuiet() {
        return session != null && owed.isEmpty();
    }

    /** In the order of arrival. */
    List<Integer> delivered() {
        return delivered;
    }

    void check(List<SimWorld.Published> published) {
        Map<Integer, Integer> counts = new HashMap<>();
        delivered.forEach(number -> counts.merge(number, 1, Integer::sum));
        for (SimWorld.Published message : published) {
            int times = counts.getOrDefault(message.number(), 0);
            assertThat(times).as(id + " got " + message).isGreaterThan(0);
            if (Math.min(message.qos(), granted) == 2) {
                assertThat(times).as(id + " got " + message).isEqualTo(1);
            }
        }
        Map<String, Integer> last = new HashMap<>();
        Set<Integer> seen = new HashSet<>();
        for (int number : delivered) {
            SimWorld.Published message = published.get(number);
            String line = message.topic() + " QoS " + message.qos();
            if (seen.add(number)) {
                Integer before = last.put(line, number);
                assertThat(before == null ? -1 : before)
                        .as(id + " order of " + line)
                        .isLessThan(number);
            }
        }
    }
}
