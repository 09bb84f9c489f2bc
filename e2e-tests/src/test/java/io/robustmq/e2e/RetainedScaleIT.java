package io.robustmq.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.BitSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/** Many retained messages: as many as the broker was told to keep. In the profile full that is a million. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class RetainedScaleIT {
    private static final boolean FULL = Boolean.getBoolean("robustmq.full");
    private static final int COUNT = FULL ? 1_000_000 : 10_000;
    private static final int HEAP_MB = FULL ? 1500 : 384;
    private static final int WINDOW = 500;
    private static final int SITES = 100;
    private static final int PAYLOAD_BYTES = 64;
    /** What a client that reads nothing may make the broker hold beyond what it held before. */
    private static final int STUCK_MB_MAX = 64;

    private static BrokerProcess broker;

    @BeforeAll
    static void startBroker() throws IOException {
        broker = BrokerProcess.named("retained-scale")
                .heapMb(HEAP_MB)
                .measured()
                .set("mqtt.retained.count.max", Integer.toString(COUNT))
                .start();
        publishAll();
    }

    @AfterAll
    static void stopBroker() {
        broker.close();
    }

    private static String topic(int number) {
        return "scale/site" + number % SITES + "/dev" + number;
    }

    private static int number(String topic) {
        return Integer.parseInt(topic.substring(topic.lastIndexOf("dev") + 3));
    }

    private static void publishAll() throws IOException {
        long begun = System.nanoTime();
        try (var publisher = MqttWire.connect(broker, "scale-publisher")) {
            var payload = new byte[PAYLOAD_BYTES];
            int acknowledged = 0;
            for (int sent = 0; sent < COUNT; ) {
                var packets = new ByteArrayOutputStream();
                int until = Math.min(COUNT, acknowledged + WINDOW);
                for (; sent < until; sent++) {
                    packets.write(MqttWire.publishPacket(
                            MqttWire.QOS_1 | MqttWire.RETAIN, topic(sent), 1 + sent % 60_000, payload));
                }
                publisher.send(packets.toByteArray());
                while (acknowledged < sent) {
                    assertThat(publisher.read().type()).isEqualTo(MqttWire.PUBACK);
                    acknowledged++;
                }
            }
        }
        report("published and acknowledged", begun, 0);
    }

    private static void report(String what, long begunNanos, double cpuBefore) {
        ProcessUse use = ProcessUse.of(broker);
        System.out.printf(
                "retained count=%d %s: %.2f s, broker cpu %.2f s, resident %d MB%n",
                COUNT, what, (System.nanoTime() - begunNanos) / 1e9, use.cpuSeconds() - cpuBefore, use.residentMb());
    }

    /** All that a new subscription gets, each once. */
    private static void readAll(MqttWire subscriber, int expected) {
        var seen = new BitSet(COUNT);
        while (seen.cardinality() < expected) {
            MqttWire.Packet packet = subscriber.read();
            assertThat(packet.type()).isEqualTo(MqttWire.PUBLISH);
            assertThat(packet.retained()).isTrue();
            int number = number(packet.topic());
            assertThat(seen.get(number)).as("again: %s", packet.topic()).isFalse();
            seen.set(number);
            if (packet.qos() == 1) {
                subscriber.puback(packet.packetId());
            }
        }
    }

    @Test
    @Order(1)
    void aWildcardGetsEveryOneOnce() {
        try (var subscriber = MqttWire.connect(broker, "scale-all")) {
            double cpu = ProcessUse.of(broker).cpuSeconds();
            long begun = System.nanoTime();
            subscriber.subscribe("#", 0);
            readAll(subscriber, COUNT);
            report("delivered to #, QoS 0", begun, cpu);
        }
        try (var subscriber = MqttWire.connect(broker, "scale-site")) {
            subscriber.subscribe("scale/site7/+", 1);
            readAll(subscriber, COUNT / SITES);
        }
    }

    @Test
    @Order(2)
    void whatIsTooMuchIsNotKeptAndWhoIsThereGetsIt() throws IOException {
        try (var live = MqttWire.connect(broker, "scale-live");
                var publisher = MqttWire.connect(broker, "scale-publisher");
                var late = MqttWire.connect(broker, "scale-late")) {
            live.subscribe("more/#", 0);
            publisher.send(MqttWire.publishPacket(MqttWire.QOS_1 | MqttWire.RETAIN, "more/one", 1, new byte[1]));
            assertThat(publisher.read().type()).isEqualTo(MqttWire.PUBACK);
            assertThat(live.read().topic()).isEqualTo("more/one");
            late.subscribe("more/#", 0);
            publisher.send(MqttWire.publishPacket(MqttWire.QOS_1, "more/two", 2, new byte[1]));
            assertThat(late.read().topic()).as("nothing retained came before").isEqualTo("more/two");
        }
    }

    @Test
    @Order(3)
    void whoDoesNotReadThemMakesTheBrokerHoldLittle() throws IOException {
        long before = ProcessUse.of(broker).residentMb();
        try (var stuck = MqttWire.connect(broker, "scale-stuck");
                var other = MqttWire.connect(broker, "scale-other")) {
            stuck.send(MqttWire.subscribePacket("#", 0));
            other.subscribe("scale/site9/+", 0);
            readAll(other, COUNT / SITES);
        }
        assertThat(ProcessUse.of(broker).residentMb() - before).isLessThan(STUCK_MB_MAX);
    }

    @Test
    @Order(4)
    void theyAreAllThereAfterAKill() {
        broker.kill9();
        long begun = System.nanoTime();
        broker.start();
        report("ready after a kill", begun, 0);
        try (var subscriber = MqttWire.connect(broker, "scale-again")) {
            subscriber.subscribe("scale/#", 0);
            report("and all are found", begun, 0);
            readAll(subscriber, COUNT);
            report("and delivered", begun, 0);
        }
    }
}
