package io.robustmq.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** Many clients come and break off as a network does, each with a will. In the profile full these are 20,000. */
class ConnectionStormIT {
    private static final int CONNECTIONS = Boolean.getBoolean("robustmq.full") ? 20_000 : 2_000;
    private static final int THREADS = 8;
    private static final int OPEN_AT_ONCE = 50;

    @Test
    void everyWillComesOnceAndNothingIsLeft() throws InterruptedException, ExecutionException {
        try (var broker = BrokerProcess.named("storm").measured().start();
                var watcher = MqttWire.connect(broker, "storm-watcher")) {
            watcher.subscribe("storm/#", 1);
            ProcessUse before = ProcessUse.of(broker);
            long begun = System.nanoTime();
            ExecutorService threads = Executors.newFixedThreadPool(THREADS);
            List<Future<?>> parts = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                int first = i;
                parts.add(threads.submit(() -> comeAndGo(broker, first)));
            }
            readWills(watcher);
            for (Future<?> part : parts) {
                part.get();
            }
            threads.shutdown();
            ProcessUse after = ProcessUse.of(broker);
            System.out.printf(
                    "storm connections=%d: %.2f s with all wills, broker cpu %.2f s, resident %d MB, before %d MB%n",
                    CONNECTIONS,
                    (System.nanoTime() - begun) / 1e9,
                    after.cpuSeconds() - before.cpuSeconds(),
                    after.residentMb(),
                    before.residentMb());
            Await.until(
                    "only the watcher is left",
                    () -> broker.get("/api/v1/mqtt/sessions?limit=10").body().split("\"clientId\"", -1).length == 2);
            try (var next = MqttWire.connect(broker, "storm-next")) {
                next.subscribe("calm", 0);
            }
        }
    }

    private static void comeAndGo(BrokerProcess broker, int first) {
        List<MqttWire> open = new ArrayList<>();
        for (int i = first; i < CONNECTIONS; i += THREADS) {
            open.add(MqttWire.connect(broker, "storm" + i, "storm/" + i));
            if (open.size() == OPEN_AT_ONCE) {
                open.forEach(MqttWire::reset);
                open.clear();
            }
        }
        open.forEach(MqttWire::reset);
    }

    private static void readWills(MqttWire watcher) {
        var seen = new BitSet(CONNECTIONS);
        while (seen.cardinality() < CONNECTIONS) {
            MqttWire.Packet will = watcher.read();
            assertThat(will.type()).isEqualTo(MqttWire.PUBLISH);
            int number = Integer.parseInt(will.topic().substring("storm/".length()));
            assertThat(seen.get(number)).as("again: %s", number).isFalse();
            seen.set(number);
            watcher.puback(will.packetId());
        }
    }
}
