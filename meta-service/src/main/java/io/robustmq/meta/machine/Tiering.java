package io.robustmq.meta.machine;

import io.robustmq.core.config.TopicSettings;
import io.robustmq.core.meta.ClusterLevel;
import io.robustmq.core.model.TopicName;
import io.robustmq.core.tier.TierConfig;

/** When a topic may have its segments in the object store. Stateless. */
final class Tiering {
    private Tiering() {}

    /** Why not, as Kafka says it; empty when nothing stands against it. */
    static String refusal(String topic, TopicSettings wanted, String store, MetaState state) {
        if (!wanted.tiering().stores()) {
            return needsLevel(wanted, state);
        }
        if (TopicName.isInternal(topic)) {
            return "storage=" + wanted.storage() + ", remote.storage.enable: not for topics of the broker itself";
        }
        if (wanted.isHome()) {
            return homeRefusal(wanted, store, state);
        }
        if (store.equals(TierConfig.NO_STORE)) {
            return "Tiered Storage functionality is disabled in the broker. Topic cannot be configured with remote log"
                    + " storage.";
        }
        return needsLevel(wanted, state);
    }

    private static String homeRefusal(TopicSettings wanted, String store, MetaState state) {
        String home = "storage=" + wanted.storage();
        if (!wanted.storage().equals(store)) {
            return home + ": the cluster's object store is " + TierConfig.STORE.name() + "=" + store;
        }
        return levelRefusal(home, ClusterLevel.RECORDS_IN_STORE, state);
    }

    /** Nodes of an older version do not know these keys. */
    private static String needsLevel(TopicSettings wanted, MetaState state) {
        TopicSettings.Tiering tiering = wanted.tiering();
        boolean asks = tiering.stores() || !tiering.copies() || tiering.deletesWhenDisabled();
        return asks ? levelRefusal("remote.storage.enable, remote.log.*", ClusterLevel.TIERED_STORAGE, state) : "";
    }

    private static String levelRefusal(String what, int needed, MetaState state) {
        int level = ClusterLevel.finalized(state.configs(ClusterLevel.SCOPE));
        return level >= needed ? "" : what + ": the cluster is at level " + level + ", and needs " + needed;
    }

    /** The same for a topic that is there. */
    static String refusal(String topic, TopicSettings before, TopicSettings wanted, String store, MetaState state) {
        boolean takesBack = before.tiering().stores() && !wanted.tiering().stores();
        if (takesBack && !wanted.tiering().deletesWhenDisabled()) {
            return "It is invalid to disable remote storage without deleting remote data. If you want to keep the remote"
                    + " data and turn to read only, please set `remote.storage.enable=true,remote.log.copy.disable=true`."
                    + " If you want to disable remote storage and delete all remote data, please set"
                    + " `remote.storage.enable=false,remote.log.delete.on.disable=true`.";
        }
        return before.tiering().stores() ? "" : refusal(topic, wanted, store, state);
    }
}
