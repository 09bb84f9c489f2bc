package io.robustmq.server.node;

import io.robustmq.kafka.server.KafkaServer;
import io.robustmq.mqtt.server.MqttServer;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns clients away from a node that has not heard of the metadata for longer than its session lasts: others lead what it
 * led, and who asks it alone would never learn so. Not where no leader is known to anybody, which is no fault of this node.
 * Owned by one loop.
 */
final class ClientsGate {
    private static final Logger log = LoggerFactory.getLogger(ClientsGate.class);

    private final int nodeId;
    private final long sessionTimeoutMs;
    private final List<Clients> clients;
    private boolean deaf;
    private long deafSinceNanos;
    private boolean closed;

    /** Of one protocol. Called in the gate's loop, does not block. */
    interface Clients {
        /** Ends all connections, and refuses new ones. */
        void turnAway();

        void letIn();

        static Clients of(Runnable turnAway, Runnable letIn) {
            return new Clients() {
                @Override
                public void turnAway() {
                    turnAway.run();
                }

                @Override
                public void letIn() {
                    letIn.run();
                }
            };
        }
    }

    /** @param mqtt null where the node does not speak it */
    static List<Clients> clientsOf(KafkaServer kafka, @Nullable MqttServer mqtt) {
        Clients ofKafka = Clients.of(kafka::turnAway, kafka::letIn);
        return mqtt == null ? List.of(ofKafka) : List.of(ofKafka, Clients.of(mqtt::turnAway, mqtt::letIn));
    }

    ClientsGate(int nodeId, long sessionTimeoutMs, List<Clients> clients) {
        this.nodeId = nodeId;
        this.sessionTimeoutMs = sessionTimeoutMs;
        this.clients = List.copyOf(clients);
    }

    /**
     * Called several times in a session.
     *
     * @param hears whether the metadata runs here, if only for an attempt
     * @param knowsLeader whether it has come as far as to know who leads it
     */
    void check(boolean hears, boolean knowsLeader, long nowNanos) {
        if (hears) {
            deaf = false;
            if (knowsLeader) {
                open();
            }
        } else if (!deaf) {
            deaf = true;
            deafSinceNanos = nowNanos;
        } else if (nowNanos - deafSinceNanos > TimeUnit.MILLISECONDS.toNanos(sessionTimeoutMs)) {
            close();
        }
    }

    private void close() {
        if (!closed) {
            closed = true;
            log.error("node={} action=turn clients away reason=\"it hears nothing of the metadata\"", nodeId);
            clients.forEach(Clients::turnAway);
        }
    }

    private void open() {
        if (closed) {
            closed = false;
            log.info("node={} action=let clients in again", nodeId);
            clients.forEach(Clients::letIn);
        }
    }
}
