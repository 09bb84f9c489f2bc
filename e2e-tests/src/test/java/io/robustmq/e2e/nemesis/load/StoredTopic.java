package io.robustmq.e2e.nemesis.load;

import io.robustmq.e2e.Await;
import io.robustmq.e2e.KafkaClients;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;

/** A topic of which only what is newest is on the nodes' disks, and how far it is in the object store. */
public final class StoredTopic {
    public static final String NAME = "stored";

    static final Map<String, String> CONFIGS = Map.of(
            "min.insync.replicas", "2",
            "remote.storage.enable", "true",
            "segment.bytes", "16384",
            "local.retention.bytes", "0");

    private static final Duration PATIENCE = Duration.ofSeconds(90);

    private StoredTopic() {}

    /** How many records are in the store, all partitions together. */
    public static long stored(Admin admin) {
        return offsets(admin, OffsetSpec.latestTiered()).values().stream()
                .mapToLong(last -> last + 1)
                .sum();
    }

    /** Something goes to the store that is not there by now. */
    public static void awaitMore(Admin admin, long before) {
        Await.until("segments are stored again", PATIENCE, () -> stored(admin) > before);
    }

    /** Each partition has something in the store, and nothing of that is on its leader's disk any more; what that is. */
    public static String awaitMoved(Admin admin) {
        return Await.get("what is stored left the disks", PATIENCE, () -> {
            Map<TopicPartition, Long> stored = offsets(admin, OffsetSpec.latestTiered());
            Map<TopicPartition, Long> local = offsets(admin, OffsetSpec.earliestLocal());
            Map<TopicPartition, Long> ends = offsets(admin, OffsetSpec.latest());
            boolean isMoved = stored.entrySet().stream()
                    .allMatch(each -> each.getValue() > 0 && local.get(each.getKey()) == each.getValue() + 1);
            Map<String, String> shown = new TreeMap<>();
            ends.forEach(
                    (partition, end) -> shown.put(partition.toString(), (stored.get(partition) + 1) + " of " + end));
            return isMoved ? Optional.of("records in the object store alone: " + shown) : Optional.empty();
        });
    }

    private static Map<TopicPartition, Long> offsets(Admin admin, OffsetSpec spec) {
        Map<TopicPartition, OffsetSpec> asked = new HashMap<>();
        for (int partition = 0; partition < Workloads.PARTITIONS; partition++) {
            asked.put(new TopicPartition(NAME, partition), spec);
        }
        Map<TopicPartition, Long> offsets = new HashMap<>();
        KafkaClients.answer(admin.listOffsets(asked).all())
                .forEach((partition, found) -> offsets.put(partition, found.offset()));
        return offsets;
    }
}
