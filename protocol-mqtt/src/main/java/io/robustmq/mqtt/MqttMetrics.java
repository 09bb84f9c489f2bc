package io.robustmq.mqtt;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.concurrent.atomic.AtomicInteger;

/** What the MQTT side counts. Thread-safe. */
public final class MqttMetrics {
    private final AtomicInteger connections;
    private final AtomicInteger sessions;
    private final Counter received;
    private final Counter sent;
    private final Counter dropped;
    private final Counter malformed;
    private final Counter refused;
    private final Counter failedHandshakes;

    public MqttMetrics(MeterRegistry registry) {
        connections = registry.gauge("robustmq.mqtt.connections", new AtomicInteger());
        sessions = registry.gauge("robustmq.mqtt.sessions", new AtomicInteger());
        received = counter(registry, "robustmq.mqtt.messages.received", "Messages that clients published");
        sent = counter(
                registry, "robustmq.mqtt.messages.sent", "Messages sent to subscribers, repetitions not counted");
        dropped = counter(
                registry,
                "robustmq.mqtt.messages.dropped",
                "Messages a subscriber did not get: queue full, too large for it, or deleted from the log before it read");
        malformed = counter(registry, "robustmq.mqtt.packets.malformed", "Connections ended for what they sent");
        refused = counter(registry, "robustmq.mqtt.connects.refused", "Connections refused");
        failedHandshakes = counter(registry, "robustmq.mqtt.tls.handshakes.failed", "TLS handshakes that failed");
    }

    private static Counter counter(MeterRegistry registry, String name, String help) {
        return Counter.builder(name).description(help).register(registry);
    }

    public int connectionOpened() {
        return connections.incrementAndGet();
    }

    public void connectionClosed() {
        connections.decrementAndGet();
    }

    public void sessions(int count) {
        sessions.set(count);
    }

    public void received(int count) {
        received.increment(count);
    }

    public void sent(int count) {
        sent.increment(count);
    }

    public void dropped(int count) {
        if (count > 0) {
            dropped.increment(count);
        }
    }

    public void malformed() {
        malformed.increment();
    }

    public void handshakeFailed() {
        failedHandshakes.increment();
    }

    public void refused() {
        refused.increment();
    }
}
