package io.robustmq.journal.remote;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.loop.SimLoop;
import io.robustmq.core.model.Partition;
import io.robustmq.core.model.TopicId;
import io.robustmq.core.port.AppendOptions;
import io.robustmq.core.port.InMemoryJournal;
import io.robustmq.core.port.Isolation;
import io.robustmq.core.port.NodeLink;
import io.robustmq.core.port.ReadResult;
import io.robustmq.core.port.SimLink;
import io.robustmq.core.record.BatchBuilder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** One node that wants partitions of another one, which leads them. */
class LeaderStreamTest {
    private static final int LEADER = 2;
    private static final int PARTITIONS = 3_000;

    private final SimLoop loop = new SimLoop();
    private final InMemoryJournal log = new InMemoryJournal(LEADER);
    private final SimLink link = new SimLink(loop);
    private final Map<RemoteReads.Place, ReadResult> told = new HashMap<>();
    private final List<Integer> bytes = new ArrayList<>();
    private final LeaderStreams streams = new LeaderStreams(link, loop, partition -> LEADER, this::told);

    @BeforeEach
    void lead() {
        link.services.put(LEADER, new TailService(log));
        for (int i = 0; i < PARTITIONS; i++) {
            log.lead(partition(i), 1, true);
        }
    }

    @Test
    void manyIdlePartitionsCostAQuestionNowAndThen() {
        for (int i = 0; i < PARTITIONS; i++) {
            streams.ask(place(i, 0), 1_000);
        }
        loop.advance(60_000);
        assertThat(told).isEmpty();
        assertThat(link.questions).isLessThan(20);
        append(2_999);
        loop.run();
        assertThat(told).containsOnlyKeys(place(2_999, 0));
        assertThat(bytes).singleElement().satisfies(size -> assertThat(size).isPositive());
    }

    @Test
    void oneQuestionIsEnoughForEachThatComes() {
        streams.ask(place(0, 0), 1_000);
        streams.ask(place(1, 0), 1_000);
        loop.run();
        int before = link.questions;
        for (int offset = 0; offset < 10; offset++) {
            append(0);
            loop.run();
            assertThat(told).containsKey(place(0, offset));
            streams.ask(place(0, offset + 1), 1_000);
            loop.run();
        }
        assertThat(link.questions - before).isLessThanOrEqualTo(21);
    }

    @Test
    void whatIsThereIsToldAtOnceAndWhatIsNotLedIsRefused() {
        append(0);
        log.lead(partition(1), 2, false);
        streams.ask(place(0, 0), 1_000);
        streams.ask(place(1, 0), 1_000);
        loop.run();
        assertThat(told).containsOnlyKeys(place(0, 0));
        loop.advance(LeaderStreams.AGAIN_MS);
        assertThat(told.get(place(1, 0)).error()).isEqualTo(BrokerError.NOT_LEADER);
    }

    @Test
    void whoWaitsIsToldWhenTheConnectionIsGoneAndMayAskAgain() {
        streams.ask(place(0, 0), 1_000);
        streams.ask(place(1, 0), 1_000);
        loop.run();
        link.cut();
        loop.advance(LeaderStreams.AGAIN_MS);
        assertThat(told.values()).hasSize(2).allSatisfy(result -> assertThat(result.error())
                .isEqualTo(BrokerError.NOT_LEADER));
        told.clear();
        streams.ask(place(1, 0), 1_000);
        loop.run();
        append(0);
        append(1);
        loop.run();
        assertThat(told).containsOnlyKeys(place(1, 0));
        assertThat(told.get(place(1, 0)).error()).isEqualTo(BrokerError.NONE);
    }

    @Test
    void whatIsDroppedIsNotTold() {
        streams.ask(place(0, 0), 1_000);
        streams.ask(place(1, 0), 1_000);
        loop.run();
        assertThat(streams.drop(place(0, 0))).isTrue();
        loop.run();
        append(0);
        append(1);
        loop.run();
        assertThat(told).containsOnlyKeys(place(1, 0));
    }

    /** The one before may have told of more than the next one knows to be committed. */
    @Test
    void aLeaderThatIsBehindTellsWhenItHasComeSoFar() {
        append(0);
        streams.ask(place(0, 2), 1_000);
        loop.run();
        append(0);
        loop.run();
        assertThat(told).isEmpty();
        append(0);
        loop.run();
        assertThat(told).containsOnlyKeys(place(0, 2));
        assertThat(told.get(place(0, 2)).error()).isEqualTo(BrokerError.NONE);
    }

    @Test
    void oneQuestionTellsTheStatesOfManyPartitions() {
        append(5);
        List<Long> ends = new ArrayList<>();
        link.ask(
                LEADER,
                NodeLink.Call.TAIL,
                TailCodec.states(List.of(partition(4), partition(5))),
                1_000,
                loop,
                answer -> {
                    for (int i = 0; i < 2; i++) {
                        ends.add(LogCodec.readState(answer).highWatermark());
                    }
                });
        loop.run();
        assertThat(ends).containsExactly(0L, 1L);
    }

    private void told(RemoteReads.Place place, ReadResult head, ByteBuf records) {
        told.put(place, head);
        bytes.add(records.readableBytes());
    }

    private static Partition partition(int index) {
        return new Partition(new TopicId(1, 2), index);
    }

    private static RemoteReads.Place place(int index, long offset) {
        return new RemoteReads.Place(new RemoteReads.Log(partition(index), 1, Isolation.READ_COMMITTED), offset);
    }

    private void append(int index) {
        BatchBuilder batch = new BatchBuilder(UnpooledByteBufAllocator.DEFAULT, 64);
        batch.append(loop.nowMs(), null, Unpooled.EMPTY_BUFFER, List.of());
        log.append(
                partition(index), batch.build(), AppendOptions.DURABLE, loop, result -> assertThat(result.succeeded())
                        .isTrue());
    }
}
