package io.robustmq.meta;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.robustmq.core.error.BrokerError;
import io.robustmq.core.error.BrokerException;
import io.robustmq.core.loop.Cancellable;
import io.robustmq.core.meta.ConfigScope;
import io.robustmq.core.meta.MetaCommand.AllocateProducerIds;
import io.robustmq.core.meta.MetaCommand.CreatePartitions;
import io.robustmq.core.meta.MetaCommand.CreateTopic;
import io.robustmq.core.meta.MetaCommand.DeleteTopic;
import io.robustmq.core.meta.MetaDelta;
import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.meta.MetaReply;
import io.robustmq.core.meta.TopicImage;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MetaServiceTest {
    @TempDir
    Path directory;

    private List<Integer> ports = List.of();

    @Test
    void aCreatedTopicIsInTheImageWhenTheReplyArrives() throws Exception {
        try (MetaNode node = MetaNode.start(directory)) {
            node.register();

            MetaReply.TopicCreated created = (MetaReply.TopicCreated)
                    node.ask(new CreateTopic("orders", 3, -1, List.of(), Map.of("retention.ms", "5"), -1, false));

            TopicImage topic = node.service.image().topic("orders");
            assertThat(topic).isNotNull();
            assertThat(topic.id()).isEqualTo(created.id());
            assertThat(topic.partitions()).hasSize(3).allSatisfy(p -> {
                assertThat(p.leader()).isEqualTo(1);
                assertThat(p.replicas()).containsExactly(1);
                assertThat(p.isr()).containsExactly(1);
            });
            assertThat(topic.configs()).containsExactly(Map.entry("retention.ms", "5"));
            assertThat(node.service.image().leaderNode()).isEqualTo(1);
        }
    }

    @Test
    void aRestartKeepsEverythingAndGivesTheNodeANewIncarnation() throws Exception {
        MetaImage before;
        try (MetaNode node = MetaNode.start(directory)) {
            assertThat(node.register()).isEqualTo(1);
            fill(node);
            before = node.service.image();
        }
        try (MetaNode node = MetaNode.start(directory)) {
            assertSameState(node.service.image(), before);
            assertThat(node.register()).isEqualTo(2);
            assertThat(node.ask(new AllocateProducerIds(1, 2))).isEqualTo(new MetaReply.ProducerIds(1000, 1000));
        }
    }

    @Test
    void aNodeThatWasKilledComesBackWithAllThatWasAcknowledged() throws Exception {
        Path copy = directory.resolve("copy");
        MetaImage before;
        try (MetaNode node = MetaNode.start(directory.resolve("live"))) {
            node.register();
            fill(node);
            before = node.service.image();
            Trees.copy(directory.resolve("live"), copy);
        }
        try (MetaNode node = MetaNode.start(copy)) {
            assertSameState(node.service.image(), before);
            assertThat(node.register()).isEqualTo(2);
            assertThat(node.ask(CreateTopic.withDefaults("later"))).isInstanceOf(MetaReply.TopicCreated.class);
        }
    }

    @Test
    void snapshotsCutTheLogAndLoseNothing() throws Exception {
        Map<String, String> config = Map.of("meta.port", "0", "meta.snapshot.entries", "10");
        Path copy = directory.resolve("copy");
        Path live = directory.resolve("live");
        MetaImage before;
        try (MetaNode node = MetaNode.start(live, config)) {
            node.register();
            for (int i = 0; i < 45; i++) {
                node.ask(CreateTopic.withDefaults("topic-" + i));
            }
            before = node.service.image();
            Trees.copy(live, copy);
        }
        assertThat(Trees.names(live)).anyMatch(name -> name.startsWith("snapshot."));
        try (MetaNode node = MetaNode.start(copy, config)) {
            assertSameState(node.service.image(), before);
        }
        Trees.delete(live.resolve("state"));
        try (MetaNode node = MetaNode.start(live, config)) {
            assertSameState(node.service.image(), before);
        }
    }

    @Test
    void concurrentCommandsAreDecidedOneAfterTheOther() throws Exception {
        try (MetaNode node = MetaNode.start(directory)) {
            long epoch = node.register();
            List<CompletableFuture<MetaReply>> blocks = new ArrayList<>();
            List<CompletableFuture<MetaReply>> creations = new ArrayList<>();
            List<Thread> threads = new ArrayList<>();
            for (int t = 0; t < 4; t++) {
                Thread thread = new Thread(() -> {
                    for (int i = 0; i < 50; i++) {
                        var block = node.service.submit(new AllocateProducerIds(1, epoch));
                        var creation = node.service.submit(CreateTopic.withDefaults("topic-" + i));
                        synchronized (blocks) {
                            blocks.add(block);
                            creations.add(creation);
                        }
                    }
                });
                threads.add(thread);
                thread.start();
            }
            for (Thread thread : threads) {
                thread.join();
            }
            Set<Long> firsts = new HashSet<>();
            for (var block : blocks) {
                firsts.add(((MetaReply.ProducerIds) block.get(30, TimeUnit.SECONDS)).first());
            }
            int created = 0;
            for (var creation : creations) {
                created += creation.get(30, TimeUnit.SECONDS) instanceof MetaReply.TopicCreated ? 1 : 0;
            }
            assertThat(firsts).hasSize(200);
            assertThat(created).isEqualTo(50);
            assertThat(node.service.image().topics()).hasSize(50);
            assertThat(node.meters.counter("robustmq.meta.entries").count()).isLessThan(400);
        }
    }

    @Test
    void aListenerSeesEveryChangeOnceAndInOrderThoughAnotherFails() throws Exception {
        try (MetaNode node = MetaNode.start(directory)) {
            node.register();
            node.ask(CreateTopic.withDefaults("first"));
            List<Set<String>> seen = new CopyOnWriteArrayList<>();
            List<MetaDelta> deltas = new CopyOnWriteArrayList<>();
            node.service.subscribe((delta, image) -> {
                throw new IllegalStateException("a listener that fails");
            });
            Cancellable subscription = node.service.subscribe((delta, image) -> {
                seen.add(Set.copyOf(image.topicsByName().keySet()));
                deltas.add(delta);
            });

            node.ask(CreateTopic.withDefaults("second"));
            assertThat(seen).containsExactly(Set.of("first"), Set.of("first", "second"));
            node.ask(new DeleteTopic("first"));
            assertThat(seen).hasSize(3).last().isEqualTo(Set.of("second"));
            assertThat(deltas.get(0).nodes()).containsExactly(1);
            assertThat(deltas.get(2).topics()).hasSize(1);

            subscription.cancel();
            node.ask(CreateTopic.withDefaults("third"));
            assertThat(seen).hasSize(3);
            assertThat(node.meters.counter("robustmq.meta.listener.failures").count())
                    .isGreaterThanOrEqualTo(4);
        }
    }

    @Test
    void moreCommandsThanMayWaitAreRefused() throws Exception {
        try (MetaNode node = MetaNode.start(directory, Map.of("meta.port", "0", "meta.pending.max", "1"))) {
            node.register();
            CompletableFuture<CompletableFuture<MetaReply>> second = new CompletableFuture<>();
            node.service.subscribe((delta, image) -> {
                if (image.topic("held") != null) {
                    second.complete(node.service.submit(CreateTopic.withDefaults("one-too-many")));
                }
            });
            node.ask(CreateTopic.withDefaults("held"));
            assertThatThrownBy(() -> second.get(30, TimeUnit.SECONDS).get(30, TimeUnit.SECONDS))
                    .isInstanceOf(ExecutionException.class)
                    .cause()
                    .isInstanceOfSatisfying(
                            BrokerException.class, e -> assertThat(e.error()).isEqualTo(BrokerError.OVERLOADED));
        }
    }

    @Test
    void aCommandWithoutAnOutcomeIsAnsweredInTime() throws Exception {
        ports = FreePorts.pick(2);
        try (MetaNode node = oneOfTwo(1)) {
            try (MetaNode other = oneOfTwo(2)) {
                MetaNode.startAll(List.of(node, other));
            }
            assertThatThrownBy(() -> node.register())
                    .cause()
                    .isInstanceOfSatisfying(
                            BrokerException.class,
                            // The second when the node knows by then that nobody leads.
                            e -> assertThat(e.error())
                                    .isIn(BrokerError.REQUEST_TIMED_OUT, BrokerError.NOT_META_LEADER));
        }
    }

    private MetaNode oneOfTwo(int id) {
        String voters = "1@127.0.0.1:" + ports.get(0) + ",2@127.0.0.1:" + ports.get(1);
        return MetaNode.unstarted(
                directory.resolve("node-" + id),
                id,
                Map.of(
                        "meta.port",
                        "" + ports.get(id - 1),
                        "meta.voters",
                        voters,
                        "meta.election.timeout.ms",
                        "300",
                        "meta.request.timeout.ms",
                        "50"));
    }

    @Test
    void aCommandToAServiceThatIsClosedIsRefused() throws Exception {
        MetaNode node = MetaNode.start(directory);
        node.close();
        assertThat(node.service.ready()).isFalse();
        assertThatThrownBy(() -> node.ask(CreateTopic.withDefaults("late")))
                .cause()
                .isInstanceOf(BrokerException.class);
    }

    @Test
    void metadataOfANewerVersionIsRefusedAndLeftAsItIs() throws Exception {
        MetaNode.start(directory).close();
        StateTampering.setFormat(directory.resolve("state"), 99);
        assertRefusedAndUntouched("format 99");
    }

    @Test
    void metadataThatCannotBeReadIsRefusedAndLeftAsItIs() throws Exception {
        MetaNode.start(directory).close();
        Files.writeString(directory.resolve("state").resolve("CURRENT"), "nonsense\n");
        assertRefusedAndUntouched("cannot read the metadata");
    }

    @Test
    void metadataWithoutItsLogIsRefusedAndLeftAsItIs() throws Exception {
        MetaNode.start(directory).close();
        Trees.delete(directory.resolve("raft"));
        assertRefusedAndUntouched("no log of it");
    }

    @Test
    void aPortInUseRefusesToStartAndEndsNoProcess() throws Exception {
        try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            MetaNode node = MetaNode.unstarted(directory, Map.of("meta.port", "" + other.getLocalPort()));
            assertThatThrownBy(() -> node.service.start())
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("" + other.getLocalPort());
        }
        MetaNode.start(directory).close();
    }

    @Test
    void deltasLeadToTheImageThatTheRowsLeadTo() throws Exception {
        MetaImage before;
        try (MetaNode node = MetaNode.start(directory)) {
            node.register();
            fill(node);
            node.ask(new DeleteTopic("telemetry"));
            node.ask(CreateTopic.withDefaults("telemetry"));
            before = node.service.image();
            assertThat(before.topic("telemetry").configs()).isEmpty();
        }
        try (MetaNode node = MetaNode.start(directory)) {
            assertSameState(node.service.image(), before);
        }
    }

    private void assertRefusedAndUntouched(String reason) throws Exception {
        Map<String, String> before = Trees.digest(directory);
        MetaNode node = MetaNode.unstarted(directory, Map.of("meta.port", "0"));
        assertThatThrownBy(() -> node.service.start())
                .isInstanceOf(IOException.class)
                .hasMessageContaining(reason);
        assertThat(Trees.digest(directory)).isEqualTo(before);
    }

    private static void fill(MetaNode node) throws Exception {
        node.ask(new CreateTopic("telemetry", 4, 1, List.of(), Map.of("cleanup.policy", "compact"), -1, false));
        node.ask(CreateTopic.withDefaults("gone"));
        node.ask(new DeleteTopic("gone"));
        node.ask(new CreatePartitions("telemetry", 6, List.of(), false));
        node.set(ConfigScope.topic("telemetry"), "retention.ms", "1000");
        node.set(ConfigScope.ALL_NODES, "log.level", "debug");
        node.set(new ConfigScope(ConfigScope.Kind.GROUP, "g"), "consumer.session.timeout.ms", "45000");
        assertThat(node.ask(new AllocateProducerIds(1, 1))).isEqualTo(new MetaReply.ProducerIds(0, 1000));
    }

    private static void assertSameState(MetaImage actual, MetaImage expected) {
        assertThat(actual.clusterId()).isEqualTo(expected.clusterId()).isNotEmpty();
        assertThat(actual.topicsByName()).isEqualTo(expected.topicsByName());
        assertThat(actual.topicsById()).isEqualTo(expected.topicsById());
        assertThat(actual.nodes()).isEqualTo(expected.nodes());
        assertThat(actual.configs()).isEqualTo(expected.configs());
        assertThat(actual.nextProducerId()).isEqualTo(expected.nextProducerId());
    }
}
