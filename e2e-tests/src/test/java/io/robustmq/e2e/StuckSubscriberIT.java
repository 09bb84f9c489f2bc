package io.robustmq.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;

/** One subscriber stops reading in the middle of a flood, a thousand others read on. */
class StuckSubscriberIT {
    private static final boolean FULL = Boolean.getBoolean("robustmq.full");
    private static final int READERS = 1000;
    private static final int MESSAGES = FULL ? 500 : 25;
    private static final int PERIOD_MS = 40;
    private static final int FLOOD_BYTES = 32 << 10;
    private static final int FLOOD_COUNT = FULL ? 32_000 : 4_000;
    private static final int FLOOD_WINDOW = 100;
    /** The heap has a limit of its own; this is what is outside of it. */
    private static final int RESIDENT_MB_MAX = 300;

    @Test
    void whoDoesNotReadCostsOthersNothing() throws IOException {
        try (var broker = BrokerProcess.named("stuck-subscriber").measured().start();
                var readers = new ManyReaders(broker, "reader", READERS, "tick/#");
                var publisher = MqttWire.connect(broker, "ticker");
                var flood = MqttWire.connect(broker, "flood")) {
            readers.publish(publisher, "tick/t", MESSAGES, PERIOD_MS);
            double warm = ProcessUse.of(broker).cpuSeconds();
            ManyReaders.Latencies before = readers.publish(publisher, "tick/t", MESSAGES, PERIOD_MS);
            ProcessUse calm = ProcessUse.of(broker);
            long residentBefore = calm.residentMb();
            try (var stuck = MqttWire.connect(broker, "stuck")) {
                stuck.subscribe("flood/#", 1);
                publishFlood(flood);
                double flooded = ProcessUse.of(broker).cpuSeconds();
                ManyReaders.Latencies during = readers.publish(publisher, "tick/t", MESSAGES, PERIOD_MS);
                ProcessUse after = ProcessUse.of(broker);
                long resident = after.residentMb();
                System.out.printf(
                        "stuck subscriber, readers=%d flood=%d MB: before %s, %.2f cpu s, during %s,"
                                + " %.2f cpu s, resident %d MB, then %d MB%n",
                        READERS,
                        ((long) FLOOD_COUNT * FLOOD_BYTES) >> 20,
                        before,
                        calm.cpuSeconds() - warm,
                        during,
                        after.cpuSeconds() - flooded,
                        residentBefore,
                        resident);
                assertThat(resident - residentBefore).isLessThan(RESIDENT_MB_MAX);
                assertThat(broker.get("/api/v1/mqtt/sessions/stuck").body())
                        .containsPattern("\"connected\"\\s*:\\s*true");
                assertThat(stuck.read().topic()).as("it may read on").isEqualTo("flood/f");
            }
        }
    }

    /** All of it is acknowledged, so it is in the log, and its subscriber behind. */
    private static void publishFlood(MqttWire flood) throws IOException {
        byte[] packet = MqttWire.publishPacket(MqttWire.QOS_1, "flood/f", 1, new byte[FLOOD_BYTES]);
        int idAt = packet.length - FLOOD_BYTES - 2;
        int acknowledged = 0;
        for (int sent = 0; sent < FLOOD_COUNT; sent++) {
            packet[idAt] = (byte) ((1 + sent % FLOOD_WINDOW) >>> 8);
            packet[idAt + 1] = (byte) (1 + sent % FLOOD_WINDOW);
            flood.send(packet);
            if (sent - acknowledged >= FLOOD_WINDOW - 1) {
                assertThat(flood.read().type()).isEqualTo(MqttWire.PUBACK);
                acknowledged++;
            }
        }
        while (acknowledged < FLOOD_COUNT) {
            flood.read();
            acknowledged++;
        }
    }
}
