package io.robustmq.kafka;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.robustmq.core.deadletter.DeadLetterWriter;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.apache.kafka.common.protocol.ApiKeys;

/** The metrics of the Kafka listener. Thread-safe. */
public final class KafkaMetrics {
    private final MeterRegistry registry;
    private final AtomicReferenceArray<Timer> requests = new AtomicReferenceArray<>(128);
    private final AtomicInteger connections = new AtomicInteger();
    private final AtomicInteger fetchSessions = new AtomicInteger();
    private final AtomicInteger shareSessions = new AtomicInteger();
    private final Counter requestBytes;
    private final Counter responseBytes;
    private final Counter connectionsRefused;
    private final Counter acceptsPaused;
    private final Counter malformedRequests;
    private final Counter fetchSessionsRefused;
    private final Counter shareSessionsRefused;
    private final Counter unauthenticatedRequests;
    private final Counter failedHandshakes;
    private final Counter connectionsMuted;

    public KafkaMetrics(MeterRegistry registry) {
        this.registry = registry;
        this.requestBytes = counter("robustmq.kafka.request.bytes", "Request bytes received");
        this.responseBytes = counter("robustmq.kafka.response.bytes", "Response bytes handed to the socket");
        this.connectionsRefused =
                counter("robustmq.kafka.connections.refused", "Connections closed because of kafka.connections.max");
        this.acceptsPaused = counter(
                "robustmq.kafka.accepts.paused", "Pauses of accepting because of kafka.connections.per.second.max");
        this.malformedRequests =
                counter("robustmq.kafka.requests.malformed", "Connections closed because of an unreadable request");
        this.fetchSessionsRefused =
                counter("robustmq.kafka.fetch.sessions.refused", "Fetches that asked for a session and got none");
        this.shareSessionsRefused =
                counter("robustmq.kafka.share.sessions.refused", "Members of share groups that got no session");
        this.failedHandshakes = counter("robustmq.kafka.tls.handshakes.failed", "TLS handshakes that failed");
        this.unauthenticatedRequests = counter(
                "robustmq.kafka.requests.unauthenticated", "Connections closed because they had to log in first");
        this.connectionsMuted = counter(
                "robustmq.kafka.connections.muted", "Times a connection was read no further because of a quota");
        Gauge.builder("robustmq.kafka.connections", connections, AtomicInteger::get)
                .description("Open connections")
                .register(registry);
        Gauge.builder("robustmq.kafka.fetch.sessions", fetchSessions, AtomicInteger::get)
                .description("Incremental fetch sessions")
                .register(registry);
        Gauge.builder("robustmq.kafka.share.sessions", shareSessions, AtomicInteger::get)
                .description("Sessions of members of share groups")
                .register(registry);
    }

    /** What these have written is told from now on. */
    public void watch(DeadLetterWriter deadLetters) {
        FunctionCounter.builder("robustmq.kafka.share.dead.letters", deadLetters, DeadLetterWriter::written)
                .description("Records that share groups gave up and that are in a dead letter queue")
                .register(registry);
        FunctionCounter.builder("robustmq.kafka.share.dead.letters.lost", deadLetters, DeadLetterWriter::lost)
                .description("Records that share groups with a dead letter queue gave up and that could not be written")
                .register(registry);
    }

    /** From the decoded frame to the answer handed to the socket. */
    public void requestDone(ApiKeys api, long nanos, int responseSizeInBytes) {
        timer(api).record(nanos, TimeUnit.NANOSECONDS);
        responseBytes.increment(responseSizeInBytes);
    }

    public void requestReceived(int sizeInBytes) {
        requestBytes.increment(sizeInBytes);
    }

    public void requestMalformed() {
        malformedRequests.increment();
    }

    public int connections() {
        return connections.get();
    }

    public void connectionOpened() {
        connections.incrementAndGet();
    }

    public void connectionClosed() {
        connections.decrementAndGet();
    }

    public void connectionRefused() {
        connectionsRefused.increment();
    }

    public void acceptPaused() {
        acceptsPaused.increment();
    }

    public void fetchSessionCount(int count) {
        fetchSessions.set(count);
    }

    public void fetchSessionRefused() {
        fetchSessionsRefused.increment();
    }

    public void shareSessionCount(int count) {
        shareSessions.set(count);
    }

    public void shareSessionRefused() {
        shareSessionsRefused.increment();
    }

    public void handshakeFailed() {
        failedHandshakes.increment();
    }

    public void requestUnauthenticated() {
        unauthenticatedRequests.increment();
    }

    /** A client is over a quota. */
    public void connectionMuted() {
        connectionsMuted.increment();
    }

    private Timer timer(ApiKeys api) {
        Timer timer = requests.get(api.id);
        if (timer == null) {
            timer = Timer.builder("robustmq.kafka.request")
                    .description("Time from a request's arrival to its answer")
                    .tag("api", api.name)
                    .register(registry);
            requests.set(api.id, timer);
        }
        return timer;
    }

    private Counter counter(String name, String help) {
        return Counter.builder(name).description(help).register(registry);
    }
}
