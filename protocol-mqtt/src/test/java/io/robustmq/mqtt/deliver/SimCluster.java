package io.robustmq.mqtt.deliver;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.robustmq.core.coordinator.CoordinatorService;
import io.robustmq.core.loop.SimLoop;
import io.robustmq.core.mapping.LogAddress;
import io.robustmq.core.mapping.MqttRecords;
import io.robustmq.core.mapping.PublishProperties;
import io.robustmq.core.mapping.TopicMapping;
import io.robustmq.core.meta.MetaCommand;
import io.robustmq.core.meta.MetaReply;
import io.robustmq.core.meta.PartitionImage;
import io.robustmq.core.meta.TopicImage;
import io.robustmq.core.model.Partition;
import io.robustmq.core.model.TopicName;
import io.robustmq.core.port.AppendOptions;
import io.robustmq.core.port.InMemoryJournal;
import io.robustmq.core.port.InMemoryMetaLog;
import io.robustmq.core.record.BatchBuilder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;

/**
 * Three nodes over one log, devices at their homes that have one subscription together, and what breaks: nodes are killed and come
 * back, partitions of sessions get other leaders, links are cut. Everything follows from the seed.
 */
final class SimCluster {
    private static final int NODES = 3;
    private static final int PARTITIONS = 5;
    private static final int DEVICES = 5;
    private static final int WINDOW = 5;
    private static final String SHARE = "$share/g/t/#";
    private static final String[] TOPICS = {"t/a", "t/b", "t/c"};

    private final Random random;
    private final SimLoop loop = new SimLoop();
    private final InMemoryJournal journal = new InMemoryJournal(0);
    private final InMemoryMetaLog metaLog = new InMemoryMetaLog(1);
    private final TopicMapping mapping = new TopicMapping(List.of(), topic -> true);
    private final SimWire wire;
    private final Map<Integer, SimNode> nodes = new TreeMap<>();
    private final List<SimDevice> devices = new ArrayList<>();
    private final List<SimWorld.Published> published = new ArrayList<>();
    /** What was published before may have had nobody to go to. */
    private int promisedFrom;
    /** The first stays subscribed. */
    private final boolean staysOne;

    SimCluster(int seed) {
        random = new Random(seed);
        staysOne = seed % 4 != 0;
        wire = new SimWire(loop, random);
        // Whoever leads: the log is one for all, and as strict about epochs.
        metaLog.subscribe((delta, image) -> delta.topics().forEach(id -> {
            TopicImage topic = image.topic(id);
            for (PartitionImage p : topic == null ? List.<PartitionImage>of() : topic.partitions()) {
                journal.lead(topic.partition(p.index()), p.leaderEpoch(), p.leader() > 0);
            }
        }));
        create("t", 2);
        create(TopicName.MQTT_SESSIONS, PARTITIONS);
        for (int i = 0; i < PARTITIONS; i++) {
            metaLog.lead(TopicName.MQTT_SESSIONS, i, 1 + i % NODES);
        }
        for (int id = 1; id <= NODES; id++) {
            start(id);
        }
        for (int i = 0; i < DEVICES; i++) {
            SimDevice device = new SimDevice("device" + i, SHARE, 2, 1 + random.nextInt(8), WINDOW);
            devices.add(device);
            pump(() -> {
                connect(device);
                return device.isSubscribed();
            });
        }
    }

    private void create(String topic, int partitions) {
        CompletableFuture<MetaReply> unused = metaLog.submit(
                new MetaCommand.CreateTopic(topic, partitions, -1, List.of(), Map.of(), -1, topic.startsWith("__")));
    }

    private void start(int id) {
        nodes.put(id, new SimNode(id, loop, random, wire, journal, metaLog));
    }

    private int leaderOf(int partition) {
        TopicImage sessions = metaLog.image().topic(TopicName.MQTT_SESSIONS);
        return sessions.partitions().get(partition).leader();
    }

    private void connect(SimDevice device) {
        SimNode home = nodes.get(leaderOf(CoordinatorService.partitionFor(device.id(), PARTITIONS)));
        if (home != null) {
            device.connect(home.router(), home.loop());
        }
    }

    void run(int steps) {
        for (int i = 0; i < steps; i++) {
            int dice = random.nextInt(100);
            SimDevice device = devices.get(random.nextInt(devices.size()));
            if (dice < 20) {
                publish(1 + random.nextInt(4));
            } else if (dice < 50) {
                device.acknowledgeOne();
            } else if (dice < 54) {
                device.disconnectFromNode();
            } else if (dice < 64) {
                connect(device);
            } else if (dice < 67) {
                journal.hold();
            } else if (dice < 72) {
                journal.release();
            } else if (dice < 77) {
                breakDown();
            } else if (dice < 80) {
                changeSubscription(device);
            } else {
                loop.advance(random.nextInt(random.nextInt(10) == 0 ? 3000 : 60));
            }
            devices.forEach(SimDevice::read);
            lookWhoIsSubscribed();
        }
    }

    private void changeSubscription(SimDevice device) {
        if (!device.isConnected() || (staysOne && device == devices.get(0))) {
            return;
        }
        boolean again = random.nextInt(3) == 0;
        if (device.isSubscribed()) {
            device.unsubscribe();
            lookWhoIsSubscribed();
        } else {
            again = true;
        }
        if (again) {
            device.subscribeAgain();
        }
    }

    private void lookWhoIsSubscribed() {
        if (devices.stream().noneMatch(SimDevice::isSubscribed)) {
            promisedFrom = published.size();
        }
    }

    private void breakDown() {
        int some = 1 + random.nextInt(NODES);
        int other = 1 + random.nextInt(NODES);
        switch (random.nextInt(6)) {
            case 0, 1 -> metaLog.lead(TopicName.MQTT_SESSIONS, random.nextInt(PARTITIONS), alive());
            case 2 -> kill(some);
            case 3 -> wire.cut(some, other);
            case 4 -> {
                if (some != other) {
                    wire.isolate(some, other);
                }
            }
            default -> heal();
        }
    }

    private int alive() {
        List<Integer> all = List.copyOf(nodes.keySet());
        return all.get(random.nextInt(all.size()));
    }

    /** Another node leads what it led, some time later; one at a time. */
    private void kill(int id) {
        SimNode victim = nodes.get(id);
        if (victim == null || nodes.size() < NODES) {
            return;
        }
        nodes.remove(id);
        victim.kill();
        devices.stream().filter(device -> device.isAt(victim.router())).forEach(SimDevice::lose);
        journal.release();
        loop.advance(random.nextInt(300));
        for (int i = 0; i < PARTITIONS; i++) {
            if (leaderOf(i) == id) {
                metaLog.lead(TopicName.MQTT_SESSIONS, i, alive());
            }
        }
    }

    private void heal() {
        wire.heal();
        for (int id = 1; id <= NODES; id++) {
            if (!nodes.containsKey(id)) {
                start(id);
            }
        }
    }

    /** From here on nothing breaks any more. */
    void settle() {
        journal.release();
        heal();
        int quiet = 0;
        for (int i = 0; i < 4000 && quiet < 60; i++) {
            quiet = isDone() ? quiet + 1 : 0;
            loop.advance(50);
            for (SimDevice device : devices) {
                connect(device);
                device.subscribeIfWanted();
                loop.run();
                device.read();
                device.acknowledgeOne();
                device.acknowledgeOne();
            }
        }
    }

    private boolean isDone() {
        long distinct = devices.stream()
                .flatMap(d -> d.delivered().stream())
                .filter(number -> number >= promisedFrom)
                .distinct()
                .count();
        return devices.stream().allMatch(d -> d.isQuiet() && d.isContent())
                && distinct == published.size() - promisedFrom;
    }

    void check() {
        Map<Integer, Integer> counts = new HashMap<>();
        devices.forEach(device -> device.delivered().forEach(number -> counts.merge(number, 1, Integer::sum)));
        for (SimWorld.Published message : published) {
            int times = counts.getOrDefault(message.number(), 0);
            if (message.number() >= promisedFrom) {
                assertThat(times).as("somebody got " + message).isGreaterThan(0);
            }
            if (message.qos() == 2) {
                assertThat(times).as("got " + message).isLessThanOrEqualTo(1);
            }
        }
    }

    /** How often somebody got a message, for each message. */
    double copies() {
        return devices.stream().mapToInt(device -> device.delivered().size()).sum() / (double) published.size();
    }

    List<SimDevice> devices() {
        return devices;
    }

    int publishedCount() {
        return published.size();
    }

    void publish(int count) {
        for (int i = 0; i < count; i++) {
            publish(TOPICS[random.nextInt(TOPICS.length)], 1 + random.nextInt(2));
        }
    }

    private void publish(String topic, int qos) {
        SimWorld.Published message = new SimWorld.Published(published.size(), topic, qos);
        published.add(message);
        LogAddress address = mapping.toLog(topic);
        TopicImage image = metaLog.image().topic("t");
        Partition partition =
                image.partition(address.partition(image.partitions().size()));
        byte[] key = address.key();
        ByteBuf value = Unpooled.copiedBuffer(Integer.toString(message.number()), StandardCharsets.US_ASCII);
        BatchBuilder batch = new BatchBuilder(UnpooledByteBufAllocator.DEFAULT, 256);
        batch.append(
                loop.nowMs(),
                key == null ? null : Unpooled.wrappedBuffer(key),
                value,
                MqttRecords.toHeaders(PublishProperties.of(qos, false)));
        journal.append(partition, batch.build(), AppendOptions.DURABLE, loop, result -> {});
    }

    private void pump(BooleanSupplier done) {
        for (int i = 0; i < 1000 && !done.getAsBoolean(); i++) {
            loop.advance(10);
            devices.forEach(SimDevice::read);
        }
        assertThat(done.getAsBoolean()).as("came to an end").isTrue();
    }
}
