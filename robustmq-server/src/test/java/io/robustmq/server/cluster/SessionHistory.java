package io.robustmq.server.cluster;

import io.robustmq.core.model.Partition;
import io.robustmq.core.session.SessionSnapshot;
import io.robustmq.core.session.StoredSubscription;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** What was stored of sessions, as far as somebody was told, and what may have been besides. */
final class SessionHistory {
    private final World world;
    private final Map<String, Past> pasts = new HashMap<>();
    private long lastNumber;
    int answered;

    /** A session as it is, or may be, stored. */
    record Stored(
            long expirySeconds,
            long parkedAtMs,
            Map<String, StoredSubscription> subscriptions,
            Map<Partition, Long> positions) {
        static Stored of(SessionSnapshot snapshot) {
            Map<String, StoredSubscription> subscriptions = new HashMap<>();
            snapshot.subscriptions().forEach(each -> subscriptions.put(each.filter(), each));
            return new Stored(
                    snapshot.expirySeconds(),
                    snapshot.parkedAtMs(),
                    subscriptions,
                    new HashMap<>(snapshot.positions()));
        }
    }

    /** Null: there is none. */
    private record Possible(long number, @Nullable Stored state) {}

    private static final class Past {
        private @Nullable Stored settled;
        private int settledEpoch = -1;
        private final List<Possible> possible = new ArrayList<>();
    }

    SessionHistory(World world) {
        this.world = world;
    }

    /** A change was asked for, by which the session is this; a number to know it by. */
    long asked(String clientId, @Nullable Stored state) {
        long number = ++lastNumber;
        pasts.computeIfAbsent(clientId, id -> new Past()).possible.add(new Possible(number, state));
        return number;
    }

    /** It is stored, says the coordinator of this epoch. What was asked for before and is not in it never will be. */
    void stored(String clientId, long number, int epoch) {
        Past past = pasts.computeIfAbsent(clientId, id -> new Past());
        answered++;
        for (Possible each : past.possible) {
            if (each.number == number) {
                past.settled = each.state;
                past.settledEpoch = Math.max(past.settledEpoch, epoch);
            }
        }
        past.possible.removeIf(each -> each.number <= number);
    }

    /** What a coordinator finds that begins in this epoch, of the clients that are its. */
    void loaded(int epoch, List<SessionSnapshot> sessions, Predicate<String> mine) {
        Map<String, Stored> found = new HashMap<>();
        sessions.forEach(snapshot -> found.put(snapshot.clientId(), Stored.of(snapshot)));
        pasts.forEach((clientId, past) -> {
            Stored now = found.get(clientId);
            // One that is out of date finds less, and can store nothing.
            boolean isOld = epoch < past.settledEpoch || !mine.test(clientId);
            boolean known =
                    isSame(now, past.settled) || past.possible.stream().anyMatch(each -> isSame(now, each.state));
            if (!isOld && !known) {
                world.violated("the session of " + clientId + " was stored as " + past.settled + ", and in epoch "
                        + epoch + " is " + now);
            }
        });
    }

    private static boolean isSame(@Nullable Stored one, @Nullable Stored other) {
        return one == null ? other == null : one.equals(other);
    }
}
