package io.robustmq.e2e.nemesis.load;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5PublishResult;
import io.robustmq.e2e.nemesis.history.Event.Acknowledged;
import io.robustmq.e2e.nemesis.history.Event.Item;
import io.robustmq.e2e.nemesis.history.Event.Position;
import io.robustmq.e2e.nemesis.history.Event.Sent;
import io.robustmq.e2e.nemesis.history.Event.Unanswered;
import io.robustmq.e2e.nemesis.history.History;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A device with a session publishes numbered values of QoS 1 or 2. */
public final class MqttPublishLoad extends Worker {
    private static final int WINDOW = 16;
    private static final int PACE_MS = 10;
    private static final int PATIENCE_SECONDS = 120;

    private final History history;
    private final MqttNodes nodes;
    private final String topic;
    private final MqttQos qos;
    private final Semaphore window = new Semaphore(WINDOW);

    public MqttPublishLoad(History history, MqttNodes nodes, String topic, MqttQos qos) {
        super("publisher of QoS " + qos.getCode());
        this.history = history;
        this.nodes = nodes;
        this.topic = topic;
        this.qos = qos;
        begin();
    }

    @Override
    void run() {
        Mqtt5AsyncClient client = nodes.connected("publisher-" + topic);
        for (long number = 0; !isStopped(); number++) {
            window.acquireUninterruptibly();
            var item = new Item("device", number);
            long began = history.now();
            history.add(new Sent(began, topic, item));
            var unused = client.publishWith()
                    .topic(topic + "/device")
                    .qos(qos)
                    .payload(item.text().getBytes(StandardCharsets.UTF_8))
                    .send()
                    .whenComplete((result, failure) -> completed(item, began, result, failure));
            rest(PACE_MS);
        }
        awaitAnswers();
        client.disconnect().join();
    }

    private void completed(Item item, long began, @Nullable Mqtt5PublishResult result, @Nullable Throwable failure) {
        window.release();
        long now = history.now();
        if (result != null && result.getError().isEmpty()) {
            history.add(new Acknowledged(now, now - began, topic, item, Position.UNKNOWN));
            progressed();
        } else {
            String reason = result == null
                    ? String.valueOf(failure)
                    : result.getError().get().toString();
            history.add(new Unanswered(now, topic, item, reason));
        }
    }

    private void awaitAnswers() {
        try {
            if (!window.tryAcquire(WINDOW, PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                throw new AssertionError(name() + ": publishes without an answer");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
