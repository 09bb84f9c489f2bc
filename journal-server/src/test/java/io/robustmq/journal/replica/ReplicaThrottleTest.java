package io.robustmq.journal.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.robustmq.core.loop.Cancellable;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.loop.SimLoop;
import io.robustmq.core.model.Partition;
import io.robustmq.core.model.TopicId;
import io.robustmq.core.port.EpochEnd;
import io.robustmq.core.port.LogSlice;
import io.robustmq.core.port.NodeLink;
import io.robustmq.core.port.SimLink;
import io.robustmq.journal.replica.ReplicaThrottle.Rates;
import io.robustmq.journal.shard.FetchAnswer;
import io.robustmq.journal.shard.FetchPosition;
import java.util.Arrays;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A follower copies a log whose every byte is an offset, from a leader, in time that the test moves. */
class ReplicaThrottleTest {
    private static final int LEADER = 1;
    private static final int FOLLOWER = 2;
    private static final int SIZE = 4_000_000;
    private static final int RATE = 400_000;
    private static final Partition PARTITION = new Partition(new TopicId(1, 1), 0);
    private static final long NO_RATE = ReplicaThrottle.NO_RATE;

    private final SimLoop loop = new SimLoop();
    private final SimLink link = new SimLink(loop);
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final ReplicaThrottle atLeader = throttle("leader");
    private final ReplicaThrottle atFollower = throttle("follower");
    private final Log source = new Log(SIZE);
    private final Log copy = new Log(0);

    @Test
    void withoutARateAllIsCopiedAtOnce() {
        source.held = Held.BOTH;
        copy.held = Held.BOTH;
        follow();
        assertThat(copy.end).isEqualTo(SIZE);
        assertThat(count("leader.sent")).isZero();
    }

    @Test
    void aLeaderSendsNoMoreThanItsRate() {
        source.held = Held.LISTED;
        atLeader.rates(new Rates(RATE, NO_RATE, NO_RATE), loop.nanoTime());
        assertCopiedWithinRate();
        assertThat(count("leader.sent")).isEqualTo(SIZE);
        assertThat(count("leader.waits")).isPositive();
    }

    @Test
    void aFollowerFetchesNoMoreThanItsRate() {
        copy.held = Held.LISTED;
        atFollower.rates(new Rates(NO_RATE, RATE, NO_RATE), loop.nanoTime());
        assertCopiedWithinRate();
        assertThat(count("follower.fetched")).isEqualTo(SIZE);
    }

    @Test
    void theLowerRateCountsOfAReplicaThatMovesAndIsListed() {
        source.held = Held.BOTH;
        atLeader.rates(new Rates(10 * RATE, NO_RATE, RATE), loop.nanoTime());
        assertCopiedWithinRate();
    }

    @Test
    void whoIsInSyncIsNotHeld() {
        atLeader.rates(new Rates(RATE, RATE, RATE), loop.nanoTime());
        atFollower.rates(new Rates(RATE, RATE, RATE), loop.nanoTime());
        follow();
        assertThat(copy.end).isEqualTo(SIZE);
    }

    @Test
    void aRateThatIsTakenAwayLetsWhoWaitsGoOnWithinASecond() {
        source.held = Held.LISTED;
        copy.held = Held.LISTED;
        atLeader.rates(new Rates(1, NO_RATE, NO_RATE), loop.nanoTime());
        atFollower.rates(new Rates(NO_RATE, 0, NO_RATE), loop.nanoTime());
        follow();
        loop.advance(60_000);
        assertThat(copy.end).isLessThan(100);
        atLeader.rates(Rates.NONE, loop.nanoTime());
        atFollower.rates(Rates.NONE, loop.nanoTime());
        loop.advance(2_000);
        assertThat(copy.end).isEqualTo(SIZE);
    }

    @Test
    void whatIsCommittedIsToldWhileTheBytesWait() {
        source.held = Held.LISTED;
        atLeader.rates(new Rates(0, NO_RATE, NO_RATE), loop.nanoTime());
        follow();
        loop.advance(1_000);
        assertThat(copy.end).isZero();
        assertThat(copy.committed).isEqualTo(SIZE);
    }

    private void assertCopiedWithinRate() {
        follow();
        while (copy.end < SIZE) {
            loop.advance(100);
            long elapsedMs = loop.nanoTime() / 1_000_000;
            // A second's worth at once, and one read that is paid for afterwards.
            assertThat(copy.end).isLessThanOrEqualTo(RATE * (elapsedMs + 1_000) / 1_000 + (1 << 20));
            assertThat(elapsedMs).isLessThan(20_000);
        }
    }

    private void follow() {
        FetchService service = new FetchService(partition -> source, atLeader, 0);
        link.services.put(LEADER, theirs -> joined(service.begin(theirs)));
        new ReplicaFetcher(LEADER, FOLLOWER, () -> 1, link, atFollower, loop).follow(PARTITION, copy);
        loop.run();
    }

    /** The link of tests takes answers of one part. */
    private static NodeLink.Conversation joined(NodeLink.Conversation conversation) {
        return new NodeLink.Conversation() {
            @Override
            public void onCall(ByteBuf body, NodeLink.Answer answer) {
                conversation.onCall(
                        body,
                        parts -> answer.send(
                                Unpooled.wrappedBuffer(Arrays.copyOf(parts, parts.length, ByteBuf[].class))));
            }

            @Override
            public void ended() {
                conversation.ended();
            }
        };
    }

    private ReplicaThrottle throttle(String node) {
        return new ReplicaThrottle(new ThrottleMetrics(
                counter(node + ".sent"),
                counter(node + ".fetched"),
                counter(node + ".waits"),
                counter(node + ".waits")));
    }

    private Counter counter(String name) {
        return registry.counter(name);
    }

    private double count(String name) {
        return counter(name).count();
    }

    /** A log of so many bytes. */
    private static final class Log implements ReplicaLog {
        private long end;
        private long committed;
        private Held held = Held.NO;

        private Log(long end) {
            this.end = end;
        }

        @Override
        public Fetched read(FetchPosition position, int maxBytes) {
            FetchAnswer answer = new FetchAnswer(FetchAnswer.Outcome.AGREES, 0, end, 0, EpochEnd.UNKNOWN);
            int bytes = (int) Math.min(maxBytes, end - position.fetchOffset());
            return new Fetched(answer, bytes == 0 ? null : new Slice(bytes));
        }

        @Override
        public void heard(int node, long incarnation, FetchPosition position) {}

        @Override
        public Held heldFor(int node) {
            return held;
        }

        @Override
        public Held held() {
            return held;
        }

        @Override
        public Cancellable onGrowth(Growth listener) {
            return Cancellable.NOTHING;
        }

        @Override
        public boolean hasReaders() {
            return true;
        }

        @Override
        public void position(Loop loop, Consumer<@Nullable FetchPosition> reply) {
            loop.execute(() -> reply.accept(new FetchPosition(0, end, 0)));
        }

        @Override
        public void answered(
                FetchPosition asked,
                FetchAnswer answer,
                ByteBuf batches,
                Loop loop,
                Consumer<@Nullable FetchPosition> reply) {
            end += batches.readableBytes();
            committed = answer.highWatermark();
            batches.release();
            position(loop, reply);
        }
    }

    private record Slice(int sizeInBytes) implements LogSlice {
        @Override
        public Object toOutbound() {
            return toBuffer();
        }

        @Override
        public ByteBuf toBuffer() {
            return Unpooled.wrappedBuffer(new byte[sizeInBytes]);
        }

        @Override
        public void close() {}
    }
}
