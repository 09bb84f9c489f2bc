package io.robustmq.e2e;

import static io.robustmq.e2e.MqttClients.bytes;
import static io.robustmq.e2e.MqttClients.text;
import static org.assertj.core.api.Assertions.assertThat;

import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5PublishResult;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** QoS 2 from one client to another, both with sessions, while the broker is killed under way. */
class MqttExactlyOnceIT {
    private static final int KILLS = Boolean.getBoolean("robustmq.full") ? 10 : 1;
    private static final int MESSAGES = Boolean.getBoolean("robustmq.full") ? 10_000 : 200;

    @Test
    void everyMessageArrivesOnceAndInOrderAcrossKillsOfTheBroker() {
        try (BrokerProcess broker = BrokerProcess.named("exactly-once").start()) {
            var received = new ConcurrentLinkedQueue<String>();
            Mqtt5AsyncClient subscriber = MqttClients.reconnecting(broker, "once-subscriber");
            subscriber.publishes(MqttGlobalPublishFilter.ALL, publish -> received.add(text(publish)));
            MqttClients.connectForAnHour(subscriber);
            subscriber
                    .subscribeWith()
                    .topicFilter("once/#")
                    .qos(MqttQos.EXACTLY_ONCE)
                    .send()
                    .join();
            Mqtt5AsyncClient publisher = MqttClients.reconnecting(broker, "once-publisher");
            MqttClients.connectForAnHour(publisher);

            List<CompletableFuture<Mqtt5PublishResult>> sent = new ArrayList<>();
            for (int part = 0; part <= KILLS; part++) {
                int until = MESSAGES * (part + 1) / (KILLS + 1);
                for (int i = sent.size(); i < until; i++) {
                    sent.add(publisher
                            .publishWith()
                            .topic("once/t")
                            .qos(MqttQos.EXACTLY_ONCE)
                            .payload(bytes(Integer.toString(i)))
                            .send());
                }
                int some = until - MESSAGES / (KILLS + 1) / 2;
                Await.until(
                        "some of part " + part + " have arrived",
                        Duration.ofSeconds(60),
                        () -> received.size() >= some);
                if (part < KILLS) {
                    broker.kill9();
                    broker.start();
                }
            }
            CompletableFuture.allOf(sent.toArray(CompletableFuture[]::new))
                    .orTimeout(60, TimeUnit.SECONDS)
                    .join();
            Await.until("all have arrived", Duration.ofSeconds(60), () -> received.size() >= MESSAGES);
            assertThat(received)
                    .containsExactlyElementsOf(IntStream.range(0, MESSAGES)
                            .mapToObj(Integer::toString)
                            .toList());
            publisher.disconnect().join();
            subscriber.disconnect().join();
        }
    }
}
