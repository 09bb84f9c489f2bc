package io.robustmq.e2e.nemesis;

import io.robustmq.e2e.Await;
import io.robustmq.e2e.BrokerCluster;
import io.robustmq.e2e.BrokerProcess;
import io.robustmq.e2e.ObjectStorage;
import io.robustmq.e2e.nemesis.FaultPlan.Step;
import io.robustmq.e2e.nemesis.history.Event.Disturbed;
import io.robustmq.e2e.nemesis.history.History;
import io.robustmq.e2e.nemesis.load.StoredTopic;
import io.robustmq.e2e.nemesis.load.Workloads;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;

/** Does to the nodes what a plan says, and makes it good again. Owned by the thread that runs it. */
final class Nemesis {
    private static final Duration FENCED_DEADLINE = Duration.ofSeconds(30);
    private static final Duration NOTICED_DEADLINE = Duration.ofSeconds(30);
    /** What was full a few times in a row counts as full for up to 16 minutes after. */
    private static final Duration ROOM_DEADLINE = Duration.ofMinutes(17);

    private static final int STUTTER_MS = 300;
    private static final String DOWN = "store=s3 state=up→down";
    private static final String FULL = "No space left on device";

    private final History history;
    private final BrokerCluster cluster;
    private final Workloads workloads;
    private final Links links;
    private final Disks disks;
    private final ObjectStorage storage;

    Nemesis(
            History history,
            BrokerCluster cluster,
            Workloads workloads,
            Links links,
            Disks disks,
            ObjectStorage storage) {
        this.storage = storage;
        this.history = history;
        this.cluster = cluster;
        this.workloads = workloads;
        this.links = links;
        this.disks = disks;
    }

    static List<Fault> possible(Links links, Disks disks) {
        return Arrays.stream(Fault.values())
                .filter(fault -> !fault.needsLinks || links.canBeCut())
                .filter(fault -> !fault.needsDisks || disks.canBeFilled())
                .toList();
    }

    /** Returns when all is well again. */
    void carryOut(Step step) {
        long began = history.now();
        boolean hasVictim = step.fault() != Fault.RESTART_ALL && !step.fault().ofStore;
        String what = step.fault() + (hasVictim ? " " + step.victim() : "");
        NemesisRun.say(began + " ms: " + what + " " + step);
        what += switch (step.fault()) {
            case KILL -> kill(step);
            case TEAR -> tear(step);
            case PAUSE -> pause(step);
            case ISOLATE -> isolate(step);
            case CUT -> cut(step, true);
            case CUT_ONE_WAY -> cut(step, false);
            case SLOW -> slow(step);
            case STUTTER -> stutter(step);
            case FILL_DISK -> fillDisk(step);
            case RESTART_ALL -> restartAll();
            case STORE_AWAY -> storeNoticed(step, "AWAY");
            case STORE_SLOW -> storeSlow(step);
            case STORE_BUSY -> storeNoticed(step, "UNAVAILABLE");
        };
        history.add(new Disturbed(began, history.now(), what));
        workloads.awaitAllWell(cluster);
        NemesisRun.say(history.now() + " ms: well after " + what);
    }

    private static void hold(long ms) {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(ms);
        for (long left = end - System.nanoTime(); left > 0; left = end - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }

    private String kill(Step step) {
        cluster.node(step.victim()).kill9();
        hold(step.holdMs());
        cluster.node(step.victim()).start();
        return "";
    }

    private String tear(Step step) {
        BrokerProcess node = cluster.node(step.victim());
        node.kill9();
        awaitNobodyReliesOn(step.victim());
        int torn = TornTail.tear(node.dataDir(), new Random(step.seed()));
        hold(step.holdMs());
        node.start();
        return ": " + torn + " segments";
    }

    /** Until it is in sync with nothing any more: somebody else has all that it acknowledged. */
    private void awaitNobodyReliesOn(int victim) {
        Await.until("node " + victim + " is out of sync", FENCED_DEADLINE, () -> workloads
                .admin()
                .describeTopics(workloads.admin().listTopics().names().get(10, TimeUnit.SECONDS))
                .allTopicNames()
                .get(10, TimeUnit.SECONDS)
                .values()
                .stream()
                .flatMap(topic -> topic.partitions().stream())
                .noneMatch(partition -> partition.isr().stream().anyMatch(node -> node.id() == victim)));
    }

    private String pause(Step step) {
        cluster.node(step.victim()).pause();
        hold(step.holdMs());
        cluster.node(step.victim()).goOn();
        return "";
    }

    private int[] othersThan(int victim) {
        return IntStream.rangeClosed(1, cluster.size())
                .filter(id -> id != victim)
                .toArray();
    }

    private String isolate(Step step) {
        for (int other : othersThan(step.victim())) {
            links.cut(step.victim(), other);
            links.cut(other, step.victim());
        }
        hold(step.holdMs());
        for (int other : othersThan(step.victim())) {
            links.heal(step.victim(), other);
            links.heal(other, step.victim());
        }
        return "";
    }

    private String cut(Step step, boolean bothWays) {
        links.cut(step.victim(), step.other());
        if (bothWays) {
            links.cut(step.other(), step.victim());
        }
        hold(step.holdMs());
        links.heal(step.victim(), step.other());
        if (bothWays) {
            links.heal(step.other(), step.victim());
        }
        return " to " + step.other();
    }

    private String slow(Step step) {
        for (int other : othersThan(step.victim())) {
            links.slow(step.victim(), other);
        }
        hold(step.holdMs());
        long heldBack = 0;
        for (int other : othersThan(step.victim())) {
            heldBack += links.heldBack(step.victim(), other);
            links.heal(step.victim(), other);
        }
        if (heldBack == 0) {
            throw new AssertionError("nothing was slow");
        }
        return ": " + heldBack + " packets held back";
    }

    private String stutter(Step step) {
        for (int passed = 0; passed < step.holdMs(); passed += 2 * STUTTER_MS) {
            links.cut(step.victim(), step.other());
            links.cut(step.other(), step.victim());
            hold(STUTTER_MS);
            links.heal(step.victim(), step.other());
            links.heal(step.other(), step.victim());
            hold(STUTTER_MS);
        }
        return " to " + step.other();
    }

    /** A node that cannot go on without room may end: somebody starts it again when there is. */
    private String fillDisk(Step step) {
        BrokerProcess node = cluster.node(step.victim());
        int before = timesFull(node);
        disks.fill(step.victim());
        Await.until(
                "node " + step.victim() + " notices",
                NOTICED_DEADLINE,
                () -> timesFull(node) > before || !node.isAlive());
        hold(step.holdMs());
        disks.free(step.victim());
        boolean wentOn = node.isAlive();
        if (!wentOn) {
            node.start();
        }
        cluster.awaitInSync(workloads.admin(), workloads.topics(), ROOM_DEADLINE);
        return wentOn ? ": it refused appends" : ": it ended, and was started again";
    }

    /** Whoever stores notices; clients do not. */
    private String storeNoticed(Step step, String how) {
        long stored = StoredTopic.stored(workloads.admin());
        int before = timesDown();
        storage.disturb(how);
        Await.until("a node notices", NOTICED_DEADLINE, () -> timesDown() > before);
        hold(step.holdMs());
        storage.heal();
        return goesOn(stored);
    }

    private String storeSlow(Step step) {
        long stored = StoredTopic.stored(workloads.admin());
        long before = storage.disturb("SLOW");
        hold(step.holdMs());
        cluster.node(step.victim()).kill9();
        cluster.node(step.victim()).launch();
        hold(step.holdMs());
        long after = storage.heal();
        cluster.node(step.victim()).awaitReady();
        if (after == before) {
            throw new AssertionError("nobody asked the object store");
        }
        return goesOn(stored) + ", " + step.victim() + " killed";
    }

    private String goesOn(long stored) {
        long healed = history.now();
        StoredTopic.awaitMore(workloads.admin(), stored);
        return ": stored again " + (history.now() - healed) + " ms after";
    }

    private int timesDown() {
        int times = 0;
        for (int id = 1; id <= cluster.size(); id++) {
            times += cluster.node(id).output().split(DOWN, -1).length - 1;
        }
        return times;
    }

    private static int timesFull(BrokerProcess node) {
        return node.output().split(FULL, -1).length;
    }

    private String restartAll() {
        for (int id = 1; id <= cluster.size(); id++) {
            int code = cluster.node(id).stop();
            if (code != 0) {
                throw new AssertionError("node " + id + " stopped with " + code);
            }
            cluster.node(id).start();
            cluster.awaitInSync(workloads.admin(), workloads.topics());
        }
        return "";
    }
}
