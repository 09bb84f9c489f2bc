package io.robustmq.meta.machine;

import io.robustmq.core.config.TopicSettings;
import io.robustmq.core.coordinator.Decision;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.meta.ConfigScope;
import io.robustmq.core.meta.MetaCommand.AlterConfigs;
import io.robustmq.core.meta.MetaCommand.ConfigChange;
import io.robustmq.core.meta.MetaReply;
import io.robustmq.core.meta.PartitionImage;
import io.robustmq.core.meta.TopicImage;
import io.robustmq.meta.fact.MetaFact;
import io.robustmq.meta.fact.MetaFact.ConfigChanged;
import io.robustmq.meta.fact.MetaFact.PartitionPlaced;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;

/**
 * Dynamic configuration. A topic's is checked as a whole; what nodes and groups are given was checked by whoever knows its
 * keys. Owned by the meta thread.
 */
final class ConfigMachine {
    private final MetaState state;
    private final int scopesMax;
    private final String store;

    /** @param store of topics' segments, as in {@link TopicDefaults} */
    ConfigMachine(MetaState state, int scopesMax, String store) {
        this.state = state;
        this.scopesMax = scopesMax;
        this.store = store;
    }

    Decision<MetaFact, MetaReply> alter(AlterConfigs command) {
        return command.scope().kind() == ConfigScope.Kind.TOPIC ? alterTopic(command) : alterOther(command);
    }

    private Decision<MetaFact, MetaReply> alterTopic(AlterConfigs command) {
        String name = command.scope().name();
        TopicImage topic = state.topic(name);
        if (topic == null) {
            return Answers.refuse(BrokerError.UNKNOWN_TOPIC_OR_PARTITION, "no topic " + name);
        }
        Map<String, String> changed = changed(topic.configs(), command.changes());
        try {
            TopicSettings wanted = TopicSettings.of(changed);
            TopicSettings before = TopicSettings.of(topic.configs());
            if (!wanted.storage().equals(before.storage())) {
                return Answers.refuse(
                        BrokerError.INVALID_CONFIG,
                        "storage=" + wanted.storage() + ": cannot be changed after creation");
            }
            String untierable = Tiering.refusal(name, before, wanted, store, state);
            if (!untierable.isEmpty()) {
                return Answers.refuse(BrokerError.INVALID_CONFIG, untierable);
            }
        } catch (IllegalArgumentException e) {
            return Answers.refuse(BrokerError.INVALID_CONFIG, String.valueOf(e.getMessage()));
        }
        List<MetaFact> facts = facts(command.scope(), topic.configs(), changed);
        int wantedInSync = Succession.wantedInSync(changed);
        if (wantedInSync < Succession.wantedInSync(topic.configs())) {
            facts.addAll(noLongerEligible(topic, wantedInSync));
        }
        return Answers.done(facts, command.validateOnly());
    }

    /** When fewer in sync are enough, what is committed grows, and who is only eligible will not have it. */
    private static List<MetaFact> noLongerEligible(TopicImage topic, int wantedInSync) {
        List<MetaFact> facts = new ArrayList<>();
        for (PartitionImage partition : topic.partitions()) {
            boolean enough = partition.isr().size() >= partition.minInSync(wantedInSync);
            if (enough && !partition.elr().isEmpty()) {
                PartitionImage next =
                        partition.next(partition.leader(), partition.isr(), List.of(), partition.lastLeader());
                facts.add(new PartitionPlaced(topic.id(), next));
            }
        }
        return facts;
    }

    private Decision<MetaFact, MetaReply> alterOther(AlterConfigs command) {
        Map<String, String> present = state.configs(command.scope());
        Map<String, String> changed = changed(present, command.changes());
        if (present.isEmpty() && !changed.isEmpty() && state.configScopes() >= scopesMax) {
            return Answers.refuse(
                    BrokerError.POLICY_VIOLATION, scopesMax + " nodes and groups have a configuration already");
        }
        return Answers.done(facts(command.scope(), present, changed), command.validateOnly());
    }

    private static Map<String, String> changed(Map<String, String> present, List<ConfigChange> changes) {
        Map<String, String> configs = new HashMap<>(present);
        for (ConfigChange change : changes) {
            String value = change.value();
            if (value == null) {
                configs.remove(change.key());
            } else {
                configs.put(change.key(), value);
            }
        }
        return configs;
    }

    /** Only what differs, in the order of the keys. */
    private static List<MetaFact> facts(ConfigScope scope, Map<String, String> before, Map<String, String> after) {
        TreeSet<String> keys = new TreeSet<>(before.keySet());
        keys.addAll(after.keySet());
        List<MetaFact> facts = new ArrayList<>();
        for (String key : keys) {
            String value = after.get(key);
            if (!Objects.equals(value, before.get(key))) {
                facts.add(new ConfigChanged(scope, key, value));
            }
        }
        return facts;
    }
}
