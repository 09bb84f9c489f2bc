package io.robustmq.journal.remote;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.loop.SimLoop;
import io.robustmq.core.model.Partition;
import io.robustmq.core.model.TopicId;
import io.robustmq.core.port.Isolation;
import io.robustmq.core.port.ReadResult;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RemoteReadsTest {
    private static final int BATCH_BYTES = 61;
    private static final RemoteReads.Log LOG =
            new RemoteReads.Log(new Partition(new TopicId(1, 2), 0), 3, Isolation.READ_UNCOMMITTED);

    private final SimLoop loop = new SimLoop();
    private final List<RemoteReads.Place> asked = new ArrayList<>();
    private final RemoteReads reads =
            new RemoteReads(10 * BATCH_BYTES, loop::nanoTime, (place, maxBytes) -> asked.add(place));

    @Test
    void whatIsMissingIsAskedForOnceAndReadWhenItHasCome() {
        assertThat(read(5).slice()).isNull();
        assertThat(read(5).slice()).isNull();
        assertThat(asked).containsExactly(place(5));
        int[] woken = new int[1];
        reads.onAnswer(LOG, 5, 1_000, loop, () -> woken[0]++);
        answer(5, 100, 5, 6);
        loop.run();
        assertThat(woken[0]).isOne();
        ReadResult here = read(5);
        assertThat(here.sizeInBytes()).isEqualTo(2 * BATCH_BYTES);
        assertThat(here.highWatermark()).isEqualTo(100);
        assertThat(asked).hasSize(1);
    }

    @Test
    void nobodyWaitsForWhatIsHere() {
        read(5);
        answer(5, 100, 5);
        int[] woken = new int[1];
        reads.onAnswer(LOG, 5, 1_000, loop, () -> woken[0]++);
        loop.run();
        assertThat(woken[0]).isOne();
    }

    @Test
    void wholeBatchesThatFitAreRead() {
        read(5);
        answer(5, 100, 5, 6, 7);
        assertThat(reads.read(LOG, 5, 2 * BATCH_BYTES + 1, false).sizeInBytes()).isEqualTo(2 * BATCH_BYTES);
        assertThat(reads.read(LOG, 5, 1, true).sizeInBytes()).isEqualTo(BATCH_BYTES);
        assertThat(reads.read(LOG, 5, 1, false).slice()).isNull();
    }

    @Test
    void allThatWasThereIsNotEnoughWhenThereIsMore() {
        read(5);
        answer(5, 6, 5);
        read(6);
        answer(6, 7, 6);
        asked.clear();
        assertThat(read(5).slice()).isNull();
        assertThat(asked).containsExactly(place(5));
    }

    @Test
    void whatIsOldIsAskedForAnew() {
        read(5);
        answer(5, 100, 5);
        loop.advance(1_001);
        assertThat(read(5).slice()).isNull();
        assertThat(asked).hasSize(2);
    }

    @Test
    void aRefusalIsToldOnce() {
        read(5);
        reads.answered(place(5), ReadResult.refused(BrokerError.OFFSET_OUT_OF_RANGE), Unpooled.EMPTY_BUFFER);
        assertThat(read(5).error()).isEqualTo(BrokerError.OFFSET_OUT_OF_RANGE);
        assertThat(read(5).error()).isEqualTo(BrokerError.NONE);
        assertThat(asked).hasSize(2);
    }

    @Test
    void theLeastReadGoesWhenThereIsTooMuch() {
        for (int offset = 0; offset < 12; offset++) {
            read(offset);
            answer(offset, 100, offset);
        }
        asked.clear();
        assertThat(read(11).sizeInBytes()).isEqualTo(BATCH_BYTES);
        assertThat(read(0).slice()).isNull();
        assertThat(asked).containsExactly(place(0));
    }

    @Test
    void whoWaitsForALeaderThatIsNoneAnyMoreLooksAgain() {
        List<RemoteReads.Place> dropped = new ArrayList<>();
        RemoteReads some = new RemoteReads(1_000, loop::nanoTime, new RemoteReads.Asker() {
            @Override
            public void ask(RemoteReads.Place place, int maxBytes) {
                asked.add(place);
            }

            @Override
            public boolean drop(RemoteReads.Place place) {
                return dropped.add(place);
            }
        });
        int[] woken = new int[1];
        some.onAnswer(LOG, 5, 1_000, loop, () -> woken[0]++);
        some.forgetIf(log -> log.leaderEpoch() < 4);
        loop.run();
        assertThat(woken[0]).isOne();
        assertThat(dropped).containsExactly(place(5));
        some.onAnswer(LOG, 6, 1_000, loop, () -> woken[0]++).cancel();
        assertThat(dropped).containsExactly(place(5), place(6));
    }

    private ReadResult read(long offset) {
        return reads.read(LOG, offset, 1_000, true);
    }

    private static RemoteReads.Place place(long offset) {
        return new RemoteReads.Place(LOG, offset);
    }

    private void answer(long offset, long highWatermark, long... batches) {
        ByteBuf records = Unpooled.buffer();
        for (long baseOffset : batches) {
            records.writeLong(baseOffset).writeInt(BATCH_BYTES - 12).writeZero(BATCH_BYTES - 12);
        }
        ReadResult head = new ReadResult(BrokerError.NONE, null, highWatermark, highWatermark, 0, List.of());
        reads.answered(place(offset), head, records);
    }
}
