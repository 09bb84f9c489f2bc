package io.robustmq.journal.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.loop.SimLoop;
import io.robustmq.core.model.Partition;
import io.robustmq.core.model.TopicId;
import io.robustmq.core.port.EpochEnd;
import io.robustmq.core.port.NodeLink;
import io.robustmq.journal.shard.FetchAnswer;
import io.robustmq.journal.shard.FetchAnswer.Outcome;
import io.robustmq.journal.shard.FetchPosition;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ReplicaFetcherTest {
    private static final Partition ORDERS = new Partition(new TopicId(1, 1), 0);
    private static final Partition OTHERS = new Partition(new TopicId(1, 2), 0);

    private final SimLoop loop = new SimLoop();
    private final Leader leader = new Leader();
    private final FakeLog orders = new FakeLog();
    private final ReplicaFetcher fetcher = new ReplicaFetcher(1, 2, () -> 1, leader, FakeLog.unheld(), loop);

    /** Its answers are what the test says, in order. */
    private static final class Leader implements NodeLink {
        private final List<FetchCodec.Request> asked = new ArrayList<>();
        private final Queue<Consumer<@Nullable ByteBuf>> waiting = new ArrayDeque<>();

        @Override
        public void ask(
                int node, Call call, ByteBuf body, long timeoutMs, Loop loop, Consumer<@Nullable ByteBuf> reply) {
            asked.add(FetchCodec.readRequest(body));
            body.release();
            waiting.add(reply);
        }
    }

    @Test
    void whatCameIsTakenAndTheNextFetchSaysSo() {
        follow(ORDERS, orders);
        answer(batches(ORDERS, 2));
        assertThat(orders.taken).containsExactly("2 at 0");
        assertThat(lastAsked().changed()).containsExactly(Map.entry(ORDERS, at(2)));
    }

    @Test
    void whenReadersComeTheLeaderHearsOfThemAtOnce() {
        follow(ORDERS, orders);
        follow(OTHERS, new FakeLog());
        orders.isRead = true;
        fetcher.readersCame(ORDERS);
        loop.run();
        assertThat(leader.asked).hasSize(2);
        answer(Unpooled.EMPTY_BUFFER);
        assertThat(lastAsked().changed()).containsEntry(ORDERS, at(0));
        assertThat(lastAsked().read()).containsExactly(ORDERS);
        answer(Unpooled.EMPTY_BUFFER);
        answer(Unpooled.EMPTY_BUFFER);
        assertThat(lastAsked().changed()).isEmpty();
    }

    @Test
    void anAnswerToAPositionFromBeforeIsLeftAlone() {
        follow(ORDERS, orders);
        // It begins anew, elsewhere: the leader is told behind the fetch that waits there.
        var again = new FakeLog();
        again.grow(5);
        follow(ORDERS, again);
        answer(batches(ORDERS, 2));
        assertThat(again.taken).isEmpty();
        answer(batches(ORDERS, 3));
        assertThat(again.taken).containsExactly("3 at 5");
    }

    @Test
    void anotherPartitionThatIsFollowedMeanwhileChangesNothing() {
        follow(ORDERS, orders);
        follow(OTHERS, new FakeLog());
        answer(batches(ORDERS, 2));
        answer(Unpooled.EMPTY_BUFFER);
        answer(batches(ORDERS, 1));
        assertThat(orders.taken).containsExactly("2 at 0", "1 at 2");
    }

    @Test
    void afterALostConnectionEverythingIsSaidAgain() {
        follow(ORDERS, orders);
        answer(null);
        loop.advance(1_000);
        assertThat(lastAsked().fresh()).isTrue();
        answer(batches(ORDERS, 2));
        assertThat(orders.taken).containsExactly("2 at 0");
    }

    private static FetchPosition at(long offset) {
        return new FetchPosition(FakeLog.EPOCH, offset, -1);
    }

    private void follow(Partition partition, FakeLog log) {
        fetcher.follow(partition, log);
        loop.run();
    }

    private FetchCodec.Request lastAsked() {
        return leader.asked.get(leader.asked.size() - 1);
    }

    private void answer(@Nullable ByteBuf answer) {
        Consumer<@Nullable ByteBuf> reply = leader.waiting.remove();
        loop.execute(() -> reply.accept(answer));
        loop.run();
    }

    private static ByteBuf batches(Partition partition, int bytes) {
        ByteBuf answer = Unpooled.buffer();
        FetchCodec.write(
                partition, new FetchAnswer(Outcome.AGREES, FakeLog.EPOCH, 0, 0, EpochEnd.UNKNOWN), bytes, answer);
        return answer.writeZero(bytes);
    }
}
