package io.robustmq.e2e.nemesis.load;

import io.robustmq.e2e.BrokerProcess;
import io.robustmq.e2e.KafkaWire;
import io.robustmq.e2e.nemesis.history.Event.Led;
import io.robustmq.e2e.nemesis.history.History;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.message.MetadataResponseData;

/** Asks one node, on a connection of its own, who leads what in which epoch; writes down what is new. */
public final class LeaderWatch extends Worker {
    private static final int PACE_MS = 250;

    private final History history;
    private final BrokerProcess node;
    private final int id;
    private final Map<String, Led> known = new HashMap<>();

    public LeaderWatch(History history, BrokerProcess node, int id) {
        super("watch of node " + id);
        this.history = history;
        this.node = node;
        this.id = id;
        begin();
    }

    @Override
    void run() {
        while (!isStopped()) {
            try (var wire = new KafkaWire(node)) {
                while (!isStopped()) {
                    note(wire.metadata());
                    progressed();
                    rest(PACE_MS);
                }
            } catch (UncheckedIOException dead) {
                rest(PACE_MS);
            }
        }
    }

    private void note(MetadataResponseData metadata) {
        metadata.topics().forEach(topic -> topic.partitions().forEach(partition -> {
            String name = topic.name() + "-" + partition.partitionIndex();
            var led = new Led(history.now(), id, name, partition.leaderEpoch(), partition.leaderId());
            Led before = known.put(name, led);
            if (before == null || before.epoch() != led.epoch() || before.leader() != led.leader()) {
                history.add(led);
            }
        }));
    }
}
