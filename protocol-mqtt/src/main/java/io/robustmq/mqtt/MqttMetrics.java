package io.robustmq.mqtt;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/** What the MQTT side counts. Thread-safe. */
public final class MqttMetrics {
    /** Why a subscriber did not get a message. */
    public enum Drop {
        /** The session was behind by as much as it may. */
        QUEUE_FULL("queue-full"),
        /** Larger than the client takes. */
        TOO_LARGE("too-large"),
        /** Its time was over before the client took it. */
        EXPIRED("expired"),
        /** Deleted from the log before the client took it. */
        DELETED("deleted"),
        /** QoS 0, and nobody was there to take it. */
        NOBODY("nobody");

        private final String label;

        Drop(String label) {
            this.label = label;
        }
    }

    private final AtomicInteger connections;
    private final AtomicInteger sessions;
    private final AtomicInteger clients = new AtomicInteger();
    private final AtomicInteger clientsMost = new AtomicInteger();
    private final LongAdder connects = new LongAdder();
    private final Counter receivedBytes;
    private final Counter received;
    private final Counter sent;
    private final Map<Drop, Counter> dropped = new EnumMap<>(Drop.class);
    private final Counter malformed;
    private final Counter slowed;
    private final Counter notRetained;
    private final Counter refused;
    private final Counter failedHandshakes;

    public MqttMetrics(MeterRegistry registry) {
        connections = registry.gauge("robustmq.mqtt.connections", new AtomicInteger());
        sessions = registry.gauge("robustmq.mqtt.sessions", new AtomicInteger());
        received = counter(registry, "robustmq.mqtt.messages.received", "Messages that clients published");
        receivedBytes = counter(
                registry, "robustmq.mqtt.messages.received.bytes", "Payload bytes of messages that clients published");
        sent = counter(
                registry, "robustmq.mqtt.messages.sent", "Messages sent to subscribers, repetitions not counted");
        for (Drop reason : Drop.values()) {
            dropped.put(
                    reason,
                    Counter.builder("robustmq.mqtt.messages.dropped")
                            .description("Messages that a subscriber did not get, by reason")
                            .tag("reason", reason.label)
                            .register(registry));
        }
        malformed = counter(registry, "robustmq.mqtt.packets.malformed", "Connections ended for what they sent");
        slowed = counter(registry, "robustmq.mqtt.connections.slowed", "Pauses of reading for rate limits");
        notRetained = counter(
                registry, "robustmq.mqtt.retained.refused", "Messages that were not retained, for want of room");
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

    /** A client was accepted. */
    public void clientConnected() {
        connects.increment();
        clientsMost.accumulateAndGet(clients.incrementAndGet(), Math::max);
    }

    public void clientGone() {
        clients.decrementAndGet();
    }

    public int clients() {
        return clients.get();
    }

    /** The most clients at once. */
    public int clientsMost() {
        return clientsMost.get();
    }

    /** Clients that were accepted. */
    public long connects() {
        return connects.sum();
    }

    public double messagesReceived() {
        return received.count();
    }

    public double bytesReceived() {
        return receivedBytes.count();
    }

    public double messagesSent() {
        return sent.count();
    }

    public double messagesDropped() {
        return dropped.values().stream().mapToDouble(Counter::count).sum();
    }

    /** One message with a payload of so many bytes. */
    public void received(int bytes) {
        received.increment();
        receivedBytes.increment(bytes);
    }

    public void sent(int count) {
        sent.increment(count);
    }

    public void dropped(Drop reason, int count) {
        Counter counter = dropped.get(reason);
        if (count > 0 && counter != null) {
            counter.increment(count);
        }
    }

    /** A connection sent more than it may in its time, and is not read for a while. */
    public void slowed() {
        slowed.increment();
    }

    /** A message was to be retained, and there is no room. */
    public void notRetained() {
        notRetained.increment();
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
