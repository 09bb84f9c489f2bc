package io.robustmq.meta;

import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.core.meta.MetaCommand.CreateTopic;
import io.robustmq.core.meta.MetaCommand.RegisterNode;
import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.meta.MetaReply;
import io.robustmq.core.meta.QuorumChange;
import io.robustmq.core.meta.QuorumImage;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nodes come into the log, vote, lose their vote, and come back with nothing. */
class MetaMembersTest {
    @TempDir
    Path directory;

    private final Map<Integer, MetaNode> nodes = new TreeMap<>();
    private final List<Integer> ports = new ArrayList<>();
    private int founders;

    @AfterEach
    void closeAll() throws Exception {
        for (MetaNode node : nodes.values()) {
            node.close();
        }
    }

    @Test
    void oneNodeGrowsIntoThreeVotersAndGoesOnWithoutTheFirst() throws Exception {
        form(1, 3);
        join(2);
        join(3);
        assertThat(node(2).ask(CreateTopic.withDefaults("by-a-follower"))).isInstanceOf(MetaReply.TopicCreated.class);
        assertThat(change(QuorumChange.Kind.ADD_VOTER, 2)).isEqualTo(new MetaReply.Done());
        assertThat(change(QuorumChange.Kind.ADD_VOTER, 3)).isEqualTo(new MetaReply.Done());
        members(
                node(3),
                quorum -> quorum.voters().size() == 3 && quorum.observers().isEmpty());

        assertThat(change(QuorumChange.Kind.REMOVE_VOTER, 1)).isEqualTo(new MetaReply.Done());
        seen(node(1), image -> image.leaderNode() > 1);
        assertThat(node(1).ask(CreateTopic.withDefaults("without-a-vote"))).isInstanceOf(MetaReply.TopicCreated.class);
        for (int id = 2; id <= 3; id++) {
            seen(node(id), image -> image.topic("without-a-vote") != null);
        }

        restart(1);
        seen(node(1), image -> image.topic("without-a-vote") != null);
        assertThat(node(1).service.quorum().voters().keySet()).containsExactlyInAnyOrder(2, 3);
        assertThat(change(QuorumChange.Kind.REMOVE_VOTER, 1)).isInstanceOf(MetaReply.Refused.class);
    }

    @Test
    void whoLostItsVoteFollowsTheNextLeader() throws Exception {
        form(3, 4);
        join(4);
        assertThat(change(QuorumChange.Kind.ADD_VOTER, 4)).isEqualTo(new MetaReply.Done());
        int leader = node(1).service.image().leaderNode();
        int removed = leader % 3 + 1;
        assertThat(change(QuorumChange.Kind.REMOVE_VOTER, removed)).isEqualTo(new MetaReply.Done());
        nodes.remove(leader).close();
        seen(node(removed), image -> image.leaderNode() != leader && image.leaderNode() > 0);
        assertThat(node(removed).ask(CreateTopic.withDefaults("after"))).isInstanceOf(MetaReply.TopicCreated.class);
        assertThat(node(removed).service.quorum().observers()).containsOnlyKeys(removed);
    }

    @Test
    void whoStoppedOnItsWayToAVoteGoesOnAfterItsStart() throws Exception {
        form(3, 4);
        join(4);
        nodes.remove(4).close();
        Path note = Files.createFile(directory.resolve("node-4").resolve("votes"));
        nodes.put(4, unstarted(4));
        node(4).service.start();
        members(node(4), quorum -> quorum.voters().size() == 4);
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (Files.exists(note)) {
            assertThat(System.nanoTime()).isLessThan(end);
            LockSupport.parkNanos(10_000_000);
        }
    }

    @Test
    void aVoterThatLostEverythingComesBackAsNewAndVotesAgain() throws Exception {
        form(3, 3);
        assertThat(node(1).ask(CreateTopic.withDefaults("before"))).isInstanceOf(MetaReply.TopicCreated.class);
        nodes.remove(2).close();
        Trees.delete(directory.resolve("node-2"));
        MetaNode back = unstarted(2);
        nodes.put(2, back);
        back.service.start();
        seen(back, image -> image.topic("before") != null);
        members(back, quorum -> quorum.voters().size() == 3);
        members(node(1), quorum -> quorum.voters().size() == 3);
        nodes.remove(1).close();
        assertThat(back.ask(CreateTopic.withDefaults("after"))).isInstanceOf(MetaReply.TopicCreated.class);
        restart(2);
        seen(node(2), image -> image.topic("after") != null);
    }

    @Test
    void aVoterThatLostEverythingDoesNotTakeItselfForNewWhileTheOthersAreSilent() throws Exception {
        form(3, 3);
        assertThat(node(1).ask(CreateTopic.withDefaults("before"))).isInstanceOf(MetaReply.TopicCreated.class);
        for (int id = 1; id <= 3; id++) {
            nodes.remove(id).close();
            nodes.put(id, unstarted(id));
        }
        Trees.delete(directory.resolve("node-2"));
        CompletableFuture<Void> started = node(2).launch();
        listens(ports.get(1));
        assertThat(directory.resolve("node-2").resolve("raft")).doesNotExist();
        assertThat(started).isNotDone();
        MetaNode.startAll(List.of(node(1), node(3)));
        started.get(30, TimeUnit.SECONDS);
        seen(node(2), image -> image.topic("before") != null);
        members(node(2), quorum -> quorum.voters().size() == 3);
    }

    private static void listens(int port) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (true) {
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                assertThat(socket.isConnected()).isTrue();
                return;
            } catch (IOException e) {
                assertThat(System.nanoTime()).as("port %d", port).isLessThan(end);
                LockSupport.parkNanos(10_000_000);
            }
        }
    }

    private void form(int voters, int all) throws Exception {
        founders = voters;
        ports.addAll(FreePorts.pick(all));
        for (int id = 1; id <= voters; id++) {
            nodes.put(id, unstarted(id));
        }
        MetaNode.startAll(nodes.values());
        for (int id = 1; id <= voters; id++) {
            register(id);
        }
    }

    private void join(int id) throws Exception {
        nodes.put(id, unstarted(id));
        node(id).service.start();
        node(id).service.whenReady().get(30, TimeUnit.SECONDS);
        register(id);
        members(node(id), quorum -> quorum.observers().containsKey(id));
    }

    private void register(int id) throws Exception {
        assertThat(node(id).ask(new RegisterNode(id, "", Map.of()))).isInstanceOf(MetaReply.Registered.class);
        // Each decides by what it has heard of.
        for (MetaNode each : nodes.values()) {
            seen(each, image -> image.nodes().containsKey(id));
        }
    }

    private void restart(int id) throws Exception {
        nodes.remove(id).close();
        nodes.put(id, unstarted(id));
        node(id).service.start();
        node(id).service.whenReady().get(30, TimeUnit.SECONDS);
    }

    private MetaReply change(QuorumChange.Kind kind, int node) throws Exception {
        return nodes.values()
                .iterator()
                .next()
                .service
                .change(new QuorumChange(kind, node))
                .get(30, TimeUnit.SECONDS);
    }

    private MetaNode node(int id) {
        MetaNode node = nodes.get(id);
        assertThat(node).isNotNull();
        return node;
    }

    private MetaNode unstarted(int id) {
        List<String> voters = new ArrayList<>();
        for (int voter = 1; voter <= founders; voter++) {
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
                        "meta.session.timeout.ms",
                        "60000",
                        "meta.election.timeout.ms",
                        "300"));
    }

    private static void members(MetaNode node, Predicate<QuorumImage> condition) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!condition.test(node.service.quorum())) {
            assertThat(System.nanoTime())
                    .as(() -> node.service.quorum().toString())
                    .isLessThan(end);
            LockSupport.parkNanos(10_000_000);
        }
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
