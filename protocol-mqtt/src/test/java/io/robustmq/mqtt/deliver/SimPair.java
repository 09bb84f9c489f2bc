package io.robustmq.mqtt.deliver;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.robustmq.core.coordinator.CoordinatorService;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.loop.SimLoop;
import io.robustmq.core.mapping.MqttRecords;
import io.robustmq.core.mapping.PublishProperties;
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
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;

/** Two nodes over one log: the first deals one shared subscription, of which members live on both. Nothing breaks by itself. */
final class SimPair {
    static final int DEALER = 1;
    static final int HOME = 2;
    static final String SHARE = "$share/g/t/#";

    private static final int WINDOW = 5;

    private final Random random = new Random(1);
    private final SimLoop loop = new SimLoop();
    private final InMemoryJournal journal = new InMemoryJournal(0);
    private final AwayJournal atHome = new AwayJournal(journal);
    private final InMemoryMetaLog metaLog = new InMemoryMetaLog(1);
    private final SimWire wire;
    private final Partition t;
    private final int queueMax;
    private final Map<Integer, SimNode> nodes;
    private final List<SimDevice> devices = new ArrayList<>();
    private int published;

    SimPair() {
        this(SimNode.QUEUE_MAX);
    }

    SimPair(int queueMax) {
        this.queueMax = queueMax;
        metaLog.subscribe((delta, image) -> delta.topics().forEach(id -> {
            TopicImage topic = image.topic(id);
            for (PartitionImage p : topic == null ? List.<PartitionImage>of() : topic.partitions()) {
                journal.lead(topic.partition(p.index()), p.leaderEpoch(), p.leader() > 0);
            }
        }));
        create("t", 1);
        t = metaLog.image().topic("t").partition(0);
        create(TopicName.MQTT_SESSIONS, 2);
        metaLog.lead(TopicName.MQTT_SESSIONS, partitionOf(SHARE), DEALER);
        metaLog.lead(TopicName.MQTT_SESSIONS, 1 - partitionOf(SHARE), HOME);
        wire = new SimWire(loop, random);
        nodes = Map.of(DEALER, start(DEALER), HOME, start(HOME));
        pass(1000);
    }

    private SimNode start(int id) {
        return new SimNode(id, loop, random, wire, id == HOME ? atHome : journal, metaLog, queueMax);
    }

    private static int partitionOf(String text) {
        return CoordinatorService.partitionFor(text, 2);
    }

    private void create(String topic, int partitions) {
        CompletableFuture<MetaReply> unused = metaLog.submit(
                new MetaCommand.CreateTopic(topic, partitions, -1, List.of(), Map.of(), -1, topic.startsWith("__")));
    }

    /** A member that lives on the node. */
    SimDevice member(int node, int receiveMax) {
        return member(node, receiveMax, nodes.get(node).loop());
    }

    SimDevice member(int node, int receiveMax, Loop in) {
        int partition = node == DEALER ? partitionOf(SHARE) : 1 - partitionOf(SHARE);
        String id = IntStream.range(0, 1000)
                .mapToObj(i -> "device" + devices.size() + "." + i)
                .filter(name -> partitionOf(name) == partition)
                .findFirst()
                .orElseThrow();
        SimDevice device = new SimDevice(id, SHARE, 2, receiveMax, WINDOW);
        devices.add(device);
        device.connect(nodes.get(node).router(), in);
        pass(1000);
        assertThat(device.isSubscribed()).isTrue();
        return device;
    }

    SimNode node(int id) {
        return nodes.get(id);
    }

    /** In the log, and dealt, but not further. */
    void publish(int count, int qos) {
        for (int i = 0; i < count; i++) {
            String number = Integer.toString(published++);
            BatchBuilder batch = new BatchBuilder(UnpooledByteBufAllocator.DEFAULT, 256);
            ByteBuf key = Unpooled.copiedBuffer("t/a", StandardCharsets.US_ASCII);
            ByteBuf value = Unpooled.copiedBuffer(number, StandardCharsets.US_ASCII);
            batch.append(loop.nowMs(), key, value, MqttRecords.toHeaders(PublishProperties.of(qos, false)));
            journal.append(t, batch.build(), AppendOptions.DURABLE, loop, result -> {});
        }
        loop.run();
    }

    /** Time passes, and everybody reads what came. */
    void pass(int ms) {
        for (int i = 0; i < ms; i += 5) {
            loop.advance(5);
            devices.forEach(SimDevice::read);
        }
    }

    /** As {@link #pass}, and everybody acknowledges what came. */
    void acknowledge(int ms) {
        for (int i = 0; i < ms; i += 5) {
            pass(5);
            devices.forEach(SimDevice::acknowledgeOne);
        }
    }

    /** Whether the node knows the device as a member of the share. */
    boolean isMember(int node, SimDevice device) {
        return nodes.get(node).router().seats().find(SHARE, device.id()) != null;
    }

    /** What the device, which lives at the home, was dealt and has not settled. */
    int held(SimDevice device) {
        ShareSeat seat = nodes.get(HOME).router().seats().find(SHARE, device.id());
        return Objects.requireNonNull(seat).held().size();
    }

    /** The dealer is the home of all sessions from now on. */
    void moveHome() {
        metaLog.lead(TopicName.MQTT_SESSIONS, 1 - partitionOf(SHARE), DEALER);
        pass(1000);
    }

    /** All nodes have heard of it when this returns. */
    void deleteTopic() {
        CompletableFuture<MetaReply> unused = metaLog.submit(new MetaCommand.DeleteTopic("t"));
        pass(1000);
    }

    /** The home's replica does not show what is published from now on, until it catches up. */
    void fallBehind() {
        atHome.behind.add(t);
    }

    void catchUp() {
        atHome.catchUp(t);
    }

    SimWire wire() {
        return wire;
    }
}
