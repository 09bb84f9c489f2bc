package io.robustmq.server.cluster;

import io.robustmq.core.meta.MetaCommand.ElectPreferred;
import io.robustmq.core.meta.MetaCommand.FenceNode;
import io.robustmq.core.meta.MetaCommand.HandOver;
import io.robustmq.core.meta.MetaCommand.MovePartition;
import io.robustmq.core.meta.MetaCommand.RegisterNode;
import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.meta.NodeImage;
import io.robustmq.core.meta.PartitionImage;
import io.robustmq.core.meta.TopicImage;
import io.robustmq.core.model.Partition;
import io.robustmq.core.model.TopicId;
import io.robustmq.core.model.TopicName;
import io.robustmq.core.port.Isolation;
import io.robustmq.core.port.PartitionState;
import io.robustmq.server.replication.SimReplica;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Nodes with the replicas of several partitions and the coordinators over them, the metadata, clients, and everything that may
 * happen to them, on one clock. Every step is followed by {@link #check}.
 */
final class SimCluster {
    static final int NODES_MAX = 4;
    static final int SESSION_PARTITIONS = 2;
    static final String DATA = "t";
    static final int DATA_PARTITIONS = 2;
    private static final int MEMBERS = 3;
    private static final int SHARERS = 2;
    private static final List<String> TRANSACTIONAL_IDS = List.of("x", "y");
    /** A topic that sessions have positions in, and that nobody looks at. */
    static final TopicId SOMEWHERE = new TopicId(9, 9);

    final World world;
    final Defect defect;
    final SimMeta meta;
    final SessionHistory sessions;
    final TxnHistory transactions;
    final GroupHistory groups;
    final ShareHistory shares;
    private final List<SimNode> nodes = new ArrayList<>();
    private final Map<Partition, Ledger> ledgers = new LinkedHashMap<>();
    private final List<Partition> partitions = new ArrayList<>();
    private final List<Watched> watched = new ArrayList<>();
    private final List<MqttClient> mqttClients = new ArrayList<>();
    private final List<TxnClient> producers = new ArrayList<>();
    private final List<DataReader> readers = new ArrayList<>();
    private final List<GroupClient> members = new ArrayList<>();
    private final List<ShareClient> sharers = new ArrayList<>();
    private final Map<String, OffsetReader> offsets = new LinkedHashMap<>();

    private record Watched(Ledger ledger, SimReplica replica) {}

    SimCluster(long seed, Defect defect, boolean takesNotes) {
        this.world = new World(seed, takesNotes);
        this.defect = defect;
        this.meta = new SimMeta(world, this::publish);
        this.sessions = new SessionHistory(world);
        this.transactions = new TxnHistory(world);
        this.groups = new GroupHistory(world);
        this.shares = new ShareHistory(world);
        int count = seed % 4 == 0 ? NODES_MAX : SimMeta.REPLICAS;
        for (int id = 1; id <= count; id++) {
            nodes.add(new SimNode(id, this));
        }
        RecordBook book = new RecordBook();
        int minInSync = 1 + (int) (seed % 2);
        nodes.forEach(node -> meta.decide(new RegisterNode(node.id, "", Map.of())));
        create(TopicName.MQTT_SESSIONS, SESSION_PARTITIONS, minInSync, book);
        create(DATA, DATA_PARTITIONS, minInSync, book);
        create(TopicName.TRANSACTION_STATE, 1, minInSync, book);
        create(TopicName.CONSUMER_OFFSETS, 1, minInSync, book);
        create(TopicName.SHARE_GROUP_STATE, 1, minInSync, book);
        nodes.forEach(node -> {
            node.start();
            node.begin();
        });
        for (int i = 0; i < 4; i++) {
            mqttClients.add(new MqttClient("c" + i, this));
        }
        TRANSACTIONAL_IDS.forEach(id -> producers.add(new TxnClient(id, 0, this)));
        TRANSACTIONAL_IDS.forEach(id -> offsets.put(id, new OffsetReader(id, this)));
        for (int i = 0; i < DATA_PARTITIONS; i++) {
            readers.add(new DataReader(i, this));
        }
        for (int i = 0; i < MEMBERS; i++) {
            members.add(new GroupClient(i, this));
        }
        for (int i = 0; i < SHARERS; i++) {
            sharers.add(new ShareClient("s" + i, this));
        }
        world.later(200, this::replaceProducer);
        world.later(500, this::misfortune);
        world.later(700, this::operate);
    }

    private void create(String name, int count, int minInSync, RecordBook book) {
        TopicImage topic = meta.create(name, count, minInSync);
        for (int i = 0; i < count; i++) {
            Partition partition = topic.partition(i);
            Ledger ledger = new Ledger(world, name + "-" + i, partition);
            ledgers.put(partition, ledger);
            partitions.add(partition);
            for (SimNode node : nodes) {
                SimShard shard = new SimShard(world, node.id, partition, ledger, book, partitions.size());
                node.shards.put(partition, shard);
                watched.add(new Watched(ledger, shard.replica));
            }
        }
    }

    private void publish(MetaImage image) {
        // Images come late, and some only with the next one.
        nodes.forEach(node -> world.sendOnce(World.META, node.id, () -> node.show(image)));
    }

    // ---- who is where

    SimNode node(int id) {
        return nodes.get(id - 1);
    }

    SimShard shard(int node, Partition partition) {
        SimShard found = node(node).shards.get(partition);
        if (found == null) {
            throw new AssertionError("no partition " + partition);
        }
        return found;
    }

    /** As any of the nodes has it. */
    @Nullable
    SimNode leaderOf(String topic, int partition) {
        SimNode asked = nodes.get(world.random.nextInt(nodes.size()));
        int leader = asked.up ? asked.image().leaderOf(topic, partition) : PartitionImage.NO_LEADER;
        return leader == PartitionImage.NO_LEADER ? null : node(leader);
    }

    Partition dataPartition(int index) {
        TopicImage topic = meta.image.topic(DATA);
        if (topic == null) {
            throw new AssertionError("no topic " + DATA);
        }
        return topic.partition(index);
    }

    /** Whether the node leads, in the epoch that is the last for all that the metadata know. */
    boolean leads(SimNode node, String topic, int index) {
        TopicImage known = meta.image.topic(topic);
        if (known == null) {
            return false;
        }
        PartitionImage truth = known.partitions().get(index);
        return truth.leader() == node.id
                && shard(node.id, known.partition(index)).replica.leaderEpoch == truth.leaderEpoch();
    }

    // ---- the run

    /** Those that ended have successors, and some that did not. */
    private void replaceProducer() {
        world.later(200 + world.random.nextInt(800), this::replaceProducer);
        for (String id : TRANSACTIONAL_IDS) {
            boolean lives = producers.stream().anyMatch(each -> each.transactionalId.equals(id) && !each.dead);
            if (!world.calm && (!lives || world.random.nextInt(20) == 0)) {
                producers.add(new TxnClient(id, producers.size(), this));
            }
        }
    }

    void run(long ms) {
        long end = world.now + ms;
        while (world.now < end) {
            step();
        }
    }

    /** Nothing goes wrong any more: in the end whoever asked is answered, and all replicas have the same. */
    void settle() {
        world.calm = true;
        nodes.stream().filter(node -> !node.up).forEach(SimNode::restart);
        partitions.forEach(partition -> meta.decide(new MovePartition(partition, List.of(1, 2, 3))));
        mqttClients.forEach(MqttClient::rest);
        producers.forEach(TxnClient::rest);
        members.forEach(GroupClient::rest);
        waitFor("the clients are not answered", () -> mqttClients.stream().allMatch(MqttClient::isAtRest));
        waitFor("the producers are not answered", () -> producers.stream().allMatch(TxnClient::isAtRest));
        waitFor("the members of the group are not answered", () -> members.stream()
                .allMatch(GroupClient::isAtRest));
        waitFor("a transaction does not end", this::isStable);
        sharers.forEach(ShareClient::rest);
        waitFor("the share group does not come to an end", () -> sharers.stream()
                .allMatch(ShareClient::isAtRest));
        waitFor("the replicas do not come together", this::isTogether);
        // Whoever leads next finds the same.
        for (SimNode node : nodes) {
            meta.decide(new HandOver(node.id, node.incarnation));
        }
        run(1_000);
        waitFor("the replicas do not come together again", this::isTogether);
        checkTransactions();
    }

    /** No transaction is open any more, at whoever leads. */
    private boolean isStable() {
        for (int i = 0; i < DATA_PARTITIONS; i++) {
            PartitionState state = stateOf(dataPartition(i));
            if (!state.leader() || state.lastStableOffset() < state.logEndOffset()) {
                return false;
            }
        }
        return true;
    }

    private PartitionState stateOf(Partition partition) {
        int leader = Math.max(1, meta.partition(partition).leader());
        return shard(leader, partition).state();
    }

    private void checkTransactions() {
        Map<String, Long> answers = new HashMap<>();
        offsets.forEach((id, reader) -> answers.put(id, reader.answers));
        waitFor("the offsets are not told", () -> offsets.entrySet().stream()
                .allMatch(each -> each.getValue().answers > answers.get(each.getKey()) + 1));
        List<String> visible = new ArrayList<>();
        for (DataReader reader : readers) {
            List<DataReader.Seen> all = allOf(dataPartition(readers.indexOf(reader)));
            long end = reader.position();
            List<DataReader.Seen> before =
                    all.stream().filter(each -> each.offset() < end).toList();
            if (!before.equals(reader.seen)) {
                world.violated("a reader saw " + reader.seen + " and in the end there is " + before);
            }
            all.forEach(each -> visible.add(each.value()));
            shares.check(readers.indexOf(reader), all);
        }
        Map<String, Long> told = new HashMap<>();
        offsets.forEach((id, reader) -> told.put(id, reader.offset));
        transactions.check(visible, told);
        step();
    }

    private List<DataReader.Seen> allOf(Partition partition) {
        SimNode leader = node(meta.partition(partition).leader());
        return DataReader.all(new SimJournal(leader), partition, Isolation.READ_COMMITTED);
    }

    private void waitFor(String complaint, BooleanSupplier there) {
        long end = world.now + 60_000;
        while (!there.getAsBoolean()) {
            step();
            if (world.now > end) {
                throw new AssertionError(complaint);
            }
        }
    }

    private boolean isTogether() {
        return partitions.stream().allMatch(partition -> {
            PartitionImage truth = meta.partition(partition);
            List<SimReplica> replicas = truth.replicas().stream()
                    .map(node -> shard(node, partition).replica)
                    .toList();
            SimReplica first = replicas.get(0);
            return truth.isr().size() == SimMeta.REPLICAS
                    && !truth.isMoving()
                    && replicas.stream()
                            .allMatch(each -> each.log.equals(first.log) && each.highWatermark == first.log.size());
        });
    }

    private void step() {
        world.step();
        check();
    }

    private void check() {
        for (int i = 0; i < watched.size(); i++) {
            watched.get(i).ledger.check(watched.get(i).replica, meta);
        }
    }

    int acknowledgedCount() {
        return ledgers.values().stream().mapToInt(Ledger::acknowledgedCount).sum();
    }

    // ---- misfortune

    private boolean losesAlready() {
        return nodes.stream().anyMatch(node -> node.shards.values().stream().anyMatch(shard -> shard.replica.lost));
    }

    /** One failure at a time takes what was not synced, and nothing else happens until the cluster knows of it. */
    private void misfortune() {
        world.later(50 + world.random.nextInt(600), this::misfortune);
        if (world.calm || losesAlready()) {
            return;
        }
        Random random = world.random;
        SimNode victim = nodes.get(random.nextInt(nodes.size()));
        if (!victim.up) {
            restart(victim);
            return;
        }
        // What is broken shows sooner where less else happens.
        if (defect == Defect.SURE_ALTHOUGH_CUT_OFF) {
            world.cutOff(victim.id, 800 + random.nextInt(1_000), true);
            return;
        }
        switch (defect == Defect.EPOCH_NOT_CHECKED ? 6 : random.nextInt(9)) {
            case 0 -> world.cutOff(victim.id, 100 + random.nextInt(1_200), random.nextBoolean());
            case 1 -> victim.stop(20 + random.nextInt(1_000));
            case 2 -> handOver(victim);
            case 3, 4, 5 -> crash(victim);
            case 6, 7 -> bounce(victim);
            default -> {}
        }
    }

    /** What it leads is led elsewhere for a moment, of which it may never hear. */
    private void bounce(SimNode victim) {
        world.cutOff(victim.id, 10 + world.random.nextInt(120), true);
        for (Partition partition : partitions) {
            PartitionImage truth = meta.partition(partition);
            if (truth.leader() == victim.id && !truth.isMoving()) {
                List<Integer> others = new ArrayList<>(truth.replicas());
                others.remove(Integer.valueOf(victim.id));
                prefer(partition, others.get(0), victim.id, others.get(1));
                world.later(
                        1 + world.random.nextInt(60), () -> prefer(partition, victim.id, others.get(0), others.get(1)));
            }
        }
    }

    private void prefer(Partition partition, int... replicas) {
        meta.decide(new MovePartition(partition, Arrays.stream(replicas).boxed().toList()));
        meta.decide(new ElectPreferred(partition));
    }

    private void crash(SimNode victim) {
        long incarnation = victim.incarnation;
        boolean isOnlyTrouble = nodes.stream().allMatch(node -> node == victim || isWell(node));
        for (SimShard shard : victim.shards.values()) {
            int unsynced = shard.replica.log.size() - shard.replica.synced;
            boolean powerCut = unsynced > 0 && isOnlyTrouble && mayLose(victim, shard);
            shard.replica.crash(powerCut ? world.random.nextInt(unsynced) : unsynced);
            shard.replica.lost = powerCut;
            if (powerCut) {
                world.note(() -> "node " + victim.id + " has lost what was not synced of " + shard.partition
                        + ", which ends at " + shard.replica.log.size());
            }
        }
        victim.end();
        world.later(world.random.nextInt(400), () -> meta.decide(new FenceNode(victim.id, incarnation)));
        world.later(world.random.nextInt(1_000), () -> restart(victim));
    }

    private void handOver(SimNode victim) {
        long incarnation = victim.incarnation;
        meta.decide(new HandOver(victim.id, incarnation));
        world.later(world.random.nextInt(500), () -> {
            if (!world.calm && !losesAlready() && victim.up && victim.incarnation == incarnation) {
                meta.decide(new FenceNode(victim.id, incarnation));
                victim.shards.values().forEach(shard -> shard.replica.stop());
                victim.end();
                world.later(world.random.nextInt(1_000), () -> restart(victim));
            }
        });
    }

    private void restart(SimNode node) {
        if (!node.up) {
            node.restart();
        }
    }

    /** The promise is to survive any single loss: another has all of the partition, or all of it is on the disk. */
    private boolean mayLose(SimNode victim, SimShard shard) {
        PartitionImage truth = meta.partition(shard.partition);
        boolean anotherHasAll = nodes.stream()
                .filter(node -> node != victim)
                .anyMatch(node -> isInSync(node, truth) || isEligible(node, shard.partition, truth));
        SimReplica replica = shard.replica;
        boolean isAlone = replica.leads
                && replica.leaderEpoch == truth.leaderEpoch()
                && truth.isr().equals(List.of(victim.id));
        boolean isOnDisk = isAlone && (meta.isAloneAsAsked(shard.partition) || replica.forcedAlone);
        return !truth.replicas().contains(victim.id) || anotherHasAll || isOnDisk;
    }

    private boolean isWell(SimNode node) {
        NodeImage known = meta.image.nodes().get(node.id);
        return node.up
                && !node.isStopped()
                && !world.isCutOff(node.id)
                && isRegistered(node)
                && known != null
                && !known.fenced();
    }

    private boolean isRegistered(SimNode node) {
        return shard(node.id, partitions.get(0)).replica.isRegistered(meta.image);
    }

    private boolean isInSync(SimNode node, PartitionImage truth) {
        return node.up && isRegistered(node) && truth.isr().contains(node.id);
    }

    private boolean isEligible(SimNode node, Partition partition, PartitionImage truth) {
        boolean known = node.up ? isRegistered(node) : shard(node.id, partition).replica.previous >= 0;
        return known && truth.elr().contains(node.id);
    }

    /** Somebody moves a partition between the nodes, gives that up, or gives leaders back. */
    private void operate() {
        world.later(100 + world.random.nextInt(700), this::operate);
        if (world.calm || losesAlready()) {
            return;
        }
        Random random = world.random;
        Partition partition = partitions.get(random.nextInt(partitions.size()));
        switch (random.nextInt(4)) {
            case 0 -> meta.decide(new MovePartition(partition, List.of()));
            case 1 -> {
                List<Integer> target =
                        new ArrayList<>(nodes.stream().map(node -> node.id).toList());
                Collections.shuffle(target, random);
                meta.decide(new MovePartition(partition, target.subList(0, SimMeta.REPLICAS)));
            }
            default -> meta.decide(new ElectPreferred(partition));
        }
    }
}
