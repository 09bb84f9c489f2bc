package io.robustmq.mqtt.deliver;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.robustmq.core.loop.SimLoop;
import io.robustmq.core.meta.MetaCommand;
import io.robustmq.core.meta.MetaReply;
import io.robustmq.core.model.Partition;
import io.robustmq.core.port.AppendOptions;
import io.robustmq.core.port.InMemoryJournal;
import io.robustmq.core.port.InMemoryMetaLog;
import io.robustmq.core.record.BatchBuilder;
import io.robustmq.core.record.RecordReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Where what is read begins, of partitions that the node has and of those that it has not. */
class TailsTest {
    private final SimLoop loop = new SimLoop();
    private final InMemoryJournal all = new InMemoryJournal(1);
    private final AwayJournal journal = new AwayJournal(all);
    private final InMemoryMetaLog metaLog = new InMemoryMetaLog(1);
    private final List<Long> read = new ArrayList<>();
    private boolean isWanted;
    private int begun;
    private Runnable beforeTailsKnow = () -> {};
    private Tails tails;
    private Partition partition;

    @BeforeEach
    void start() {
        metaLog.subscribe(all);
        CompletableFuture<MetaReply> unused =
                metaLog.submit(new MetaCommand.CreateTopic("t", 1, -1, List.of(), Map.of(), -1, false));
        loop.run();
        partition = metaLog.image().topic("t").partition(0);
        tails = new Tails(
                journal,
                loop,
                topic -> true,
                new Tails.Wanted() {
                    @Override
                    public boolean byAny(String logTopic) {
                        return isWanted;
                    }

                    @Override
                    public boolean by(String filter, String logTopic) {
                        return true;
                    }
                },
                this::read,
                () -> begun++);
        metaLog.subscribe((delta, image) -> beforeTailsKnow.run());
        metaLog.subscribe((delta, image) -> tails.onImage(delta, image));
    }

    @Test
    void whatTheNodeHasIsKnownAtOnce() {
        append(3);
        int[] known = {0};
        tails.whenKnown(List.of("t/#"), () -> known[0]++);
        assertThat(known[0]).isOne();
    }

    @Test
    void whatItHasNotBeginsAtTheLeadersEnd() {
        journal.away.add(partition);
        append(3);
        int[] known = {0};
        tails.whenKnown(List.of("t/#"), () -> {
            known[0]++;
            open();
        });
        assertThat(known[0]).isZero();
        loop.advance(10);
        assertThat(known[0]).isOne();
        append(2);
        loop.advance(10);
        assertThat(read).containsExactly(3L, 4L);
    }

    @Test
    void whoeverAsksWaitsForALeaderThatDoesNotAnswer() {
        journal.away.add(partition);
        journal.silent.add(partition);
        append(3);
        tails.whenKnown(List.of("t/#"), this::open);
        loop.advance(1_000);
        assertThat(isWanted).isFalse();
        append(1);
        journal.silent.clear();
        loop.advance(100);
        append(1);
        loop.advance(100);
        assertThat(read).containsExactly(4L);
    }

    @Test
    void aPartitionThatNobodyLedBeginsWithItsNextLeader() {
        journal.away.add(partition);
        journal.silent.add(partition);
        append(3);
        metaLog.lead("t", 0, -1);
        loop.run();
        tails.whenKnown(List.of("t/#"), this::open);
        assertThat(isWanted).isTrue();
        loop.advance(500);
        journal.epochEnds.put(partition, 3L);
        metaLog.lead("t", 0, 1);
        append(2);
        journal.silent.clear();
        loop.advance(500);
        assertThat(read).containsExactly(3L, 4L);
        assertThat(begun).isOne();
    }

    @Test
    void aPartitionThatComesAndGoesIsReadOnceInOrder() {
        open();
        for (int i = 0; i < 10; i++) {
            append(2);
            if (!journal.away.remove(partition)) {
                journal.away.add(partition);
            }
            loop.advance(i % 3);
        }
        loop.advance(200);
        assertThat(read).hasSize(20).isSorted().doesNotHaveDuplicates();
    }

    /** Its leader may take messages before this node knows of it. */
    @Test
    void aPartitionThatIsAddedIsReadFromItsFirstMessageOn() {
        open();
        loop.advance(10);
        beforeTailsKnow = () -> {
            partition = metaLog.image().topic("t").partition(1);
            append(2);
        };
        metaLog.extend("t");
        loop.advance(10);
        assertThat(read).containsExactly(0L, 1L);
    }

    @Test
    void aSubscriptionIsFencedOffFromWhatItsLeaderHadAndThisNodeHasNotReadYet() {
        journal.away.add(partition);
        open();
        loop.advance(10);
        append(3);
        tails.whenKnown(List.of("t/#"), () -> assertThat(
                        tails.tailOf(tails.logOf(partition, "t")).visibleEnd())
                .isEqualTo(3));
        loop.advance(10);
        assertThat(read).hasSize(3);
    }

    /** It hears late what is committed. */
    @Test
    void whatAFollowerHasThatNobodyReadsBeginsAtItsLeadersEnd() {
        append(3);
        journal.followed.add(partition);
        tails.whenKnown(List.of("t/#"), this::open);
        loop.advance(10);
        journal.followed.clear();
        append(1);
        loop.advance(10);
        assertThat(read).containsExactly(3L);
    }

    private void open() {
        isWanted = true;
        tails.open("t/#");
    }

    /** Takes {@code bytes}. */
    private void read(Tail tail, ByteBuf bytes) {
        RecordReader.forAll(bytes, 1 << 20, (batch, record) -> {
            if (record.offset() >= tail.position()) {
                read.add(record.offset());
            }
        });
        bytes.release();
    }

    private void append(int count) {
        for (int i = 0; i < count; i++) {
            BatchBuilder batch = new BatchBuilder(UnpooledByteBufAllocator.DEFAULT, 64);
            batch.append(loop.nowMs(), null, Unpooled.EMPTY_BUFFER, List.of());
            all.append(partition, batch.build(), AppendOptions.DURABLE, loop, result -> assertThat(result.succeeded())
                    .isTrue());
        }
        loop.run();
    }
}
