package io.robustmq.mqtt.server;

import static io.robustmq.mqtt.wire.Packets.bytes;
import static io.robustmq.mqtt.wire.Packets.join;
import static io.robustmq.mqtt.wire.Packets.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.robustmq.core.ban.Ban;
import io.robustmq.core.ban.BanEffect;
import io.robustmq.core.config.Configuration;
import io.robustmq.mqtt.MqttConfig;
import io.robustmq.mqtt.deliver.SessionInfo;
import io.robustmq.mqtt.wire.Packets;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ProxyProtocolTest {
    private static final byte[] SIGNATURE = bytes(0x0D, 0x0A, 0x0D, 0x0A, 0, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A);

    private TestBroker broker;

    @BeforeEach
    void startBroker() throws Exception {
        broker = new TestBroker(Map.of("mqtt.proxy-protocol", "tcp", "mqtt.connect.timeout.ms", "1000"));
    }

    @AfterEach
    void stopBroker() throws Exception {
        broker.stop();
    }

    private String addressOf(String clientId) throws Exception {
        SessionInfo.Query query = new SessionInfo.Query(clientId, "", 1, false, false);
        return broker.admin()
                .sessions(query)
                .get(10, TimeUnit.SECONDS)
                .get(0)
                .link()
                .address();
    }

    private static byte[] connect(String clientId) {
        return Packets.connect(5, 2, RawClient.NO_PROPERTIES, text(clientId));
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    @Test
    void theClientsAddressIsWhatTheHeaderSays() throws Exception {
        byte[] two = join(SIGNATURE, bytes(0x21, 0x11, 0, 12, 10, 9, 8, 7, 127, 0, 0, 1, 1, 2, 3, 4));
        byte[] local = join(SIGNATURE, bytes(0x20, 0, 0, 0));
        try (RawClient first = new RawClient(broker.port());
                RawClient second = new RawClient(broker.port());
                RawClient third = new RawClient(broker.port())) {
            first.send(join(ascii("PROXY TCP4 192.0.2.1 127.0.0.1 1234 1883\r\n"), connect("first")));
            assertThat(first.packet()[3]).isZero();
            assertThat(addressOf("first")).isEqualTo("192.0.2.1");
            second.send(two).send(connect("second"));
            assertThat(second.packet()[3]).isZero();
            assertThat(addressOf("second")).isEqualTo("10.9.8.7");
            third.send(join(local, connect("third")));
            assertThat(third.packet()[3]).isZero();
            assertThat(addressOf("third")).as("the balancer itself").isEqualTo("127.0.0.1");
        }
    }

    @Test
    void withoutAHeaderOrWithABannedAddressNobodyIsServed() throws Exception {
        Ban ban = new Ban(Ban.Kind.ADDRESS, "192.0.2.0/24", "", "", 1, Ban.FOR_EVER);
        assertThat(broker.admin().ban(ban).get(10, TimeUnit.SECONDS)).isEqualTo(BanEffect.Outcome.DONE);
        for (byte[] start : new byte[][] {
            connect("plain"), ascii("PROXY TCP4 192.0.2.1 127.0.0.1 1234 1883\r\n"), ascii("PROXY TCP4 x\r\n")
        }) {
            try (RawClient client = new RawClient(broker.port())) {
                client.send(start);
                assertThat(client.packet()).isEmpty();
            } catch (java.net.SocketException e) {
                assertThat(e).hasMessageContaining("reset");
            }
        }
    }

    @Test
    void onlyListenersThatThereAreCanBeNamed() {
        Configuration values = new Configuration(MqttConfig.keys(), Map.of("mqtt.proxy-protocol", "udp"));
        assertThatThrownBy(() -> MqttConfig.from(values)).isInstanceOf(IllegalArgumentException.class);
    }
}
