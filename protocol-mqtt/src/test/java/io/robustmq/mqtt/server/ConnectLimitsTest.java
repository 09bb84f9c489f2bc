package io.robustmq.mqtt.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.mqtt.wire.Packets;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Clients that come over a limit are told so in their version of the protocol. */
@Timeout(60)
@SuppressWarnings("try") // clients that are only there
class ConnectLimitsTest {
    private TestBroker broker;

    private RawClient client() throws Exception {
        return new RawClient(broker.port());
    }

    @AfterEach
    void stopBroker() throws Exception {
        broker.stop();
    }

    private byte[] connack(RawClient client) throws Exception {
        return client.connack(2, RawClient.NO_PROPERTIES, Packets.text("c"));
    }

    @Test
    void thereAreNoMoreConnectionsThanMayBe() throws Exception {
        broker = new TestBroker(Map.of("mqtt.connections.max", "2"));
        try (RawClient one = client().connect("one");
                RawClient two = client().connect("two")) {
            try (RawClient three = client();
                    RawClient four = client();
                    RawClient other = client()) {
                assertThat(connack(three)).startsWith(0x20).contains(0x97);
                assertThat(three.packet()).isEmpty();
                assertThat(four.connect3("four", 2)).containsExactly(0x20, 2, 0, 3);
                assertThat(four.packet()).isEmpty();
                other.send(0xC0, 0);
                assertThat(other.packet()).isEmpty();
            }
            assertThat(one.isQuiet()).isTrue();
            assertThat(two.isQuiet()).isTrue();
            assertThat(broker.count("robustmq.mqtt.connects.refused")).isEqualTo(3);
        }
    }

    @Test
    void whileClientsAreTurnedAwayThoseWhoAreThereAreToldAndNobodyIsLetIn() throws Exception {
        broker = new TestBroker(Map.of());
        try (RawClient before = client().connect("before");
                RawClient old = client()) {
            assertThat(old.connect3("old", 2)).containsExactly(0x20, 2, 0, 0);
            broker.server().turnClientsAway();
            assertThat(before.packet()).startsWith(0xE0).contains(0x8B);
            assertThat(before.packet()).isEmpty();
            assertThat(old.packet()).isEmpty();
            try (RawClient five = client();
                    RawClient three = client()) {
                assertThat(connack(five)).startsWith(0x20).contains(0x88);
                assertThat(five.packet()).isEmpty();
                assertThat(three.connect3("three", 2)).containsExactly(0x20, 2, 0, 3);
                assertThat(three.packet()).isEmpty();
            }
        }
        broker.server().letClientsIn();
        try (RawClient after = client().connect("before")) {
            assertThat(after.isQuiet()).isTrue();
        }
    }

    @Test
    void oneAddressMayNotComeMoreOftenThanItMay() throws Exception {
        broker = new TestBroker(Map.of("mqtt.connections.per-second.address.max", "1"));
        int refused = 0;
        int admitted = 0;
        while (refused == 0 || admitted < 2) {
            try (RawClient client = client()) {
                int reason = connack(client)[3] & 0xFF;
                assertThat(reason).isIn(0, 0x9F);
                refused += reason == 0 ? 0 : 1;
                admitted += reason == 0 ? 1 : 0;
            }
        }
    }
}
