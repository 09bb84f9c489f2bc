package io.robustmq.mqtt.deliver;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Who gets the messages of one MQTT topic, grouped by loop. Immutable, valid until a subscription changes or a session moves.
 *
 * @param byLoop the live receivers per index of the router's loops
 * @param parked persistent sessions without connection
 * @param shares groups of which one member gets the message
 * @param persistent receivers whose position moves
 * @param selective some subscription has to look at each record: use {@code matches}
 */
@SuppressWarnings("ArrayRecordComponent") // never compared; the hot path reads it
record Route(
        Target[][] byLoop,
        Target[] parked,
        List<Share> shares,
        List<Session> persistent,
        List<Subscription> matches,
        boolean v3,
        boolean v5,
        boolean selective) {
    private static final Target[] NONE = {};
    static final Route EMPTY = new Route(new Target[0][], NONE, List.of(), List.of(), List.of(), false, false, false);

    /** A group, and who of it must not see the topic. */
    record Share(ShareGroup group, List<ShareMember> barred) {}

    boolean isEmpty() {
        return matches.isEmpty() && shares.isEmpty();
    }

    static Route of(List<Subscription> matches, List<Share> shares, int loops) {
        if (matches.isEmpty() && shares.isEmpty()) {
            return EMPTY;
        }
        Map<Session, List<Subscription>> bySession = new HashMap<>();
        boolean selective = false;
        for (Subscription match : matches) {
            bySession.computeIfAbsent(match.session(), s -> new ArrayList<>(1)).add(match);
            selective |= match.isSelective() || match.session().sentBefore != null;
        }
        List<List<Target>> live = new ArrayList<>();
        for (int i = 0; i < loops; i++) {
            live.add(new ArrayList<>());
        }
        List<Target> parked = new ArrayList<>();
        List<Session> persistent = new ArrayList<>(0);
        boolean v3 = false;
        boolean v5 = false;
        for (Map.Entry<Session, List<Subscription>> entry : bySession.entrySet()) {
            int loop = entry.getKey().isLive() ? entry.getKey().loopIndex : -1;
            (loop < 0 ? parked : live.get(loop)).add(Target.of(entry.getValue()));
            if (entry.getKey().persistent) {
                persistent.add(entry.getKey());
            }
            if (loop >= 0) {
                v3 |= !entry.getKey().isV5();
                v5 |= entry.getKey().isV5();
            }
        }
        for (Share share : shares) {
            v3 |= share.group().speaks(false);
            v5 |= share.group().speaks(true);
        }
        Target[][] byLoop = new Target[loops][];
        for (int i = 0; i < loops; i++) {
            byLoop[i] = live.get(i).toArray(NONE);
        }
        return new Route(byLoop, parked.toArray(NONE), shares, persistent, matches, v3, v5, selective);
    }
}
