package io.robustmq.mqtt.server;

import static io.robustmq.mqtt.wire.Packets.bytes;
import static io.robustmq.mqtt.wire.Packets.packet;
import static io.robustmq.mqtt.wire.Packets.properties;
import static io.robustmq.mqtt.wire.Packets.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.mqtt.server.RawClient.Received;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Rewriting, automatic and exclusive subscriptions. */
@Timeout(60)
class TopicFeaturesTest {
    private TestBroker broker;

    @BeforeEach
    void startBroker() throws Exception {
        broker = new TestBroker(Map.of(
                "mqtt.rewrites", "publish old/+/# -> new/{1}/{2},subscribe alias/# -> new/{1}",
                "mqtt.auto-subscriptions", "inbox/%c/# 1"));
    }

    @AfterEach
    void stopBroker() throws Exception {
        broker.stop();
    }

    private RawClient client() throws Exception {
        return new RawClient(broker.port());
    }

    @Test
    void topicsAndFiltersAreRewritten() throws Exception {
        try (RawClient client = client().connect("client")) {
            client.subscribe("alias/+/x", 1);
            client.publish(2, "old/dev/x", 1, "moved");
            Received moved = null;
            for (int i = 0; i < 2; i++) {
                byte[] next = client.packet();
                moved = (next[0] & 0xF0) == 0x30 ? parsed(next) : moved;
            }
            assertThat(moved).isNotNull();
            assertThat(moved.topic()).isEqualTo("new/dev/x");
            client.send(packet(0xA2, bytes(0, 9), properties(), text("alias/+/x")));
            assertThat(client.packet()).containsExactly(0xB0, 4, 0, 9, 0, 0);
        }
    }

    private static Received parsed(byte[] packet) {
        String whole = new String(packet, java.nio.charset.StandardCharsets.UTF_8);
        return new Received(packet[0] & 0x0F, whole.substring(4, 13), 0, new byte[0], "");
    }

    @Test
    void everyClientHasItsInbox() throws Exception {
        try (RawClient one = client();
                RawClient other = client().connect("other")) {
            one.resume("one");
            assertThat(one.isQuiet()).isTrue();
            other.publish(2, "inbox/one/a", 1, "for one").packet();
            assertThat(one.received().payload()).isEqualTo("for one");
            assertThat(other.isQuiet()).isTrue();
        }
    }

    @Test
    void anExclusiveSubscriptionHasOneHolder() throws Exception {
        try (RawClient first = client();
                RawClient second = client().connect("second")) {
            first.resume("first");
            assertThat(first.subscribe("$exclusive/job", 1)).isEqualTo(1);
            assertThat(first.subscribe("$exclusive/job", 2)).as("again").isEqualTo(2);
            assertThat(second.subscribe("$exclusive/job", 1)).isEqualTo(0x97);
            second.publish(2, "job", 1, "work").packet();
            assertThat(first.received().payload()).isEqualTo("work");
            broker.crashAndRestart();
        }
        try (RawClient first = client();
                RawClient second = client().connect("second")) {
            assertThat(second.subscribe("$exclusive/job", 1))
                    .as("held by a session")
                    .isEqualTo(0x97);
            first.resume("first");
            first.received();
            first.send(packet(0xA2, bytes(0, 9), properties(), text("$exclusive/job")));
            assertThat(first.packet()).containsExactly(0xB0, 4, 0, 9, 0, 0);
            assertThat(second.subscribe("$exclusive/job", 1)).isEqualTo(1);
        }
    }
}
