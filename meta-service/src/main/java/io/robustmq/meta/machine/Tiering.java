package io.robustmq.meta.machine;

import io.robustmq.core.config.TopicSettings;
import io.robustmq.core.meta.ClusterLevel;
import io.robustmq.core.model.TopicName;

/** When a topic may have its segments in the object store. Stateless. */
final class Tiering {
    private Tiering() {}

    /** Why not, as Kafka says it; empty when nothing stands against it. */
    static String refusal(String topic, TopicSettings wanted, boolean hasStore, MetaState state) {
        if (!wanted.tiering().stores()) {
            return "";
        }
        if (TopicName.isInternal(topic)) {
            return "remote.storage.enable=true: not for topics of the broker itself";
        }
        if (!hasStore) {
            return "Tiered Storage functionality is disabled in the broker. Topic cannot be configured with remote log"
                    + " storage.";
        }
        int level = ClusterLevel.finalized(state.configs(ClusterLevel.SCOPE));
        return level >= ClusterLevel.TIERED_STORAGE
                ? ""
                : "remote.storage.enable=true: the cluster is at level " + level + ", and needs "
                        + ClusterLevel.TIERED_STORAGE;
    }

    /** The same for a topic that is there. */
    static String refusal(String topic, TopicSettings before, TopicSettings wanted, boolean hasStore, MetaState state) {
        if (before.tiering().stores() && !wanted.tiering().stores()) {
            return "It is invalid to disable remote storage without deleting remote data: that, and turning to read"
                    + " only, is not supported. Delete the topic instead.";
        }
        return before.tiering().stores() ? "" : refusal(topic, wanted, hasStore, state);
    }
}
