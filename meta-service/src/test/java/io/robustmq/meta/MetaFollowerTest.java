package io.robustmq.meta;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.buffer.ByteBuf;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.robustmq.core.config.Configuration;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.loop.NettyLoops;
import io.robustmq.core.meta.MetaCommand.CreateTopic;
import io.robustmq.core.meta.MetaCommand.RegisterNode;
import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.meta.MetaReply;
import io.robustmq.core.meta.QuorumChange;
import io.robustmq.core.meta.QuorumImage;
import io.robustmq.core.port.NodeLink;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MetaFollowerTest {
    @TempDir
    private Path directory;

    private final MultiThreadIoEventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final Loop loop = new NettyLoops(group).loops().get(0);
    private MetaNode voter;
    private MetaFollower follower;

    @BeforeEach
    void start() throws Exception {
        voter = MetaNode.start(directory);
        voter.service.whenReady().get(20, TimeUnit.SECONDS);
        voter.service.submit(new RegisterNode(1, "", Map.of())).get(20, TimeUnit.SECONDS);
        follower = follower();
        follower.start(new OneVoter(voter.service.feed().begin(loop), loop), loop);
        follower.whenReady().get(20, TimeUnit.SECONDS);
    }

    @AfterEach
    void stop() throws Exception {
        follower.close();
        voter.close();
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).await();
    }

    @Test
    void theImageIsTheVotersAndWhatIsDecidedHereIsLoggedThere() throws Exception {
        assertThat(follower.image()).isEqualTo(voter.service.image());
        MetaReply made = follower.submit(CreateTopic.withDefaults("here")).get(20, TimeUnit.SECONDS);
        assertThat(made).isInstanceOf(MetaReply.TopicCreated.class);
        assertThat(follower.image().topic("here")).isNotNull();
        assertThat(voter.service.image().topic("here"))
                .isEqualTo(follower.image().topic("here"));
        MetaReply again = follower.submit(CreateTopic.withDefaults("here")).get(20, TimeUnit.SECONDS);
        assertThat(again).isInstanceOf(MetaReply.Refused.class);
    }

    @Test
    void whatVotersDecideMeanwhileIsSeenAndNothingIsDecidedOnWhatIsGone() throws Exception {
        CompletableFuture<?>[] all = new CompletableFuture<?>[40];
        for (int i = 0; i < all.length; i += 2) {
            all[i] = voter.service.submit(CreateTopic.withDefaults("v" + i));
            all[i + 1] = follower.submit(CreateTopic.withDefaults("f" + i));
        }
        CompletableFuture.allOf(all).get(20, TimeUnit.SECONDS);
        assertThat(voter.service.image().topics()).hasSize(40);
        follower.submit(CreateTopic.withDefaults("last")).get(20, TimeUnit.SECONDS);
        assertThat(follower.image()).isEqualTo(voter.service.image());
    }

    @Test
    void whoVotesIsKnownAndChangesOfThatAreTheVotersToDecide() throws Exception {
        assertThat(follower.quorum().voters())
                .isEqualTo(voter.service.quorum().voters())
                .containsOnlyKeys(1);
        assertThat(follower.quorum().term()).isEqualTo(voter.service.quorum().term());
        MetaReply change = follower.change(new QuorumChange(QuorumChange.Kind.REMOVE_VOTER, 1))
                .get(20, TimeUnit.SECONDS);
        assertThat(change).isInstanceOf(MetaReply.Refused.class);
        assertThat(((MetaReply.Refused) change).message()).isEqualTo("node 1 is the only voter");
        MetaReply removal = follower.removeNode(1, false).get(20, TimeUnit.SECONDS);
        assertThat(removal).isInstanceOf(MetaReply.Refused.class);
    }

    @Test
    void aVoterThatKnowsNoLeaderIsLeftForAnother() throws Exception {
        try (MetaFollower other = follower()) {
            NodeLink one = new OneVoter(voter.service.feed().begin(loop), loop);
            other.start(
                    (node, call, body, timeoutMs, in, reply) -> {
                        if (node == 1) {
                            one.ask(node, call, body, timeoutMs, in, reply);
                        } else {
                            body.release();
                            ByteBuf cutOff = FeedCodec.encode(MetaImage.EMPTY, QuorumImage.EMPTY, List.of());
                            in.execute(() -> OneVoter.answer(cutOff, reply));
                        }
                    },
                    loop);
            other.whenReady().get(20, TimeUnit.SECONDS);
            assertThat(other.image()).isEqualTo(voter.service.image());
        }
    }

    private static MetaFollower follower() {
        return new MetaFollower(
                MetaConfig.from(new Configuration(MetaConfig.keys(), Map.of())),
                9,
                List.of(8, 1),
                UUID::randomUUID,
                new SimpleMeterRegistry());
    }

    /** Node 1 answers, no other does. */
    private record OneVoter(NodeLink.Conversation voter, Loop connection) implements NodeLink {
        @Override
        public void ask(int node, Call call, ByteBuf body, long timeoutMs, Loop in, Consumer<@Nullable ByteBuf> reply) {
            connection.execute(() -> {
                if (node == 1) {
                    voter.onCall(body, parts -> in.run(() -> answer((ByteBuf) parts[0], reply)));
                } else {
                    in.run(() -> reply.accept(null));
                }
                body.release();
            });
        }

        private static void answer(ByteBuf body, Consumer<@Nullable ByteBuf> reply) {
            reply.accept(body);
            body.release();
        }
    }
}
