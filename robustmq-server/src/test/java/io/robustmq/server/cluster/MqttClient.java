package io.robustmq.server.cluster;

import io.robustmq.core.coordinator.CoordinatorService;
import io.robustmq.core.model.TopicName;
import io.robustmq.server.cluster.SessionDesk.Request;
import io.robustmq.server.cluster.SessionDesk.Wish;
import java.util.Random;

/** A client with a session: connects, changes it, and connects again where there is no answer. */
final class MqttClient {
    private static final int PATIENCE_MS = 400;
    private static final int PARTITIONS = SimCluster.SESSION_PARTITIONS;

    private final String id;
    private final World world;
    private final SimCluster cluster;
    private boolean connected;
    private boolean waits;
    private long connection;
    private long number;
    private long askedAtMs;
    private boolean rests;
    private boolean isDone;

    MqttClient(String id, SimCluster cluster) {
        this.id = id;
        this.cluster = cluster;
        this.world = cluster.world;
        world.later(1, this::act);
    }

    /** Wants one thing more, and then nothing. */
    void rest() {
        rests = true;
    }

    boolean isAtRest() {
        return rests && isDone;
    }

    private void act() {
        world.later(5 + world.random.nextInt(40), this::act);
        if (waits && world.now - askedAtMs > PATIENCE_MS) {
            waits = false;
            connected = false;
        }
        if (!waits && !isAtRest()) {
            ask();
        }
    }

    private Wish next() {
        Random random = world.random;
        if (!connected) {
            return random.nextInt(4) == 0 ? Wish.CONNECT_ANEW : Wish.CONNECT;
        }
        int dice = random.nextInt(12);
        return dice < 3
                ? Wish.SUBSCRIBE
                : dice < 5 ? Wish.UNSUBSCRIBE : dice < 9 ? Wish.MOVE : dice < 11 ? Wish.PARK : Wish.END;
    }

    private void ask() {
        SimNode home = cluster.leaderOf(TopicName.MQTT_SESSIONS, partition());
        if (home == null) {
            return;
        }
        Wish wish = next();
        connection = connected ? connection : ++number;
        waits = true;
        askedAtMs = world.now;
        Request request = new Request(id, connection, wish, ++number);
        world.sendOnce(
                World.CLIENTS,
                home.id,
                () -> home.serve(services -> {
                    // Nothing comes from a connection that was given up.
                    if (isExpected(request)) {
                        services.sessions.handle(
                                request,
                                done -> world.sendOnce(home.id, World.CLIENTS, () -> {
                                    if (isExpected(request)) {
                                        answered(wish, done);
                                    }
                                }));
                    }
                }));
    }

    private boolean isExpected(Request request) {
        return waits && request.connection() == connection && request.number() == number;
    }

    private void answered(Wish wish, boolean done) {
        waits = false;
        isDone = rests && done;
        connected = done && wish != Wish.PARK && wish != Wish.END;
    }

    private int partition() {
        return CoordinatorService.partitionFor(id, PARTITIONS);
    }
}
