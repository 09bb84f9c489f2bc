package io.robustmq.meta;

import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.core.meta.MetaCommand.AllocateProducerIds;
import io.robustmq.core.meta.MetaCommand.CreateTopic;
import io.robustmq.core.meta.MetaCommand.RegisterNode;
import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.meta.MetaReply;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MetaClusterTest {
    /** Enough that the log without them no longer reaches back to where a voter was that has missed them all. */
    private static final int COMMANDS_WHILE_AWAY = 30;

    @TempDir
    Path directory;

    private final Map<Integer, MetaNode> nodes = new TreeMap<>();
    private String snapshotEntries = "1000";
    private String sessionTimeoutMs = "60000";
    private final List<Integer> ports = new ArrayList<>();

    @AfterEach
    void closeAll() throws Exception {
        for (MetaNode node : nodes.values()) {
            node.close();
        }
    }

    @Test
    void anyVoterTakesCommandsAndAnswersWhenItsOwnImageHasThem() throws Exception {
        startThree();
        for (int id = 1; id <= 3; id++) {
            assertThat(nodes.get(id).ask(new RegisterNode(id, "", Map.of()))).isEqualTo(new MetaReply.Registered(1));
            assertThat(nodes.get(id).service.image().nodes()).containsKey(id);
        }
        Set<Long> firsts = new HashSet<>();
        List<CompletableFuture<MetaReply>> replies = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            for (int id = 1; id <= 3; id++) {
                replies.add(nodes.get(id).service.submit(new AllocateProducerIds(id, 1)));
            }
        }
        for (CompletableFuture<MetaReply> reply : replies) {
            firsts.add(((MetaReply.ProducerIds) reply.get(30, TimeUnit.SECONDS)).first());
        }
        assertThat(firsts).hasSize(60);
        for (MetaNode node : nodes.values()) {
            seen(node, image -> image.nextProducerId() == 60_000);
        }
    }

    @Test
    void theOthersGoOnWithoutTheLeaderAndItCatchesUpWhenItIsBack() throws Exception {
        startThree();
        registerAll();
        int leader = nodes.get(1).service.image().leaderNode();
        nodes.remove(leader).close();

        MetaNode survivor = nodes.values().iterator().next();
        seen(survivor, image -> image.leaderNode() != leader && image.leaderNode() > 0);
        assertThat(survivor.ask(CreateTopic.withDefaults("after"))).isInstanceOf(MetaReply.TopicCreated.class);

        MetaNode back = node(leader);
        nodes.put(leader, back);
        back.service.start();
        seen(back, image -> image.topic("after") != null);
        assertThat(back.service.image().clusterId())
                .isEqualTo(survivor.service.image().clusterId());
    }

    @Test
    void aVoterThatWasAwayForLongerThanTheLogReachesBackTakesASnapshot() throws Exception {
        snapshotEntries = "10";
        startThree();
        registerAll();
        int away = nodes.get(1).service.image().leaderNode() % 3 + 1;
        nodes.remove(away).close();
        MetaNode present = nodes.values().iterator().next();
        for (int i = 0; i < COMMANDS_WHILE_AWAY; i += 2) {
            present.ask(CreateTopic.withDefaults("topic-" + i));
            present.ask(new RegisterNode(1, "r".repeat(40_000), Map.of()));
        }
        MetaNode back = node(away);
        nodes.put(away, back);
        back.service.start();
        // The last registration, behind the last topic, changes who is in sync.
        seen(back, image -> image.topicsByName().equals(present.service.image().topicsByName()));
        assertThat(back.meters.counter("robustmq.meta.entries").count()).isLessThan(COMMANDS_WHILE_AWAY);
        assertThat(back.service.image().topicsByName()).hasSize(COMMANDS_WHILE_AWAY / 2);
        assertThat(back.ask(CreateTopic.withDefaults("after"))).isInstanceOf(MetaReply.TopicCreated.class);
    }

    @Test
    void whoWasToldOtherVotersIsInNoClusterWithThem() throws Exception {
        ports.addAll(FreePorts.pick(3));
        nodes.put(1, node(1));
        nodes.put(2, node(2));
        MetaNode stranger = MetaNode.unstarted(
                directory.resolve("node-3"),
                3,
                Map.of(
                        "meta.port",
                        "" + ports.get(2),
                        "meta.voters",
                        "3@127.0.0.1:" + ports.get(2) + ",1@127.0.0.1:" + ports.get(0) + ",4@127.0.0.1:1",
                        "meta.election.timeout.ms",
                        "300"));
        CompletableFuture<Void> waits = stranger.launch();
        MetaNode.startAll(nodes.values());
        nodes.put(3, stranger);
        nodes.get(1).ask(new RegisterNode(1, "", Map.of()));
        assertThat(waits).isNotDone();
        assertThat(stranger.service.ready()).isFalse();
        assertThat(stranger.service.image().clusterId()).isEmpty();
    }

    @Test
    void aNodeThatHasMetadataKeepsItsVotersWhateverItIsTold() throws Exception {
        startThree();
        registerAll();
        nodes.remove(2).close();
        MetaNode changed = node(2, "2@127.0.0.1:" + ports.get(1) + ",1@127.0.0.1:" + ports.get(0));
        nodes.put(2, changed);
        changed.service.start();
        changed.service.whenReady().get(30, TimeUnit.SECONDS);
        assertThat(changed.service.quorum().voters().keySet()).containsExactlyInAnyOrder(1, 2, 3);
    }

    @Test
    void theLeaderFencesWhoIsSilentAndNotWhoIsHeard() throws Exception {
        sessionTimeoutMs = "1000";
        startThree();
        registerAll();
        MetaNode leader = nodes.get(nodes.get(1).service.image().leaderNode());
        int silent = leader.service.image().leaderNode() % 3 + 1;
        CompletableFuture<Void> fenced = new CompletableFuture<>();
        var subscription = leader.service.subscribe((delta, image) -> {
            if (image.nodes().get(silent).fenced()) {
                fenced.complete(null);
            }
        });
        while (!fenced.isDone()) {
            for (int id = 1; id <= 3; id++) {
                if (id != silent) {
                    leader.service.heard(id, 1);
                }
            }
            fenced.completeOnTimeout(null, 30, TimeUnit.SECONDS);
            LockSupport.parkNanos(10_000_000);
        }
        subscription.cancel();
        MetaImage image = leader.service.image();
        assertThat(image.nodes().get(silent).fenced()).isTrue();
        assertThat(image.nodes().values().stream().filter(node -> node.fenced()).count())
                .isEqualTo(1);
    }

    @Test
    void whoLosesTheOthersKnowsThatNobodyLeads() throws Exception {
        startThree();
        registerAll();
        int leader = nodes.get(1).service.image().leaderNode();
        MetaNode alone = nodes.get(leader);
        for (int id = 1; id <= 3; id++) {
            if (id != leader) {
                nodes.remove(id).close();
            }
        }
        seen(alone, image -> image.leaderNode() == -1);
        assertThat(alone.service.ready()).isFalse();
        assertThat(alone.meters.get("robustmq.meta.leader").gauge().value()).isZero();

        int other = leader % 3 + 1;
        nodes.put(other, node(other));
        nodes.get(other).service.start();
        seen(alone, image -> image.leaderNode() > 0);
        assertThat(alone.ask(CreateTopic.withDefaults("after"))).isInstanceOf(MetaReply.TopicCreated.class);
    }

    @Test
    void aLeaderThatCannotApplyWhatIsCommittedLeadsNoLonger() throws Exception {
        startThree();
        registerAll();
        int failed = nodes.get(1).service.image().leaderNode();
        nodes.get(failed).service.fail("for this test");
        for (int id = 1; id <= 3; id++) {
            if (id != failed) {
                seen(nodes.get(id), image -> image.leaderNode() > 0 && image.leaderNode() != failed);
                assertThat(nodes.get(id).ask(CreateTopic.withDefaults("topic-" + id)))
                        .isInstanceOf(MetaReply.TopicCreated.class);
            }
        }
        assertThat(nodes.get(failed).service.runs()).isFalse();
    }

    private void registerAll() throws Exception {
        for (int id = 1; id <= 3; id++) {
            nodes.get(id).ask(new RegisterNode(id, "", Map.of()));
        }
    }

    private void startThree() throws Exception {
        ports.addAll(FreePorts.pick(3));
        for (int id = 1; id <= 3; id++) {
            nodes.put(id, node(id));
        }
        MetaNode.startAll(nodes.values());
    }

    private MetaNode node(int id) {
        List<String> voters = new ArrayList<>();
        for (int voter = 1; voter <= 3; voter++) {
            voters.add(voter + "@127.0.0.1:" + ports.get(voter - 1));
        }
        return node(id, String.join(",", voters));
    }

    private MetaNode node(int id, String voters) {
        return MetaNode.unstarted(
                directory.resolve("node-" + id),
                id,
                Map.of(
                        "meta.port",
                        "" + ports.get(id - 1),
                        "meta.voters",
                        voters,
                        "meta.snapshot.entries",
                        snapshotEntries,
                        "meta.segment.bytes",
                        "65536",
                        "meta.session.timeout.ms",
                        sessionTimeoutMs,
                        "meta.election.timeout.ms",
                        "300"));
    }

    private static void seen(MetaNode node, Predicate<MetaImage> condition) throws Exception {
        CompletableFuture<Void> seen = new CompletableFuture<>();
        var subscription = node.service.subscribe((delta, image) -> {
            if (condition.test(image)) {
                seen.complete(null);
            }
        });
        seen.get(30, TimeUnit.SECONDS);
        subscription.cancel();
    }
}
