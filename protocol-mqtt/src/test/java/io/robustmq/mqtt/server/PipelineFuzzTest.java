package io.robustmq.mqtt.server;

import static io.robustmq.mqtt.wire.Packets.bytes;
import static io.robustmq.mqtt.wire.Packets.join;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.robustmq.mqtt.wire.Packets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;

/** Every truncation and every flipped bit of every kind of packet, sent to a server: it ends no more than its connection. */
@Timeout(300)
class PipelineFuzzTest {
    private static final Logger LOGGER = (Logger) LoggerFactory.getLogger("io.robustmq");

    private final ListAppender<ILoggingEvent> log = new ListAppender<>();
    private TestBroker broker;
    private RawClient canary;
    private int pulse;

    @BeforeEach
    void startBroker() throws Exception {
        broker = new TestBroker(Map.of());
        canary = new RawClient(broker.port()).connect("canary");
        canary.subscribe("canary", 1);
        LOGGER.setLevel(Level.WARN);
        log.start();
        LOGGER.addAppender(log);
    }

    @AfterEach
    void stopBroker() throws Exception {
        LOGGER.detachAppender(log);
        LOGGER.setLevel(null);
        canary.close();
        broker.stop();
    }

    @Test
    void noChangedPacketEndsMoreThanItsConnection() throws Exception {
        List<Map<String, byte[]>> versions = List.of(Packets.golden3(), Packets.golden4(), Packets.golden5());
        for (Map<String, byte[]> golden : versions) {
            byte[] connect = Packets.connect(3 + versions.indexOf(golden));
            golden.putAll(Packets.ofServers());
            for (Map.Entry<String, byte[]> entry : golden.entrySet()) {
                byte[] packet = entry.getValue();
                byte[] before = entry.getKey().equals("CONNECT") ? bytes() : connect;
                for (int length = 1; length < packet.length; length++) {
                    send(join(before, Arrays.copyOf(packet, length)));
                }
                for (int bit = 0; bit < packet.length * 8; bit++) {
                    byte[] changed = packet.clone();
                    changed[bit / 8] ^= (byte) (1 << (bit % 8));
                    send(join(before, changed, bytes(0xC0, 0)));
                }
                beat(entry.getKey());
            }
        }
        assertThat(log.list)
                .filteredOn(event -> event.getLevel() == Level.ERROR)
                .isEmpty();
    }

    private void send(byte[] all) throws Exception {
        try (RawClient client = new RawClient(broker.port())) {
            client.sendAll(all);
        }
    }

    /** Somebody else's connection goes on. */
    private void beat(String after) throws Exception {
        String payload = Integer.toString(pulse++);
        canary.publish(0, "canary", 0, payload);
        assertThat(canary.received().payload()).as("after " + after).isEqualTo(payload);
    }
}
