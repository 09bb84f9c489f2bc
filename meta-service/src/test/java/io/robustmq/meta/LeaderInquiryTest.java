package io.robustmq.meta;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.loop.SimLoop;
import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.meta.NodeRole;
import io.robustmq.core.meta.QuorumImage;
import io.robustmq.core.port.NodeLink;
import io.robustmq.meta.fact.MetaFact.NodeRegistered;
import io.robustmq.meta.machine.MetaState;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Node 1 asks, of a cluster whose nodes 1 to 3 keep the metadata. */
class LeaderInquiryTest implements NodeLink {
    private static final int NOBODY = -1;

    private final SimLoop loop = new SimLoop();
    private final MetaImage old = image();
    private final LeaderInquiry inquiry = new LeaderInquiry(1, () -> old, this, loop);
    /** Whom the others take for the leader, of those that can be reached. */
    private final Map<Integer, Integer> leaders = new HashMap<>();

    private final List<Integer> asked = new ArrayList<>();
    private long askedBehind;

    private static MetaImage image() {
        MetaState state = new MetaState(MetaImage.EMPTY);
        EnumSet<NodeRole> all = EnumSet.allOf(NodeRole.class);
        for (int id = 1; id <= 3; id++) {
            state.apply(new NodeRegistered(id, 1, "", NodeRole.registered(all)));
        }
        state.apply(new NodeRegistered(4, 1, "", NodeRole.registered(EnumSet.of(NodeRole.BROKER))));
        return state.toImage(10, NOBODY);
    }

    @Override
    public void ask(int node, Call call, ByteBuf body, long timeoutMs, Loop in, Consumer<@Nullable ByteBuf> reply) {
        assertThat(call).isEqualTo(Call.META);
        assertThat(body.readByte()).isEqualTo(FeedCodec.WATCH);
        FeedCodec.Watch watch = FeedCodec.readWatch(body);
        body.release();
        assertThat(watch.leaderNode()).as("so that a leader is news").isEqualTo(NOBODY);
        askedBehind = watch.index();
        asked.add(node);
        Integer leader = leaders.get(node);
        in.execute(() -> {
            if (leader == null) {
                reply.accept(null);
                return;
            }
            ByteBuf news = FeedCodec.encode(newer().withLeader(leader), QuorumImage.EMPTY, List.of());
            reply.accept(news);
            news.release();
        });
    }

    private MetaImage newer() {
        return new MetaState(old).toImage(20, NOBODY);
    }

    private boolean isLed() {
        List<Boolean> answers = new ArrayList<>();
        inquiry.ask(answers::add);
        loop.run();
        assertThat(answers).hasSize(1);
        return answers.get(0);
    }

    @Test
    void whoeverKeepsTheMetadataIsAskedInTurnUntilOneKnowsALeader() {
        assertThat(isLed()).as("node 2 is not reached").isFalse();
        leaders.put(3, NOBODY);
        assertThat(isLed()).isFalse();
        leaders.put(2, 3);
        assertThat(isLed()).isTrue();
        assertThat(isLed()).isTrue();
        assertThat(asked).containsExactly(2, 3, 2, 2);
    }

    @Test
    void whoTakesThisNodeForTheLeaderHasNotNoticedYet() {
        leaders.put(2, 1);
        leaders.put(3, 2);
        assertThat(isLed()).isFalse();
        assertThat(isLed()).isTrue();
    }

    @Test
    void whatANodeHasToldIsNotToldAgain() {
        leaders.put(2, 2);
        isLed();
        assertThat(askedBehind).isEqualTo(10);
        isLed();
        assertThat(askedBehind).isEqualTo(20);
    }
}
