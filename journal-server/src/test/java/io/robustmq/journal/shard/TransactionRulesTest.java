package io.robustmq.journal.shard;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.robustmq.core.config.TopicSettings;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.port.Acks;
import io.robustmq.core.port.AppendOptions;
import io.robustmq.core.port.AppendOptions.Origin;
import io.robustmq.core.port.ProducerState;
import io.robustmq.journal.Batches;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a shard's leader makes of transactional batches and their markers (KIP-98, KIP-890). */
class TransactionRulesTest {
    private static final long NOW = Batches.TIME;

    private final ProducerTable producers = new ProducerTable(3);
    private final ShardMachine machine = new ShardMachine(producers, TopicSettings.of(Map.of()), 0, 1 << 20);
    private final List<ByteBuf> made = new ArrayList<>();

    TransactionRulesTest() {
        machine.lead(7, 1, 1);
    }

    @AfterEach
    void release() {
        made.forEach(ByteBuf::release);
    }

    @Test
    void firstBatchOfATransactionMustBeVerifiedAndLaterOnesNeedNot() {
        assertThat(append(data(9, 0, 0)).error()).isEqualTo(BrokerError.TRANSACTION_NOT_VERIFIED);
        assertThat(verified(data(9, 0, 0)).baseOffset()).isZero();
        assertThat(append(data(9, 0, 1)).baseOffset()).isEqualTo(1);
        end(9, 0, true);
        assertThat(append(data(9, 0, 2)).error()).isEqualTo(BrokerError.TRANSACTION_NOT_VERIFIED);
    }

    @Test
    void whatWasVerifiedBeforeTheMarkerIsRefusedAfterIt() {
        long verifiedAt = machine.endOffset();
        verified(data(9, 0, 0));
        end(9, 0, true);
        assertThat(appendAt(data(9, 0, 1), verifiedAt).error())
                .as("a transaction that nobody would ever end")
                .isEqualTo(BrokerError.INVALID_TXN_STATE);
        assertThat(appendAt(data(9, 0, 1), machine.endOffset()).accepted()).isTrue();
    }

    @Test
    void repeatedBatchOfAnEndedTransactionIsAnsweredAndOpensNothing() {
        verified(data(9, 0, 0));
        end(9, 0, true);
        assertThat(append(data(9, 0, 0))).isEqualTo(new Verdict(BrokerError.NONE, "", true, 0, 1, -1));
        assertThat(machine.lastStableOffset()).isEqualTo(machine.highWatermark());
    }

    @Test
    void markerOfANewerEpochFencesTheOldOneAndStartsSequencesAnew() {
        verified(data(9, 0, 0));
        end(9, 1, false);
        assertThat(verified(data(9, 0, 1)).error()).isEqualTo(BrokerError.INVALID_PRODUCER_EPOCH);
        assertThat(verified(data(9, 1, 1)).error()).isEqualTo(BrokerError.OUT_OF_ORDER_SEQUENCE);
        assertThat(verified(data(9, 1, 0)).accepted()).isTrue();
    }

    @Test
    void markerFencesEvenWhereTheProducerWroteNothing() {
        end(9, 5, false);
        assertThat(verified(data(9, 4, 0)).error()).isEqualTo(BrokerError.INVALID_PRODUCER_EPOCH);
    }

    @Test
    void markersOfAnOlderEpochOrCoordinatorAreRefused() {
        verified(data(9, 3, 0));
        assertThat(marker(9, 2, true, 4).error()).isEqualTo(BrokerError.INVALID_PRODUCER_EPOCH);
        assertThat(marker(9, 3, true, 4).accepted()).isTrue();
        assertThat(marker(9, 3, true, 3).error()).isEqualTo(BrokerError.TRANSACTION_COORDINATOR_FENCED);
    }

    @Test
    void whatWasVerifiedWhileTheLastEpochEndedBelongsToTheNext() {
        verified(data(9, 0, 0));
        settle();
        long verifiedAt = machine.endOffset();
        assertThat(epochMarker(9, 1).accepted()).isTrue();
        settle();
        assertThat(appendAt(data(9, 1, 0), verifiedAt).accepted()).isTrue();
        assertThat(appendAt(data(9, 0, 1), verifiedAt).error()).isEqualTo(BrokerError.INVALID_PRODUCER_EPOCH);
    }

    @Test
    void lateMarkerOfAnEpochCannotEndTheTransactionThatFollows() {
        verified(data(9, 0, 0));
        assertThat(epochMarker(9, 1).accepted()).isTrue();
        settle();
        assertThat(epochMarker(9, 1).error()).as("KIP-1228").isEqualTo(BrokerError.INVALID_PRODUCER_EPOCH);
        verified(data(9, 1, 0));
        assertThat(epochMarker(9, 1).error()).isEqualTo(BrokerError.INVALID_PRODUCER_EPOCH);
        assertThat(epochMarker(9, 2).accepted()).isTrue();
    }

    @Test
    void nothingOutsideTheTransactionIsWrittenWhileItIsOpen() {
        verified(data(9, 0, 0));
        ByteBuf plain = keep(Batches.idempotent(9, 0, 1, "v"));
        assertThat(append(plain).error()).isEqualTo(BrokerError.INVALID_TXN_STATE);
        assertThat(append(data(9, 1, 0)).error()).isEqualTo(BrokerError.TRANSACTION_NOT_VERIFIED);
    }

    @Test
    void whoLacksTheMarkerOfATransactionThatEndedDoesNotLeadAnyMore() {
        verified(data(9, 0, 0));
        assertThat(verified(data(9, 1, 0)).error()).isEqualTo(BrokerError.NOT_LEADER);
    }

    @Test
    void stableOffsetIsTheFirstOfTheOldestTransactionUntilItsMarkerIsDurable() {
        append(keep(Batches.of("plain")));
        verified(data(1, 0, 0));
        verified(data(2, 0, 0));
        settle();
        assertThat(machine.lastStableOffset()).isEqualTo(1);
        marker(2, 0, true, 0);
        settle();
        assertThat(machine.lastStableOffset()).as("the older one is still open").isEqualTo(1);
        marker(1, 0, true, 0);
        machine.onWritten();
        assertThat(machine.lastStableOffset()).as("written, not durable").isEqualTo(1);
        machine.onDurable(machine.endOffset());
        assertThat(machine.lastStableOffset()).isEqualTo(5);
    }

    @Test
    void abortedTransactionsAreToldWithTheOffsetBelowWhichNoneIsOpen() {
        verified(data(1, 0, 0));
        verified(data(2, 0, 0));
        marker(2, 0, false, 0);
        assertThat(machine.onWritten()).containsExactly(new AbortedRange(2, 1, 2, 0));
        marker(1, 0, false, 0);
        assertThat(machine.onWritten()).containsExactly(new AbortedRange(1, 0, 3, 4));
        marker(1, 0, false, 0);
        assertThat(machine.onWritten()).as("nothing was open").isEmpty();
    }

    @Test
    void failedWriteTakesBackBeginningsAndMarkers() {
        verified(data(1, 0, 0));
        settle();
        marker(1, 0, false, 0);
        verified(data(2, 0, 0));
        machine.onWriteFailed();
        assertThat(machine.lastStableOffset()).isZero();
        assertThat(append(data(1, 0, 1)).accepted()).as("still open").isTrue();
        assertThat(append(data(2, 0, 0)).error()).isEqualTo(BrokerError.TRANSACTION_NOT_VERIFIED);
        machine.onWritten();
        marker(1, 0, true, 0);
        assertThat(machine.onWritten()).isEmpty();
        machine.onDurable(machine.endOffset());
        assertThat(machine.lastStableOffset()).isEqualTo(3);
    }

    @Test
    void producersWithAnOpenTransactionAreNeverForgotten() {
        verified(data(1, 0, 0));
        for (int producer = 2; producer < 9; producer++) {
            append(keep(Batches.idempotent(producer, 0, 0, "v")));
        }
        machine.onWritten();
        producers.expire(Long.MAX_VALUE);
        assertThat(producers.states()).containsExactly(new ProducerState(1, (short) 0, 0, NOW, -1, 0));
    }

    @Test
    void forgottenProducersMarkerStillBarsWhatWasVerifiedBeforeIt() {
        long verifiedAt = machine.endOffset();
        end(1, 0, true);
        producers.expire(Long.MAX_VALUE);
        assertThat(producers.size()).isZero();
        assertThat(appendAt(data(1, 0, 0), verifiedAt).error()).isEqualTo(BrokerError.INVALID_TXN_STATE);
    }

    @Test
    void openTransactionsSurviveWritingAndReading() {
        append(keep(Batches.of("plain")));
        verified(data(1, 0, 0));
        settle();
        ByteBuf bytes = keep(Unpooled.buffer());
        producers.write(bytes);
        ProducerTable copy = new ProducerTable(3);
        copy.read(bytes);
        assertThat(copy.states()).isEqualTo(producers.states());
        assertThat(copy.stableBelow(10)).isEqualTo(1);
    }

    private Verdict append(ByteBuf batch) {
        return machine.onAppend(batch, AppendOptions.DURABLE, NOW);
    }

    private Verdict verified(ByteBuf batch) {
        return appendAt(batch, Long.MAX_VALUE);
    }

    private Verdict appendAt(ByteBuf batch, long verifiedAt) {
        return machine.onAppend(batch, AppendOptions.DURABLE.verifiedAt(verifiedAt), NOW);
    }

    private Verdict marker(long producerId, int epoch, boolean commits, int coordinatorEpoch) {
        AppendOptions options = new AppendOptions(Acks.ALL, Origin.COORDINATOR, AppendOptions.ANY_EPOCH, 1000);
        return machine.onAppend(keep(Batches.marker(producerId, epoch, commits, coordinatorEpoch)), options, NOW);
    }

    private Verdict epochMarker(long producerId, int epoch) {
        AppendOptions options = new AppendOptions(Acks.ALL, Origin.EPOCH_COORDINATOR, AppendOptions.ANY_EPOCH, 1000);
        return machine.onAppend(keep(Batches.marker(producerId, epoch, true, 0)), options, NOW);
    }

    private void end(long producerId, int epoch, boolean commits) {
        assertThat(marker(producerId, epoch, commits, 0).accepted()).isTrue();
        settle();
    }

    private void settle() {
        machine.onWritten();
        machine.onDurable(machine.endOffset());
    }

    private ByteBuf data(long producerId, int epoch, int sequence) {
        return keep(Batches.transactional(producerId, epoch, sequence, "v"));
    }

    private ByteBuf keep(ByteBuf buffer) {
        made.add(buffer);
        return buffer;
    }
}
