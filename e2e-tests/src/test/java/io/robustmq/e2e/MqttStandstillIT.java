package io.robustmq.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** A publisher whose topic is led by a process that stands still: it waits until another leads, and no longer. */
@EnabledIfSystemProperty(named = "robustmq.full", matches = "true", disabledReason = "in the profile full only")
class MqttStandstillIT {
    private static final String TOPIC = "standing";
    private static final int WINDOW = 16;
    private static final int BEFORE = 200;
    private static final int AFTER = 200;

    private final Queue<Long> acknowledgedAt = new ConcurrentLinkedQueue<>();
    private final AtomicInteger acknowledged = new AtomicInteger();
    private final Semaphore window = new Semaphore(WINDOW);
    private volatile boolean stops;

    @Test
    void aPublisherWaitsOnlyUntilAnotherLeads() throws Exception {
        Map<String, String> settings = Map.of("meta.election.timeout.ms", "1000");
        try (BrokerCluster cluster = BrokerCluster.start("mqtt-standstill", 3, settings);
                Admin admin = Admin.create(Map.of("bootstrap.servers", cluster.bootstrap()))) {
            MqttClients.connected(cluster.node(1), "first").disconnect();
            KafkaClients.createTopic(cluster.bootstrap(), TOPIC, 1, Map.of());
            cluster.awaitInSync(admin, List.of(TOPIC));
            int victim = cluster.leaderOf(admin, TOPIC, 0);
            int other = victim % 3 + 1;
            String id = idAtHome(cluster, admin, other);
            Mqtt5AsyncClient publisher = MqttClients.reconnecting(cluster.node(other), id);
            MqttClients.connectForAnHour(publisher);
            Thread publishing = new Thread(() -> publish(publisher), "publishing");
            publishing.start();
            Await.until("some are acknowledged", () -> acknowledged.get() > BEFORE);
            cluster.store(victim).pause();
            int then = acknowledged.get() + WINDOW;
            Await.until("it goes on", Duration.ofSeconds(40), () -> acknowledged.get() > then + AFTER);
            cluster.store(victim).goOn();
            stops = true;
            publishing.join();
            assertThat(window.tryAcquire(WINDOW, 40, TimeUnit.SECONDS)).isTrue();
            System.out.println("longest wait between acknowledgements " + longestWaitMs() + " ms");
            cluster.awaitInSync(admin, List.of(TOPIC));
            assertThat(KafkaClients.readAll(cluster.bootstrap(), TOPIC).get(0))
                    .extracting(each -> each.value())
                    .containsExactlyElementsOf(IntStream.range(0, acknowledged.get())
                            .mapToObj(Integer::toString)
                            .toList());
        }
    }

    private static String idAtHome(BrokerCluster cluster, Admin admin, int node) {
        return IntStream.range(0, 10_000)
                .mapToObj(i -> "publisher-" + i)
                .filter(each -> cluster.coordinatorOf(admin, "__mqtt_sessions", each) == node)
                .findFirst()
                .orElseThrow();
    }

    private void publish(Mqtt5AsyncClient publisher) {
        for (int i = 0; !stops; i++) {
            window.acquireUninterruptibly();
            var unused = publisher
                    .publishWith()
                    .topic(TOPIC + "/t")
                    .qos(MqttQos.AT_LEAST_ONCE)
                    .payload(MqttClients.bytes(Integer.toString(i)))
                    .send()
                    .thenRun(() -> {
                        acknowledgedAt.add(System.nanoTime());
                        acknowledged.incrementAndGet();
                        window.release();
                    });
        }
    }

    private long longestWaitMs() {
        long longest = 0;
        long last = 0;
        for (long at : acknowledgedAt) {
            longest = last == 0 ? 0 : Math.max(longest, at - last);
            last = at;
        }
        return Duration.ofNanos(longest).toMillis();
    }
}
