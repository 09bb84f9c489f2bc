package io.robustmq.mqtt.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.core.error.BrokerError;
import io.robustmq.core.meta.MetaReply;
import io.robustmq.core.model.Partition;
import io.robustmq.core.model.TopicName;
import io.robustmq.mqtt.codec.PacketWriter;
import io.robustmq.mqtt.conformance.Statement;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Messages with QoS 2 of which the log does not say whether it has them, and that are sent again. */
@Timeout(60)
class DoubtTest {
    private static final int RETAIN = 1;
    private static final int QOS_2 = 4;
    private static final int DUP = 8;
    private static final int ID = 9;

    private TestBroker broker;

    @BeforeEach
    void startBroker() throws Exception {
        broker = new TestBroker(Map.of());
        try (RawClient watcher = client();
                RawClient device = client()) {
            watcher.resume("watcher");
            watcher.subscribe("q", 2);
            device.resume("device");
            publish(device, QOS_2, "first");
        }
    }

    @AfterEach
    void stopBroker() throws Exception {
        broker.stop();
    }

    private RawClient client() throws Exception {
        return new RawClient(broker.port());
    }

    private static void publish(RawClient device, int flags, String payload) throws Exception {
        assertThat(device.publish(flags, "q", ID, payload).packet()).containsExactly(0x50, 2, 0, ID);
        assertThat(device.ack(PacketWriter.PUBREL, ID).packet()).containsExactly(0x70, 2, 0, ID);
    }

    private Partition partitionOf(String topic) {
        return broker.metaLog.image().topic(topic).partition(0);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    @Statement({"MQTT-4.3.3-10", "MQTT-4.3.3-12"})
    void aMessageThatTimedOutIsStoredOnce(boolean written) throws Exception {
        try (RawClient device = client()) {
            device.resume("device");
            broker.journal.failNext(partitionOf("q"), BrokerError.REQUEST_TIMED_OUT, written);
            assertThat(device.publish(QOS_2, "q", ID, "second").packet()[0]).isEqualTo((byte) 0xE0);
        }
        try (RawClient device = client()) {
            assertThat(device.resume("device")).isTrue();
            publish(device, DUP | QOS_2, "second");
            publish(device, QOS_2, "third");
        }
        expectThree();
    }

    @Test
    @Statement("MQTT-4.3.3-10")
    void aMessageThatTheLogHasButThatCouldNotBeRetainedIsStoredOnce() throws Exception {
        try (RawClient device = client()) {
            device.resume("device");
            publishNotRetained(device, BrokerError.NOT_META_LEADER);
            assertThat(device.packet()[0]).isEqualTo((byte) 0xE0);
        }
        try (RawClient device = client()) {
            assertThat(device.resume("device")).isTrue();
            publish(device, DUP | QOS_2 | RETAIN, "second");
            publish(device, QOS_2, "third");
        }
        expectThree();
    }

    @Test
    void aMessageThatCanNeverBeRetainedFreesItsPacketId() throws Exception {
        try (RawClient device = client()) {
            device.resume("device");
            publishNotRetained(device, BrokerError.INVALID_CONFIG);
            assertThat(device.packet()).containsExactly(0x50, 3, 0, ID, Reasons.UNSPECIFIED);
            publish(device, QOS_2, "third");
        }
        expectThree();
    }

    /** The log has it before the retained messages' topic is refused. */
    private void publishNotRetained(RawClient device, BrokerError error) throws Exception {
        CompletableFuture<MetaReply> answer = broker.metaLog.answerLater(TopicName.MQTT_RETAINED);
        try (RawClient other = client().connect("other")) {
            other.subscribe("q", 0);
            device.publish(QOS_2 | RETAIN, "q", ID, "second");
            assertThat(other.received().payload()).isEqualTo("second");
        }
        answer.complete(new MetaReply.Refused(error, error.text()));
    }

    private void expectThree() throws Exception {
        try (RawClient watcher = client()) {
            watcher.resume("watcher");
            assertThat(watcher.received().payload()).isEqualTo("first");
            assertThat(watcher.received().payload()).isEqualTo("second");
            assertThat(watcher.received().payload()).isEqualTo("third");
            assertThat(watcher.isQuiet()).isTrue();
        }
    }
}
