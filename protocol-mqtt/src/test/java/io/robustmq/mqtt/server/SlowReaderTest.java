package io.robustmq.mqtt.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class SlowReaderTest {
    private static final int MESSAGES = 80_000;
    private static final int PACKET_BYTES = 109;

    /** PUBLISH QoS 0 to q with the number in front of the payload. */
    private static void put(ByteBuffer target, int number) {
        target.put((byte) 0x30).put((byte) (PACKET_BYTES - 2)).put(new byte[] {0, 1, 'q', 0});
        target.putInt(number).put(new byte[PACKET_BYTES - 10]);
    }

    @Test
    void whoDoesNotReadStaysBehindAndThenGetsEverythingWithoutSlowingOthers() throws Exception {
        TestBroker broker = new TestBroker(Map.of("mqtt.write-buffer.bytes", "4096"));
        try (RawClient slow = new RawClient(broker.port()).connect("slow");
                RawClient quick = new RawClient(broker.port()).connect("quick");
                RawClient publisher = new RawClient(broker.port()).connect("publisher")) {
            for (RawClient client : new RawClient[] {slow, quick}) {
                client.send(0x82, 7, 0, 1, 0, 0, 1, 'q', 0);
                assertThat(client.packet()[0] & 0xFF).isEqualTo(0x90);
            }
            int chunk = 1000;
            for (int sent = 0; sent < MESSAGES; sent += chunk) {
                ByteBuffer packets = ByteBuffer.allocate(chunk * PACKET_BYTES);
                for (int i = 0; i < chunk; i++) {
                    put(packets, sent + i);
                }
                publisher.sendAll(packets.array());
                expect(quick, sent, chunk);
            }
            expect(slow, 0, MESSAGES);
        } finally {
            broker.stop();
        }
    }

    private static void expect(RawClient client, int first, int count) throws Exception {
        for (int i = 0; i < count; i++) {
            assertThat(ByteBuffer.wrap(client.packet()).getInt(6)).isEqualTo(first + i);
        }
    }
}
