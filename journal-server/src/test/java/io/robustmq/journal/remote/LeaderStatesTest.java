package io.robustmq.journal.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.robustmq.core.loop.SimLoop;
import io.robustmq.core.model.Partition;
import io.robustmq.core.model.TopicId;
import io.robustmq.core.port.NodeLink;
import io.robustmq.core.port.PartitionState;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class LeaderStatesTest {
    private static final Partition LED = new Partition(new TopicId(1, 1), 0);
    private static final Partition UNLED = new Partition(new TopicId(1, 1), 1);
    private static final int DEAD = 2;

    private final SimLoop loop = new SimLoop();
    private final Map<Integer, Consumer<ByteBuf>> asked = new HashMap<>();
    private final NodeLink link = (node, call, body, timeoutMs, where, reply) -> {
        body.release();
        asked.put(node, reply);
    };
    private final List<String> told = new ArrayList<>();

    @Test
    void whatALeaderSaysIsToldAtOnceAndThatAnotherSaysNothingAfterAWhile() {
        ask(1, LED, UNLED);
        ask(DEAD, LED);
        answer(1);
        assertThat(told).containsExactly("2 from 1: 1");
        loop.advance(2_000);
        assertThat(told).containsExactly("2 from 1: 1", "1 from 2: 0");
        answer(DEAD);
        assertThat(told).as("too late").hasSize(2);
    }

    @Test
    void whatCannotBeReadCountsForNoAnswer() {
        ask(1, LED, UNLED, LED);
        assertThatThrownBy(() -> answer(1)).isInstanceOf(IndexOutOfBoundsException.class);
        loop.advance(2_000);
        assertThat(told).containsExactly("3 from 1: 0");
    }

    private void ask(int node, Partition... partitions) {
        new LeaderStates(
                        loop,
                        List.of(partitions),
                        (all, states) -> told.add(all.size() + " from " + node + ": " + states.size()))
                .ask(link, node);
    }

    private void answer(int node) {
        ByteBuf states =
                LogCodec.write(LogCodec.encode(new PartitionState(true, 0, 0, 5, 5, 5, 0)), (PartitionState) null);
        try {
            asked.get(node).accept(states);
        } finally {
            states.release();
        }
    }
}
