package io.robustmq.mqtt.deliver;

import io.robustmq.core.loop.Cancellable;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.session.SessionEffect;
import io.robustmq.mqtt.home.Homes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which partitions of sessions this node of a cluster leads, and whether their sessions are back; who connects earlier waits.
 * Owned by the router's loop.
 *
 * <pre>
 *   elsewhere ── Loaded ──► coming back ───────────── what was missed read ───────────► ready
 *       ▲                        │                                                         │
 *       └───────── Lost: sessions are evicted ─────────────────────────────────────────────┘
 * </pre>
 */
final class HomePartitions {
    /** So long another node may know earlier than this one that this is the home. */
    private static final int NEWS_MS_MAX = 3_000;
    /** So long a client waits for its session; then it hears of it, and may come again. */
    private static final int WAIT_MS_MAX = 30_000;

    private final Homes homes;
    private final Sessions sessions;
    private final Restoration restoration;
    private final Loop loop;
    private final Dealer dealer;
    /** The epoch in which each is led here. */
    private final Map<Integer, Integer> epochs = new HashMap<>();

    private final Set<Integer> ready = new HashSet<>();
    /** By clients: of two with one id the later one counts. */
    private final Map<String, Waiter> waiting = new LinkedHashMap<>();

    HomePartitions(Homes homes, Sessions sessions, Restoration restoration, Loop loop, Dealer dealer) {
        this.homes = homes;
        this.sessions = sessions;
        this.restoration = restoration;
        this.loop = loop;
        this.dealer = dealer;
    }

    /** What to do with a client. */
    private static final class Waiter {
        private final Runnable admitted;
        private final Runnable refused;
        private Cancellable patience = Cancellable.NOTHING;

        private Waiter(Runnable admitted, Runnable refused) {
            this.admitted = admitted;
            this.refused = refused;
        }

        private void go(boolean isAdmitted) {
            patience.cancel();
            (isAdmitted ? admitted : refused).run();
        }
    }

    boolean isReady(String clientId) {
        return ready.contains(homes.partitionOf(clientId));
    }

    /** One of both runs later: when the client's sessions are here, or it is known that they will not be. */
    void await(String clientId, Runnable admitted, Runnable refused) {
        Waiter waiter = new Waiter(admitted, refused);
        Waiter earlier = waiting.put(clientId, waiter);
        waiter.patience = loop.schedule(NEWS_MS_MAX, () -> {
            if (isLed(clientId)) {
                waiter.patience = loop.schedule(WAIT_MS_MAX - NEWS_MS_MAX, () -> refuse(clientId, waiter));
            } else {
                refuse(clientId, waiter);
            }
        });
        if (earlier != null) {
            earlier.go(false);
        }
    }

    private void refuse(String clientId, Waiter waiter) {
        if (waiting.remove(clientId, waiter)) {
            waiter.go(false);
        }
    }

    private boolean isLed(String clientId) {
        return epochs.containsKey(homes.partitionOf(clientId));
    }

    /** Those whose sessions are here, with their epochs. */
    Map<Integer, Integer> ready() {
        Map<Integer, Integer> here = new HashMap<>(epochs);
        here.keySet().retainAll(ready);
        return here;
    }

    /** In which this node leads the partition; -1 if it does not. */
    int epochOf(int partition) {
        return epochs.getOrDefault(partition, -1);
    }

    void onEffect(SessionEffect effect) {
        if (effect instanceof SessionEffect.Loaded loaded) {
            onLoaded(loaded);
        } else if (effect instanceof SessionEffect.Lost lost) {
            dealer.lost(lost.partition());
            evict(lost.partition());
            release(lost.partition(), false);
        } else {
            throw new AssertionError(effect);
        }
    }

    private void onLoaded(SessionEffect.Loaded loaded) {
        int partition = loaded.partition();
        Integer before = epochs.get(partition);
        if (before != null && before == loaded.leaderEpoch()) {
            // Its coordinator read the log again; the sessions never went.
            return;
        }
        evict(partition);
        dealer.leads(partition, loaded.leaderEpoch(), loaded.groups());
        epochs.put(partition, loaded.leaderEpoch());
        restoration.bring(
                loaded.sessions(), () -> Integer.valueOf(loaded.leaderEpoch()).equals(epochs.get(partition)), () -> {
                    ready.add(partition);
                    dealer.look();
                    release(partition, true);
                });
    }

    private void evict(int partition) {
        if (epochs.remove(partition) != null) {
            ready.remove(partition);
            sessions.evict(clientId -> homes.partitionOf(clientId) == partition);
        }
    }

    private void release(int partition, boolean admitted) {
        List<Waiter> released = new ArrayList<>();
        waiting.entrySet()
                .removeIf(each -> homes.partitionOf(each.getKey()) == partition && released.add(each.getValue()));
        released.forEach(waiter -> waiter.go(admitted));
    }
}
