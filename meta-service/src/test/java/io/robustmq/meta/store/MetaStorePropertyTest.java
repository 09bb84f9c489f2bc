package io.robustmq.meta.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.core.meta.ConfigScope;
import io.robustmq.core.meta.FullReplicas;
import io.robustmq.core.meta.MetaCommand;
import io.robustmq.core.meta.MetaCommand.AllocateProducerIds;
import io.robustmq.core.meta.MetaCommand.AlterAcls;
import io.robustmq.core.meta.MetaCommand.AlterConfigs;
import io.robustmq.core.meta.MetaCommand.AlterUser;
import io.robustmq.core.meta.MetaCommand.ConfigChange;
import io.robustmq.core.meta.MetaCommand.CreatePartitions;
import io.robustmq.core.meta.MetaCommand.CreateTopic;
import io.robustmq.core.meta.MetaCommand.DeleteTopic;
import io.robustmq.core.meta.MetaCommand.FenceNode;
import io.robustmq.core.meta.MetaCommand.RegisterNode;
import io.robustmq.core.meta.MetaCommand.SetFull;
import io.robustmq.core.meta.MetaCommand.SetNodeState;
import io.robustmq.core.meta.MetaCommand.SetOffline;
import io.robustmq.core.meta.MetaCommand.UnregisterNode;
import io.robustmq.core.meta.MetaDelta;
import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.meta.NodeState;
import io.robustmq.core.meta.OfflineReplicas;
import io.robustmq.core.model.Partition;
import io.robustmq.core.model.TopicId;
import io.robustmq.core.security.AclBinding;
import io.robustmq.core.security.ResourceType;
import io.robustmq.core.security.ScramCredential;
import io.robustmq.core.security.ScramMechanism;
import io.robustmq.meta.fact.MetaFact;
import io.robustmq.meta.machine.MetaMachine;
import io.robustmq.meta.machine.MetaState;
import io.robustmq.meta.machine.TopicDefaults;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class MetaStorePropertyTest {
    private static final TopicDefaults DEFAULTS = new TopicDefaults(2, 2, 10);

    @Property(tries = 100)
    void theRowsLeadToTheImageThatTheFactsLedTo(@ForAll("histories") List<MetaCommand> commands) throws IOException {
        Path directory = Files.createTempDirectory("meta-store");
        try {
            MetaImage image = MetaImage.EMPTY;
            try (MetaStore store = MetaStore.open(directory.resolve("state"), null)) {
                long index = 0;
                for (MetaCommand command : commands) {
                    index++;
                    MetaMachine machine = new MetaMachine(image, DEFAULTS, 10);
                    List<MetaFact> facts =
                            machine.decide(command, new TopicId(index, index)).facts();
                    if (facts.isEmpty()) {
                        store.skip(1, index);
                        continue;
                    }
                    MetaState state = new MetaState(image);
                    facts.forEach(state::apply);
                    MetaImage next = state.toImage(index, -1);
                    assertThat(state.delta()).isEqualTo(difference(image, next));
                    image = next;
                    store.write(facts, 1, index);
                }
                assertThat(store.load()).isEqualTo(image);
                store.checkpoint(directory.resolve("checkpoint"));
            }
            try (MetaStore reopened = MetaStore.open(directory.resolve("state"), null)) {
                assertThat(reopened.load()).isEqualTo(image);
            }
            try (MetaStore restored = MetaStore.open(directory.resolve("restored"), directory.resolve("checkpoint"))) {
                assertThat(restored.load()).isEqualTo(image);
                assertThat(restored.applied().index()).isEqualTo(commands.isEmpty() ? -1 : commands.size());
            }
        } finally {
            StoreDirectory.delete(directory);
        }
    }

    /** What a delta must say, by comparing. Registering a node always makes a new incarnation. */
    private static MetaDelta difference(MetaImage before, MetaImage after) {
        Set<TopicId> topics = new HashSet<>(before.topicsById().keySet());
        topics.addAll(after.topicsById().keySet());
        topics.removeIf(id -> Objects.equals(before.topic(id), after.topic(id)));
        Set<Integer> nodes = new HashSet<>(before.nodes().keySet());
        nodes.addAll(after.nodes().keySet());
        nodes.removeIf(
                id -> Objects.equals(before.nodes().get(id), after.nodes().get(id)));
        List<Map<String, String>> changed = new ArrayList<>();
        List<ConfigScope> scopes = new ArrayList<>();
        scopes.add(ConfigScope.ALL_NODES);
        scopes.add(new ConfigScope(ConfigScope.Kind.NODE, "1"));
        // What goes with a node is not told by itself.
        for (int node : after.nodes().keySet()) {
            scopes.add(ConfigScope.nodeState(node));
            scopes.add(OfflineReplicas.scope(node));
            scopes.add(FullReplicas.scope(node));
        }
        for (ConfigScope scope : scopes) {
            if (!before.configs(scope).equals(after.configs(scope))) {
                changed.add(after.configs(scope));
            }
        }
        return new MetaDelta(
                topics, nodes, !changed.isEmpty(), !before.security().equals(after.security()));
    }

    private static Arbitrary<Set<AclBinding>> acls() {
        return Combinators.combine(Arbitraries.of(ResourceType.class), Arbitraries.of("u", "v"))
                .as(AclBinding::allowAll)
                .set()
                .ofMaxSize(4);
    }

    /** Of topics that one of the first commands may have created. */
    private static Arbitrary<Set<Partition>> partitions() {
        return Arbitraries.integers()
                .between(1, 6)
                .map(topic -> new Partition(new TopicId(topic, topic), 0))
                .set()
                .ofMaxSize(3);
    }

    private static ScramCredential credential(int iterations) {
        return new ScramCredential(new byte[] {1}, new byte[] {(byte) iterations}, new byte[] {3}, iterations);
    }

    @Provide
    Arbitrary<List<MetaCommand>> histories() {
        Arbitrary<Integer> nodes = Arbitraries.integers().between(1, 3);
        Arbitrary<String> names = Arbitraries.of("a", "b", "c.d", "c_d", "__mqtt_sessions");
        Arbitrary<Integer> small = Arbitraries.integers().between(1, 6);
        Arbitrary<String> values = Arbitraries.of("1", "2").injectNull(0.4);
        Arbitrary<ConfigScope> scopes = Arbitraries.of(
                ConfigScope.topic("a"),
                ConfigScope.topic("c.d"),
                ConfigScope.ALL_NODES,
                new ConfigScope(ConfigScope.Kind.NODE, "1"),
                new ConfigScope(ConfigScope.Kind.GROUP, "a"));
        Arbitrary<MetaCommand> commands = Arbitraries.oneOf(
                nodes.map(id -> new RegisterNode(id, "r", Map.of("kafka", ":" + id))),
                Combinators.combine(names, small, nodes)
                        .as((name, partitions, replication) -> new CreateTopic(
                                name, partitions, replication, List.of(), Map.of("segment.ms", "9"), -1, false)),
                Combinators.combine(nodes, Arbitraries.longs().between(1, 3)).as(FenceNode::new),
                Combinators.combine(nodes, partitions()).as((id, partitions) -> new SetOffline(id, 1, partitions)),
                Combinators.combine(nodes, partitions()).as((id, partitions) -> new SetFull(id, 1, partitions)),
                Combinators.combine(nodes, Arbitraries.of(NodeState.class))
                        .as((id, state) -> new SetNodeState(id, state, -1)),
                nodes.map(id -> new UnregisterNode(id, true)),
                names.map(DeleteTopic::new),
                Combinators.combine(names, small)
                        .as((name, total) -> new CreatePartitions(name, total, List.of(), false)),
                Combinators.combine(scopes, Arbitraries.of("retention.ms", "segment.ms"), values)
                        .as((scope, key, value) ->
                                new AlterConfigs(scope, List.of(new ConfigChange(key, value)), false)),
                nodes.map(id -> new AllocateProducerIds(id, 1)),
                Combinators.combine(
                                Arbitraries.of("u", "v", "ü"),
                                Arbitraries.of(ScramMechanism.class),
                                Arbitraries.integers().between(4096, 1 << 14),
                                Arbitraries.of(true, false))
                        .as((user, mechanism, iterations, removes) -> new AlterUser(
                                user,
                                removes ? Map.of() : Map.of(mechanism, credential(iterations)),
                                removes ? Set.of(mechanism) : Set.of(),
                                false)),
                Combinators.combine(acls(), acls()).as(AlterAcls::new));
        return commands.list().ofMaxSize(40);
    }
}
