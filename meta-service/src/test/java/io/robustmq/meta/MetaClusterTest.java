package io.robustmq.meta;

import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.core.meta.MetaCommand.AllocateProducerIds;
import io.robustmq.core.meta.MetaCommand.CreateTopic;
import io.robustmq.core.meta.MetaCommand.RegisterNode;
import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.meta.MetaReply;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
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
        nodes.get(1).ask(new RegisterNode(1, "", Map.of()));
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
        nodes.get(1).ask(new RegisterNode(1, "", Map.of()));
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
        seen(back, image -> image.topic("topic-" + (COMMANDS_WHILE_AWAY - 2)) != null);
        assertThat(back.meters.counter("robustmq.meta.entries").count()).isLessThan(COMMANDS_WHILE_AWAY);
        assertThat(back.service.image().topicsByName())
                .isEqualTo(present.service.image().topicsByName());
        assertThat(back.ask(CreateTopic.withDefaults("after"))).isInstanceOf(MetaReply.TopicCreated.class);
    }

    private void startThree() throws Exception {
        for (int i = 0; i < 3; i++) {
            try (ServerSocket free = new ServerSocket(0)) {
                ports.add(free.getLocalPort());
            }
        }
        for (int id = 1; id <= 3; id++) {
            nodes.put(id, node(id));
        }
        for (MetaNode node : nodes.values()) {
            node.service.start();
        }
        for (MetaNode node : nodes.values()) {
            node.service.whenReady().get(30, TimeUnit.SECONDS);
        }
    }

    private MetaNode node(int id) {
        List<String> voters = new ArrayList<>();
        for (int voter = 1; voter <= 3; voter++) {
            voters.add(voter + "@127.0.0.1:" + ports.get(voter - 1));
        }
        return MetaNode.unstarted(
                directory.resolve("node-" + id),
                id,
                Map.of(
                        "meta.port",
                        "" + ports.get(id - 1),
                        "meta.voters",
                        String.join(",", voters),
                        "meta.snapshot.entries",
                        snapshotEntries,
                        "meta.segment.bytes",
                        "65536",
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
