package io.robustmq.e2e;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5PublishResult;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** An MQTT client that publishes numbered payloads at QoS 1 until it is closed, reconnects by itself, and remembers what was acknowledged. */
final class QosOneLoad implements AutoCloseable {
    private static final int DEVICES = 4;
    private static final int WINDOW = 32;

    private final Mqtt5AsyncClient client;
    private final String topic;
    private final Semaphore window = new Semaphore(WINDOW);
    private final Queue<Acknowledged> acknowledged = new ConcurrentLinkedQueue<>();
    private final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
    private final AtomicInteger acknowledgedCount = new AtomicInteger();
    private final Thread thread = new Thread(this::run, "QoS 1 load");
    private volatile boolean stopped;

    record Acknowledged(String key, String value) {}

    QosOneLoad(BrokerProcess broker, String topic) {
        this.topic = topic;
        client = MqttClients.reconnecting(broker, "crash-load");
        KafkaClients.answer(client.connectWith()
                .cleanStart(true)
                .sessionExpiryInterval(3600)
                .send());
        thread.start();
    }

    private void run() {
        for (int i = 0; !stopped; i++) {
            String key = "dev" + i % DEVICES;
            String value = Integer.toString(i / DEVICES);
            window.acquireUninterruptibly();
            var unused = client.publishWith()
                    .topic(topic + "/" + key)
                    .qos(MqttQos.AT_LEAST_ONCE)
                    .payload(MqttClients.bytes(value))
                    .send()
                    .whenComplete((result, failure) -> completed(key, value, result, failure));
        }
    }

    private void completed(String key, String value, @Nullable Mqtt5PublishResult result, @Nullable Throwable failure) {
        window.release();
        if (result != null && result.getError().isEmpty()) {
            acknowledged.add(new Acknowledged(key, value));
            acknowledgedCount.incrementAndGet();
        } else if (result != null) {
            failures.add(result.getError().get());
        } else if (failure != null) {
            failures.add(failure);
        }
    }

    int acknowledgedCount() {
        return acknowledgedCount.get();
    }

    List<Acknowledged> acknowledged() {
        return List.copyOf(acknowledged);
    }

    List<Throwable> failures() {
        return List.copyOf(failures);
    }

    /** Stops publishing and waits for the answer to everything published. */
    @Override
    public void close() {
        stopped = true;
        try {
            thread.join(TimeUnit.SECONDS.toMillis(60));
            if (!window.tryAcquire(WINDOW, 60, TimeUnit.SECONDS)) {
                throw new AssertionError("publishes without an answer: " + (WINDOW - window.availablePermits()));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        KafkaClients.answer(client.disconnect());
    }
}
