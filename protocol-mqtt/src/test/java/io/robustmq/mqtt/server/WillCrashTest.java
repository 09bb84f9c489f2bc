package io.robustmq.mqtt.server;

import static io.robustmq.mqtt.wire.Packets.block;
import static io.robustmq.mqtt.wire.Packets.bytes;
import static io.robustmq.mqtt.wire.Packets.join;
import static io.robustmq.mqtt.wire.Packets.properties;
import static io.robustmq.mqtt.wire.Packets.property;
import static io.robustmq.mqtt.wire.Packets.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.mqtt.conformance.Statement;
import io.robustmq.mqtt.server.RawClient.Received;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Wills of clients that were connected when the node was killed. */
@Timeout(60)
@SuppressWarnings("try") // clients that are only there
class WillCrashTest {
    private static final int WILL = 4;
    private static final int WILL_QOS_1 = 8;

    private TestBroker broker;

    @BeforeEach
    void startBroker() throws Exception {
        broker = new TestBroker(Map.of());
        try (RawClient watcher = new RawClient(broker.port())) {
            watcher.resume("watcher");
            watcher.subscribe("w/#", 1);
        }
    }

    @AfterEach
    void stopBroker() throws Exception {
        broker.stop();
    }

    private RawClient client() throws Exception {
        return new RawClient(broker.port());
    }

    /** Connects with a will of this delay and a session of this expiry, in seconds below 256. */
    private RawClient connected(String clientId, int flags, int delay, int expiry) throws Exception {
        RawClient client = client();
        byte[] will = join(
                properties(property(0x18, bytes(0, 0, 0, delay))),
                text("w/" + clientId),
                block(clientId.getBytes(StandardCharsets.UTF_8)));
        byte[] connack = client.connack(
                flags | WILL | WILL_QOS_1, property(0x11, bytes(0, 0, 0, expiry)), join(text(clientId), will));
        assertThat(connack[3]).isZero();
        return client;
    }

    @Test
    @Statement({"MQTT-3.1.2-8", "MQTT-3.1.2-7"})
    void theWillOfWhoWasConnectedIsPublishedOnce() throws Exception {
        try (RawClient dying = connected("dying", 2, 0, 0);
                RawClient other = connected("other", 0, 0, 200);
                RawClient polite = connected("polite", 2, 0, 0)) {
            polite.send(0xE0, 0);
            assertThat(polite.packet()).isEmpty();
            try (RawClient again = client()) {
                // Stored after the end of the first one is.
                again.resume("polite");
            }
            broker.crashAndRestart();
            broker.crashAndRestart();
        }
        try (RawClient watcher = client()) {
            watcher.resume("watcher");
            Received first = watcher.received();
            Received second = watcher.received();
            assertThat(first.payload() + second.payload()).isIn("dyingother", "otherdying");
            assertThat(first.qos()).isOne();
            assertThat(watcher.isQuiet()).isTrue();
        }
    }

    @Test
    @Statement({"MQTT-3.1.3-9", "MQTT-3.1.2-10"})
    void aDelayedWillWaitsAndIsCancelledByItsClient() throws Exception {
        try (RawClient returning = connected("returning", 0, 200, 200);
                RawClient ending = connected("ending", 0, 200, 1)) {
            broker.crashAndRestart();
        }
        try (RawClient returning = client();
                RawClient watcher = client()) {
            assertThat(returning.resume("returning")).isTrue();
            watcher.resume("watcher");
            // Its session ended before the delay did.
            assertThat(watcher.received().payload()).isEqualTo("ending");
            assertThat(watcher.isQuiet()).isTrue();
        }
    }

    @Test
    @Statement("MQTT-3.1.2-8")
    void aWillThatWaitedForItsDelayIsNotForgotten() throws Exception {
        try (RawClient dying = connected("dying", 0, 1, 200)) {
            dying.send(0xE0, 1, 4);
            assertThat(dying.packet()).isEmpty();
            broker.crashAndRestart();
        }
        try (RawClient watcher = client()) {
            watcher.resume("watcher");
            assertThat(watcher.received().payload()).isEqualTo("dying");
            assertThat(watcher.isQuiet()).isTrue();
        }
    }

    @Test
    void whoTakesASessionOverFindsItsWillPublished() throws Exception {
        try (RawClient first = connected("same", 0, 0, 200);
                RawClient second = connected("same", 2, 0, 0);
                RawClient watcher = client()) {
            watcher.resume("watcher");
            assertThat(watcher.received().payload()).isEqualTo("same");
            assertThat(first.packet()[0]).isEqualTo((byte) 0xE0);
            assertThat(second.isQuiet()).isTrue();
            assertThat(watcher.isQuiet()).isTrue();
        }
    }
}
