package io.robustmq.server.replication;

import io.robustmq.core.coordinator.Decision;
import io.robustmq.core.meta.ConfigScope;
import io.robustmq.core.meta.MetaCommand;
import io.robustmq.core.meta.MetaCommand.AlterConfigs;
import io.robustmq.core.meta.MetaCommand.AlterInSync;
import io.robustmq.core.meta.MetaCommand.ConfigChange;
import io.robustmq.core.meta.MetaCommand.CreateTopic;
import io.robustmq.core.meta.MetaCommand.ElectPreferred;
import io.robustmq.core.meta.MetaCommand.FenceNode;
import io.robustmq.core.meta.MetaCommand.HandOver;
import io.robustmq.core.meta.MetaCommand.MovePartition;
import io.robustmq.core.meta.MetaCommand.RegisterNode;
import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.meta.MetaReply;
import io.robustmq.core.meta.NodeImage;
import io.robustmq.core.meta.PartitionImage;
import io.robustmq.core.model.Partition;
import io.robustmq.core.model.TopicId;
import io.robustmq.journal.shard.FetchPosition;
import io.robustmq.meta.fact.MetaFact;
import io.robustmq.meta.fact.MetaFact.PartitionPlaced;
import io.robustmq.meta.machine.MetaMachine;
import io.robustmq.meta.machine.MetaState;
import io.robustmq.meta.machine.TopicDefaults;
import io.robustmq.server.replication.SimReplica.Entry;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Three replicas, the decisions of the meta service, clients, and everything that may happen to them, on one clock. Every
 * step is followed by {@link #check}.
 */
final class ReplicaWorld {
    private static final TopicId TOPIC = new TopicId(1, 0);
    private static final Partition PARTITION = new Partition(TOPIC, 0);
    private static final TopicDefaults DEFAULTS = new TopicDefaults(1, 3, 10, 3);
    private static final int NODES = 3;
    private static final int FETCH_MAX = 4;
    private static final int LATENCY_MS = 20;

    final List<SimReplica> replicas = new ArrayList<>();
    private final Random random;
    private final Fault fault;
    private final BrokenMeta broken;
    private final PriorityQueue<Event> events =
            new PriorityQueue<>(Comparator.comparingLong(Event::at).thenComparingLong(Event::order));
    private final Map<Integer, Entry> committed = new HashMap<>();
    private final Map<Integer, Integer> waiting = new HashMap<>();
    private final Map<Integer, Integer> acknowledged = new HashMap<>();
    private final Map<Integer, Integer> leaderOfEpoch = new HashMap<>();
    private MetaImage image = MetaImage.EMPTY;
    private long now;
    private long order;
    private int nextValue;
    private int minInSync;
    /** Who has all that was committed, as far as that follows from what was decided. */
    private final Set<Integer> sound = new TreeSet<>();

    private boolean calm;
    /** The replicas in sync are what their leader asked for: if it is alone, it has on its disk what it acknowledged before. */
    private boolean aloneAsAsked;
    /** What {@link #check} was last satisfied with. */
    private final Map<Integer, Integer> checked = new HashMap<>();

    private record Event(long at, long order, Runnable action) {}

    ReplicaWorld(long seed, Fault fault) {
        this.random = new Random(seed);
        this.fault = fault;
        this.broken = new BrokenMeta(fault);
        for (int id = 1; id <= NODES; id++) {
            replicas.add(new SimReplica(id, PARTITION, fault));
        }
        for (SimReplica replica : replicas) {
            decide(new RegisterNode(replica.id, "", Map.of()), replica);
        }
        minInSync = 1 + (int) (seed % 2);
        Map<String, String> configs = Map.of(SimReplica.MIN_IN_SYNC, String.valueOf(minInSync));
        decide(new CreateTopic("t", 1, NODES, List.of(), configs, -1, false), null);
        replicas.forEach(replica -> later(1, () -> fetch(replica)));
        replicas.forEach(replica -> later(1, () -> tick(replica)));
        later(1, this::produce);
        later(100, this::misfortune);
        if (fault == Fault.NONE || fault == Fault.ELIGIBLE_WHEN_FEWER_ARE_ENOUGH) {
            // What is broken shows sooner where less else happens.
            later(200, this::operate);
        }
    }

    int acknowledgedCount() {
        return acknowledged.size();
    }

    void run(int steps) {
        for (int i = 0; i < steps; i++) {
            step();
        }
    }

    /** Nothing goes wrong any more: in the end all have the same, and are in sync. */
    void settle() {
        calm = true;
        decide(new MovePartition(PARTITION, List.of(1, 2, 3)), null);
        replicas.stream().filter(replica -> !replica.up).forEach(this::restart);
        for (int i = 0; i < 50_000 && !settled(); i++) {
            step();
        }
        if (!settled()) {
            throw new AssertionError("the replicas do not come together: " + partition());
        }
    }

    private boolean settled() {
        List<Entry> first = replicas.get(0).log;
        return partition().isr().size() == NODES
                && !partition().isMoving()
                && replicas.stream()
                        .allMatch(replica -> replica.log.equals(first) && replica.highWatermark == first.size());
    }

    private void step() {
        Event next = events.remove();
        now = Math.max(now, next.at);
        next.action.run();
        check();
    }

    private void later(long ms, Runnable action) {
        events.add(new Event(now + ms, order++, action));
    }

    /** May come never, late, twice, or after what was sent later. */
    private void send(Runnable arrival) {
        if (!calm && random.nextInt(10) == 0) {
            return;
        }
        later(1 + random.nextInt(calm || random.nextInt(20) > 0 ? LATENCY_MS : 20 * LATENCY_MS), arrival);
        if (!calm && random.nextInt(20) == 0) {
            later(1 + random.nextInt(5 * LATENCY_MS), arrival);
        }
    }

    // ---- the meta service

    private MetaReply decide(MetaCommand command, @Nullable SimReplica asker) {
        boolean exists = image.topic(TOPIC) != null;
        MetaCommand understood = exists ? broken.understood(command, partition(), image) : command;
        Decision<MetaFact, MetaReply> decision = new MetaMachine(image, DEFAULTS, 10).decide(understood, TOPIC);
        MetaState state = new MetaState(image);
        decision.facts().forEach(state::apply);
        if (exists) {
            MetaImage next = state.toImage(image.index() + 1, 1);
            PartitionImage after = next.topic(TOPIC).partitions().get(0);
            PartitionImage left = broken.left(command, partition(), after, next);
            if (!left.equals(after)) {
                state.apply(new PartitionPlaced(TOPIC, left));
            }
        }
        if (!decision.facts().isEmpty()) {
            // An image that nobody is shown would be one that nobody catches up with.
            List<Integer> before = exists ? partition().isr() : List.of();
            image = state.toImage(image.index() + 1, 1);
            boolean changed = exists && !partition().isr().equals(before);
            aloneAsAsked = changed ? command instanceof AlterInSync : aloneAsAsked;
        }
        MetaReply reply = decision.effects().get(0);
        remember(command, reply);
        if (asker != null && reply instanceof MetaReply.Registered registered) {
            asker.incarnation = registered.incarnationEpoch();
            asker.lost = false;
        }
        if (!decision.facts().isEmpty()) {
            MetaImage published = image;
            for (SimReplica replica : replicas) {
                // Images come late, and some only with the next one.
                later(1 + random.nextInt(2 * LATENCY_MS), () -> show(replica, published));
            }
        }
        return reply;
    }

    /** Enough in sync: they have all, and others soon have not. Fewer: nothing is committed, and those before have it still. */
    private void remember(MetaCommand command, MetaReply reply) {
        if (image.topic(TOPIC) == null) {
            return;
        }
        PartitionImage truth = partition();
        if (truth.isr().size() >= truth.minInSync(minInSync)) {
            sound.clear();
        }
        sound.addAll(truth.isr());
        sound.retainAll(truth.replicas());
        if (command instanceof MovePartition) {
            // What a move that is given up had added counts for nothing.
            sound.removeIf(node -> truth.adding().contains(node) && !truth.isr().contains(node));
        }
        if (command instanceof RegisterNode register && reply instanceof MetaReply.Registered registered) {
            boolean inOrder = register.previous() == registered.incarnationEpoch() - 1;
            if (!inOrder && !truth.isr().contains(register.nodeId())) {
                sound.remove(register.nodeId());
            }
        }
        boolean led = truth.leader() >= 0;
        if (!led && sound.stream().anyMatch(node -> !image.nodes().get(node).fenced())) {
            throw new AssertionError("nobody leads " + truth + ", while of " + sound + " one is alive");
        }
    }

    private void show(SimReplica replica, MetaImage published) {
        if (replica.up) {
            boolean led = replica.leads;
            replica.onImage(published, now);
            if (led && !replica.leads && fault == Fault.DEPOSED_ACKNOWLEDGES) {
                acknowledgeAll(replica);
            }
            NodeImage self = published.nodes().get(replica.id);
            if (published.index() == image.index() && self != null && self.fenced() && replica.isRegistered(image)) {
                later(LATENCY_MS, () -> register(replica));
            }
        }
    }

    private void register(SimReplica replica) {
        if (replica.up
                && (!replica.isRegistered(image)
                        || image.nodes().get(replica.id).fenced())) {
            long previous = replica.incarnation >= 0 ? replica.incarnation : replica.previous;
            replica.previous = -1;
            if (fault == Fault.RESTARTED_AS_IF_IN_ORDER) {
                previous = image.nodes().get(replica.id).incarnationEpoch();
            }
            decide(new RegisterNode(replica.id, "", Map.of(), previous), replica);
        }
    }

    PartitionImage partition() {
        return image.topic(TOPIC).partitions().get(0);
    }

    // ---- what nodes and clients do

    private void fetch(SimReplica replica) {
        later(1 + random.nextInt(10), () -> fetch(replica));
        FetchPosition position = replica.position();
        if (position == null || replica.leaderNode < 1) {
            return;
        }
        SimReplica leader = replicas.get(replica.leaderNode - 1);
        long incarnation = replica.incarnation;
        send(() -> {
            if (leader.up) {
                SimReplica.Fetched fetched = leader.onFetch(replica.id, incarnation, position, FETCH_MAX, now);
                moved(leader);
                send(() -> answered(replica, incarnation, position, fetched));
            }
        });
    }

    private void answered(SimReplica replica, long incarnation, FetchPosition position, SimReplica.Fetched fetched) {
        // A connection does not outlive the process.
        if (replica.up && replica.incarnation == incarnation) {
            replica.onAnswer(position, fetched);
        }
    }

    private void tick(SimReplica replica) {
        later(5 + random.nextInt(20), () -> tick(replica));
        if (!replica.up) {
            return;
        }
        if (replica.wantsSync() || random.nextInt(10) == 0) {
            replica.sync();
        }
        moved(replica);
        AlterInSync command = replica.propose(now);
        if (command != null) {
            send(() -> {
                boolean made = decide(command, null) instanceof MetaReply.Done;
                MetaImage decided = image;
                if (!made) {
                    // A node is answered when it has seen what the answer was decided on.
                    later(LATENCY_MS, () -> {
                        show(replica, decided);
                        replica.refused(command, now);
                    });
                }
            });
            if (fault == Fault.IN_SYNC_NOT_COMPARED) {
                // What was asked for comes again, long after it was answered.
                later(random.nextInt(50 * LATENCY_MS), () -> decide(command, null));
            }
            // Without an answer, it is not known either.
            later(10 * LATENCY_MS, () -> replica.unanswered(command, now));
        }
    }

    private void produce() {
        later(1 + random.nextInt(10), this::produce);
        SimReplica leader = replicas.get(random.nextInt(NODES));
        if (leader.up && leader.leads && !calm) {
            leader.append(nextValue++, now);
            waiting.put(nextValue - 1, leader.id);
            moved(leader);
        }
    }

    private void moved(SimReplica leader) {
        if (!leader.leads) {
            return;
        }
        Integer other = leaderOfEpoch.putIfAbsent(leader.leaderEpoch, leader.id);
        if (other != null && other != leader.id) {
            throw new AssertionError("epoch " + leader.leaderEpoch + " is led by " + other + " and " + leader.id);
        }
        if (leader.advance()) {
            for (int offset = 0; offset < leader.highWatermark; offset++) {
                Entry entry = leader.log.get(offset);
                Entry known = committed.putIfAbsent(offset, entry);
                if (known != null && !known.equals(entry)) {
                    throw new AssertionError("offset " + offset + " was committed as " + known + " and as " + entry);
                }
                if (waiting.remove(entry.value()) != null) {
                    acknowledged.put(offset, entry.value());
                }
            }
        }
    }

    /** What it has, whoever else has it. */
    private void acknowledgeAll(SimReplica replica) {
        for (int offset = 0; offset < replica.log.size(); offset++) {
            int value = replica.log.get(offset).value();
            if (waiting.remove(value) != null) {
                acknowledged.put(offset, value);
            }
        }
    }

    // ---- misfortune

    private void misfortune() {
        later(20 + random.nextInt(300), this::misfortune);
        boolean losesAlready = replicas.stream().anyMatch(replica -> replica.lost);
        if (calm || losesAlready) {
            return;
        }
        SimReplica victim = replicas.get(random.nextInt(NODES));
        int kind = random.nextInt(6);
        if (!victim.up) {
            restart(victim);
        } else if (kind == 0) {
            // Believed dead while it goes on.
            decide(new FenceNode(victim.id, victim.incarnation), null);
        } else if (kind == 1) {
            long incarnation = victim.incarnation;
            decide(new HandOver(victim.id, incarnation), null);
            later(random.nextInt(500), () -> stopInOrder(victim, incarnation));
        } else if (kind < 4) {
            int unsynced = victim.log.size() - victim.synced;
            boolean powerCut = anotherHasAll(victim) || hasAllOnDisk(victim);
            victim.crash(powerCut && unsynced > 0 ? random.nextInt(unsynced) : unsynced);
            victim.lost = powerCut && unsynced > 0;
            waiting.values().removeIf(leader -> leader == victim.id);
            long incarnation = victim.incarnation;
            later(random.nextInt(400), () -> decide(new FenceNode(victim.id, incarnation), null));
            later(random.nextInt(800), () -> restart(victim));
        }
    }

    /** Unless something has happened to it, or to another, since it handed over. */
    private void stopInOrder(SimReplica victim, long incarnation) {
        boolean isLate = calm || replicas.stream().anyMatch(replica -> replica.lost);
        if (isLate || !victim.up || victim.incarnation != incarnation) {
            return;
        }
        decide(new FenceNode(victim.id, incarnation), null);
        victim.stop();
        waiting.values().removeIf(leader -> leader == victim.id);
        later(random.nextInt(1_500), () -> restart(victim));
    }

    /** Somebody moves the partition between the nodes, gives that up, or gives leaders back. */
    private void operate() {
        later(100 + random.nextInt(600), this::operate);
        if (calm || replicas.stream().anyMatch(replica -> replica.lost)) {
            return;
        }
        switch (random.nextInt(4)) {
            case 0 -> decide(new ElectPreferred(PARTITION), null);
            case 1 -> decide(new MovePartition(PARTITION, List.of()), null);
            case 2 -> wantInSync(1 + random.nextInt(NODES));
            default -> {
                List<Integer> nodes = new ArrayList<>(List.of(1, 2, 3));
                Collections.shuffle(nodes, random);
                decide(new MovePartition(PARTITION, nodes.subList(0, 2 + random.nextInt(NODES - 1))), null);
            }
        }
    }

    private void wantInSync(int count) {
        minInSync = count;
        ConfigChange change = new ConfigChange(SimReplica.MIN_IN_SYNC, String.valueOf(count));
        decide(new AlterConfigs(ConfigScope.topic("t"), List.of(change), false), null);
    }

    /**
     * One failure at a time takes what was not synced, and nothing else happens until the cluster knows of it: the promise is
     * to survive any single one.
     */
    private boolean anotherHasAll(SimReplica victim) {
        return replicas.stream().anyMatch(other -> other != victim && (isInSync(other) || isEligible(other)));
    }

    private boolean isInSync(SimReplica replica) {
        return replica.up && replica.isRegistered(image) && partition().isr().contains(replica.id);
    }

    /** Running, or to come back from an orderly stop. */
    private boolean isEligible(SimReplica replica) {
        boolean known = replica.up ? replica.isRegistered(image) : replica.previous >= 0;
        return known && partition().elr().contains(replica.id);
    }

    /** Alone in sync it acknowledges nothing else, and before that it forced what it had acknowledged. */
    private boolean hasAllOnDisk(SimReplica victim) {
        return victim.leads
                && victim.leaderEpoch == partition().leaderEpoch()
                && partition().isr().equals(List.of(victim.id))
                && (aloneAsAsked || victim.forcedAlone);
    }

    private void restart(SimReplica replica) {
        if (replica.up) {
            return;
        }
        replica.restart();
        if (fault == Fault.RESTARTED_UNNOTICED) {
            later(1, () -> show(replica, image));
        }
        later(1 + random.nextInt(LATENCY_MS), () -> register(replica));
    }

    // ---- what must hold

    private void check() {
        PartitionImage truth = partition();
        for (SimReplica replica : replicas) {
            int seen = Objects.hash(replica.changes, acknowledged.size(), committed.size(), image.index());
            Integer before = checked.put(replica.id, seen);
            if (before != null && before == seen) {
                continue;
            }
            if (replica.highWatermark > replica.log.size()) {
                throw new AssertionError("node " + replica.id + " has a high watermark beyond its log");
            }
            boolean rules = replica.up && replica.leads && replica.leaderEpoch == truth.leaderEpoch();
            if (rules) {
                acknowledged.forEach((offset, value) -> {
                    if (replica.log.size() <= offset || replica.log.get(offset).value() != value) {
                        throw new AssertionError("value " + value + " at offset " + offset
                                + " was acknowledged, but the leader " + replica.id + " does not have it");
                    }
                });
            }
            if (!replica.lost && isEligible(replica)) {
                acknowledged.forEach((offset, value) -> {
                    if (replica.log.size() <= offset || replica.log.get(offset).value() != value) {
                        throw new AssertionError("value " + value + " at offset " + offset
                                + " was acknowledged, but node " + replica.id + " may lead and does not have it");
                    }
                });
            }
            if (replica.up) {
                for (int offset = 0; offset < replica.highWatermark; offset++) {
                    Entry known = committed.get(offset);
                    if (known != null && !known.equals(replica.log.get(offset))) {
                        throw new AssertionError("node " + replica.id + " shows " + replica.log.get(offset)
                                + " at offset " + offset + " below its high watermark, committed was " + known);
                    }
                }
            }
        }
    }
}
