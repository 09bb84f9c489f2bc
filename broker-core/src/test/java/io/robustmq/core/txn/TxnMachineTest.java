package io.robustmq.core.txn;

import static io.robustmq.core.txn.TxnFixture.A;
import static io.robustmq.core.txn.TxnFixture.B;
import static io.robustmq.core.txn.TxnFixture.ID;
import static io.robustmq.core.txn.TxnFixture.TIMEOUT_MS;
import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.core.error.BrokerError;
import io.robustmq.core.txn.TxnCommand.DescribeTransaction;
import io.robustmq.core.txn.TxnCommand.InitProducer;
import io.robustmq.core.txn.TxnCommand.Producer;
import io.robustmq.core.txn.TxnEffect.WriteMarkers;
import io.robustmq.core.txn.TxnFact.TxnChanged;
import io.robustmq.core.txn.TxnFact.TxnRemoved;
import io.robustmq.core.txn.TxnFixture.Answer;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TxnMachineTest {
    private static final long WEEK_MS = 604_800_000L;

    private final TxnFixture txns = new TxnFixture();

    @Test
    void firstProducerGetsAFreshIdAndEpochZero() {
        assertThat(txns.init().producer()).isEqualTo(new Producer(100, (short) 0));
        assertThat(txns.log)
                .containsExactly(new TxnChanged(
                        ID,
                        new TxnSnapshot(
                                100,
                                -1,
                                -1,
                                (short) 0,
                                (short) -1,
                                TIMEOUT_MS,
                                TxnState.EMPTY,
                                Set.of(),
                                txns.nowMs,
                                -1,
                                false)));
    }

    @Test
    void nextProducerGetsTheNextEpochAndFencesTheOneBefore() {
        Producer first = txns.init().producer();
        Producer second = txns.init().producer();
        assertThat(second).isEqualTo(new Producer(100, (short) 1));
        assertThat(txns.add(first, A).error()).isEqualTo(BrokerError.PRODUCER_FENCED);
        assertThat(txns.add(new Producer(99, (short) 1), A).error()).isEqualTo(BrokerError.INVALID_PRODUCER_ID_MAPPING);
        assertThat(txns.add(second, A).error()).isEqualTo(BrokerError.NONE);
    }

    @Test
    void timeoutsOutOfBoundsAndTooManyIdsAreRefused() {
        assertThat(init("x", 0)).isEqualTo(BrokerError.INVALID_TRANSACTION_TIMEOUT);
        assertThat(init("x", 900_001)).isEqualTo(BrokerError.INVALID_TRANSACTION_TIMEOUT);
        assertThat(init("", 1)).isEqualTo(BrokerError.INVALID_REQUEST);
        for (int i = 0; i < 3; i++) {
            assertThat(init("x" + i, 900_000)).isEqualTo(BrokerError.NONE);
        }
        assertThat(init("x3", 900_000)).isEqualTo(BrokerError.POLICY_VIOLATION);
    }

    @Test
    void addingIsLoggedOnceAndBeginsTheTransaction() {
        Producer producer = txns.init().producer();
        txns.nowMs += 10;
        assertThat(txns.add(producer, A).error()).isEqualTo(BrokerError.NONE);
        assertThat(txns.now().state()).isEqualTo(TxnState.ONGOING);
        assertThat(txns.now().startMs()).isEqualTo(txns.nowMs);
        int logged = txns.log.size();
        assertThat(txns.add(producer, A).error()).isEqualTo(BrokerError.NONE);
        assertThat(txns.log).as("nothing new").hasSize(logged);
        txns.add(producer, B);
        assertThat(txns.now().partitions()).containsExactlyInAnyOrder(A, B);
    }

    @Test
    void transactionOfTooManyPartitionsMustBeAborted() {
        Producer producer = txns.init().producer();
        txns.add(producer, A, B, new TxnPartition("c", 0), new TxnPartition("d", 0));
        assertThat(txns.add(producer, new TxnPartition("e", 0)).error()).isEqualTo(BrokerError.TRANSACTION_ABORTABLE);
    }

    @Test
    void verifyingAddsNothing() {
        Producer producer = txns.init().producer();
        txns.add(producer, false, A);
        assertThat(txns.verify(producer, A).error()).isEqualTo(BrokerError.NONE);
        assertThat(txns.verify(producer, B).error()).isEqualTo(BrokerError.TRANSACTION_ABORTABLE);
        assertThat(txns.now().partitions()).containsExactly(A);
    }

    @Test
    void commitIsDurableThenMarkedEverywhereThenComplete() {
        Producer producer = txns.init().producer();
        txns.add(producer, A, B);
        Answer answer = txns.end(producer, true);
        assertThat(answer.producer()).isEqualTo(new Producer(100, (short) 1));
        assertThat(txns.now().state()).isEqualTo(TxnState.PREPARE_COMMIT);
        WriteMarkers write = txns.markers.remove();
        assertThat(write)
                .isEqualTo(new WriteMarkers(ID, new Producer(100, (short) 1), true, true, 7, txns.nowMs, Set.of(A, B)));
        txns.report(write, A, true);
        assertThat(txns.now().state()).isEqualTo(TxnState.PREPARE_COMMIT);
        txns.report(write, A, true);
        txns.report(write, B, true);
        assertThat(txns.now().state()).isEqualTo(TxnState.COMPLETE_COMMIT);
        assertThat(txns.now().partitions()).isEmpty();
        assertThat(txns.now().producerEpoch()).isEqualTo((short) 1);
    }

    @Test
    void oldProtocolKeepsItsEpochOverTransactions() {
        Producer producer = txns.init().producer();
        for (int i = 0; i < 3; i++) {
            txns.add(producer, false, A);
            assertThat(txns.end(producer, true, false, -1).producer()).isEqualTo(producer);
            assertThat(txns.markers.element().producer()).isEqualTo(producer);
            assertThat(txns.markers.element().endsEpoch()).isFalse();
            txns.writeMarkers();
            assertThat(txns.end(producer, true, false, -1).producer())
                    .as("asked again")
                    .isEqualTo(producer);
            assertThat(txns.end(producer, false, false, -1).error()).isEqualTo(BrokerError.INVALID_TXN_STATE);
        }
    }

    @Test
    void commitThatComesAgainIsAnsweredAsTheFirstTime() {
        Producer producer = txns.init().producer();
        txns.add(producer, A);
        Producer next = txns.end(producer, true).producer();
        Answer again = txns.end(producer, true);
        assertThat(again.waits()).as("until the markers are written").isTrue();
        assertThat(txns.end(producer, false).error()).isEqualTo(BrokerError.INVALID_TXN_STATE);
        txns.writeMarkers();
        assertThat(again.producer()).isEqualTo(next);
        assertThat(txns.end(producer, true).producer()).isEqualTo(next);
        assertThat(txns.end(producer, false).error()).isEqualTo(BrokerError.INVALID_TXN_STATE);
    }

    @Test
    void delayedEndOfAnEarlierTransactionCannotTouchTheNext() {
        Producer first = txns.init().producer();
        txns.add(first, A);
        Producer second = txns.end(first, true).producer();
        txns.writeMarkers();
        txns.add(second, A);
        assertThat(txns.end(first, true).error()).isEqualTo(BrokerError.PRODUCER_FENCED);
        assertThat(txns.end(first, false).error()).isEqualTo(BrokerError.PRODUCER_FENCED);
        assertThat(txns.add(first, B).error()).isEqualTo(BrokerError.PRODUCER_FENCED);
        assertThat(txns.now().state()).isEqualTo(TxnState.ONGOING);
    }

    @Test
    void nextTransactionWaitsForTheMarkersOfTheLast() {
        Producer producer = txns.init().producer();
        txns.add(producer, A);
        Producer next = txns.end(producer, true).producer();
        Answer adding = txns.add(next, B);
        assertThat(adding.waits()).isTrue();
        txns.writeMarkers();
        assertThat(adding.error()).isEqualTo(BrokerError.NONE);
        assertThat(txns.now().partitions()).containsExactly(B);
    }

    @Test
    void abortOfNothingWaitsForTheMarkersOfTheLast() {
        Producer producer = txns.init().producer();
        txns.add(producer, A);
        Producer next = txns.end(producer, true).producer();
        Answer aborting = txns.end(next, false);
        assertThat(aborting.waits()).isTrue();
        txns.writeMarkers();
        assertThat(aborting.producer()).isEqualTo(new Producer(100, (short) 2));
        assertThat(txns.now().state()).isEqualTo(TxnState.COMPLETE_ABORT);
    }

    @Test
    void commitThatOvertookItsRecordsWhileTheMarkersOfTheLastAreWrittenIsToldToTryAgain() {
        Producer producer = txns.init().producer();
        txns.add(producer, A);
        Producer next = txns.end(producer, true).producer();
        assertThat(txns.end(next, true).error()).isEqualTo(BrokerError.CONCURRENT_TRANSACTIONS);
        Answer adding = txns.add(next, B);
        txns.writeMarkers();
        assertThat(adding.error()).isEqualTo(BrokerError.NONE);
        assertThat(txns.end(next, true).producer()).isEqualTo(new Producer(100, (short) 2));
    }

    @Test
    void whoeverWaitsTooLongIsToldToTryAgain() {
        Producer producer = txns.init().producer();
        txns.add(producer, A);
        Answer adding = txns.add(txns.end(producer, true).producer(), B);
        txns.advance(2_000);
        assertThat(adding.error()).isEqualTo(BrokerError.CONCURRENT_TRANSACTIONS);
    }

    @Test
    void commitOfNothingIsRefusedAndAbortOfNothingIsNot() {
        Producer producer = txns.init().producer();
        assertThat(txns.end(producer, true).error()).isEqualTo(BrokerError.INVALID_TXN_STATE);
        Producer next = txns.end(producer, false).producer();
        assertThat(next).isEqualTo(new Producer(100, (short) 1));
        assertThat(txns.markers).isEmpty();
        assertThat(txns.now().state()).isEqualTo(TxnState.COMPLETE_ABORT);
        assertThat(txns.end(next, true, false, -1).error()).isEqualTo(BrokerError.INVALID_TXN_STATE);
    }

    @Test
    void producerThatStartsAbortsWhatItsPredecessorLeftAndTwoEpochsOn() {
        Producer first = txns.init().producer();
        txns.add(first, A);
        Answer starting = txns.init();
        assertThat(starting.waits()).isTrue();
        assertThat(txns.markers.element())
                .isEqualTo(new WriteMarkers(ID, new Producer(100, (short) 1), false, true, 7, txns.nowMs, Set.of(A)));
        assertThat(txns.end(first, true).error()).isEqualTo(BrokerError.PRODUCER_FENCED);
        txns.writeMarkers();
        assertThat(starting.producer()).isEqualTo(new Producer(100, (short) 2));
        assertThat(txns.end(first, true).error()).isEqualTo(BrokerError.PRODUCER_FENCED);
    }

    @Test
    void timeoutAbortsAndFencesOnceAndTheProducerMayGoOnAfterAborting() {
        Producer producer = txns.init().producer();
        txns.add(producer, A);
        txns.advance(TIMEOUT_MS - 1);
        assertThat(txns.markers).isEmpty();
        txns.advance(1);
        assertThat(txns.now().state()).isEqualTo(TxnState.PREPARE_ABORT);
        assertThat(txns.now().producerEpoch()).isEqualTo((short) 1);
        assertThat(txns.end(producer, true).error())
                .as("Kafka Streams ends by INVALID_TXN_STATE, and begins again by this")
                .isEqualTo(BrokerError.PRODUCER_FENCED);
        txns.writeMarkers();
        assertThat(txns.end(producer, true).error()).isEqualTo(BrokerError.PRODUCER_FENCED);
        assertThat(txns.end(producer, true, false, -1).error()).isEqualTo(BrokerError.PRODUCER_FENCED);
        Producer next = txns.end(producer, false).producer();
        assertThat(next).isEqualTo(new Producer(100, (short) 1));
        assertThat(txns.add(next, A).error()).isEqualTo(BrokerError.NONE);
    }

    @Test
    void timeoutThatPassedWhileNobodyLedIsFoundAfterwards() {
        Producer producer = txns.init().producer();
        txns.add(producer, A);
        txns.nowMs += TIMEOUT_MS;
        txns.reload();
        txns.advance(1);
        assertThat(txns.now().state()).isEqualTo(TxnState.PREPARE_ABORT);
    }

    @Test
    void markersAreTriedAgainUntilEveryPartitionHasOne() {
        Producer producer = txns.init().producer();
        txns.add(producer, A, B);
        txns.end(producer, true);
        WriteMarkers write = txns.markers.remove();
        txns.report(write, A, true);
        txns.report(write, B, false);
        txns.advance(499);
        assertThat(txns.markers).isEmpty();
        txns.advance(1);
        WriteMarkers again = txns.markers.remove();
        assertThat(again.partitions()).containsExactly(B);
        txns.report(again, B, true);
        assertThat(txns.now().state()).isEqualTo(TxnState.COMPLETE_COMMIT);
    }

    @Test
    void markersThatAreUnderWayAreNotWrittenASecondTime() {
        Producer producer = txns.init().producer();
        txns.add(producer, A, B);
        txns.end(producer, true);
        WriteMarkers write = txns.markers.remove();
        txns.report(write, B, false);
        txns.advance(500);
        WriteMarkers again = txns.markers.remove();
        assertThat(again.partitions()).containsExactly(B);
        txns.report(again, B, false);
        txns.report(again, B, true);
        txns.advance(500);
        assertThat(txns.markers).isEmpty();
        txns.advance(14_000);
        assertThat(txns.markers.remove().partitions()).containsExactly(A);
    }

    @Test
    void lateReportOfATransactionSaysNothingOfTheProducersNextOne() {
        Producer producer = txns.init().producer();
        txns.add(producer, false, A);
        txns.end(producer, true, false, -1);
        WriteMarkers first = txns.markers.remove();
        txns.report(first, A, true);
        txns.advance(1);
        txns.add(producer, false, A);
        txns.end(producer, true, false, -1);
        txns.report(first, A, true);
        assertThat(txns.now().state()).isEqualTo(TxnState.PREPARE_COMMIT);
        txns.writeMarkers();
        assertThat(txns.now().state()).isEqualTo(TxnState.COMPLETE_COMMIT);
    }

    @Test
    void markersWhoseReportsAreLostAreWrittenAgain() {
        Producer producer = txns.init().producer();
        txns.add(producer, A);
        txns.end(producer, true);
        txns.markers.clear();
        txns.advance(15_000);
        assertThat(txns.markers).hasSize(1);
    }

    @Test
    void anotherCoordinatorCompletesWhatWasDecidedAtItsOwnEpoch() {
        Producer producer = txns.init().producer();
        txns.add(producer, A, B);
        Producer next = txns.end(producer, true).producer();
        WriteMarkers lost = txns.markers.remove();
        txns.report(lost, A, true);
        txns.reload();
        assertThat(txns.markers)
                .containsExactly(
                        new WriteMarkers(ID, new Producer(100, (short) 1), true, true, 8, txns.nowMs, Set.of(A, B)));
        assertThat(txns.end(producer, false).error()).isEqualTo(BrokerError.INVALID_TXN_STATE);
        Answer again = txns.end(producer, true);
        txns.writeMarkers();
        assertThat(again.producer()).isEqualTo(next);
    }

    @Test
    void whoWaitsIsRefusedWhenTheCoordinatorIsDropped() {
        Producer producer = txns.init().producer();
        txns.add(producer, A);
        Answer adding = txns.add(txns.end(producer, true).producer(), B);
        txns.reload();
        assertThat(adding.error()).isEqualTo(BrokerError.NOT_COORDINATOR);
    }

    @Test
    void producerMayAskForItsNextEpochTwiceEvenOfAnotherCoordinator() {
        Producer first = txns.init().producer();
        Producer second = txns.init(100, 0).producer();
        assertThat(second).isEqualTo(new Producer(100, (short) 1));
        txns.reload();
        assertThat(txns.init(100, 0).producer()).as("KIP-360").isEqualTo(second);
        Producer third = txns.init(100, 1).producer();
        assertThat(third).isEqualTo(new Producer(100, (short) 2));
        assertThat(txns.init(first.id(), 0).error()).isEqualTo(BrokerError.PRODUCER_FENCED);
        assertThat(txns.init(55, 2).error()).isEqualTo(BrokerError.PRODUCER_FENCED);
    }

    @Test
    void olderProducerCannotAbortTheTransactionOfTheNewer() {
        txns.init();
        Producer newer = txns.init().producer();
        txns.add(newer, A);
        assertThat(txns.init(100, 0).error()).isEqualTo(BrokerError.PRODUCER_FENCED);
        assertThat(txns.now().state()).isEqualTo(TxnState.ONGOING);
    }

    @Test
    void producerIsNotGivenTheEpochOfANewerOneOfTheFirstProtocol() {
        Producer older = txns.init().producer();
        Producer newer = txns.init().producer();
        txns.add(newer, false, A);
        txns.end(newer, false, false, -1);
        Answer early = txns.end(older, false);
        txns.writeMarkers();
        assertThat(txns.now().state()).isEqualTo(TxnState.COMPLETE_ABORT);
        assertThat(early.error()).isEqualTo(BrokerError.PRODUCER_FENCED);
        assertThat(txns.end(older, false).error()).isEqualTo(BrokerError.PRODUCER_FENCED);
    }

    @Test
    void lastEpochIsFollowedByAnotherProducerId() {
        Producer last = exhausted();
        txns.add(last, A);
        assertThat(txns.end(last, true).reply).isEqualTo(new TxnReply.NeedsProducerId());
        Producer next = txns.end(last, true, true, 500).producer();
        assertThat(next).isEqualTo(new Producer(500, (short) 0));
        assertThat(txns.markers.element().producer()).isEqualTo(new Producer(100, Short.MAX_VALUE));
        Answer again = txns.end(last, true);
        txns.writeMarkers();
        assertThat(again.producer()).isEqualTo(next);
        txns.reload();
        assertThat(txns.end(last, true).producer()).isEqualTo(next);
        assertThat(txns.add(next, B).error()).isEqualTo(BrokerError.NONE);
        assertThat(txns.end(last, true).error()).isEqualTo(BrokerError.PRODUCER_FENCED);
    }

    @Test
    void producerIdThatFollowsIsKnownBeforeTheMarkersAreWritten() {
        Producer last = exhausted();
        txns.add(last, A);
        Producer next = txns.end(last, true, true, 500).producer();
        Answer adding = txns.add(next, B);
        Answer verifying = txns.verify(next, B);
        assertThat(adding.waits()).isTrue();
        assertThat(verifying.waits()).isTrue();
        assertThat(txns.end(next, true).error()).isEqualTo(BrokerError.CONCURRENT_TRANSACTIONS);
        assertThat(txns.add(new Producer(500, (short) 1), B).error())
                .isEqualTo(BrokerError.INVALID_PRODUCER_ID_MAPPING);
        txns.writeMarkers();
        assertThat(adding.error()).isEqualTo(BrokerError.NONE);
        assertThat(verifying.error()).isEqualTo(BrokerError.NONE);
        txns.end(next, true);
        txns.writeMarkers();
        assertThat(txns.now().state()).isEqualTo(TxnState.COMPLETE_COMMIT);
        assertThat(txns.now().producerId()).isEqualTo(500);
    }

    @Test
    void lastEpochOfAllFencesAndIsGivenToNobody() {
        Producer last = exhausted();
        txns.add(last, A);
        txns.advance(TIMEOUT_MS);
        txns.writeMarkers();
        assertThat(txns.now().producerEpoch()).isEqualTo(Short.MAX_VALUE);
        assertThat(txns.end(last, false).error()).as("KAFKA-18660").isEqualTo(BrokerError.PRODUCER_FENCED);
        Producer next = txns.init().producer();
        assertThat(next.epoch()).isZero();
        assertThat(next.id()).isNotEqualTo(last.id());
    }

    @Test
    void exhaustedProducerThatAsksTwiceGetsTheSameNewId() {
        Producer last = exhausted();
        Producer next = txns.init(last.id(), last.epoch()).producer();
        assertThat(next.id()).isNotEqualTo(last.id());
        assertThat(txns.init(last.id(), last.epoch()).producer()).isEqualTo(next);
    }

    @Test
    void unusedIdIsForgottenAndAnOngoingOneIsNot() {
        txns.init();
        txns.advance(WEEK_MS + 3_600_000);
        assertThat(txns.log).endsWith(new TxnRemoved(ID));
        assertThat(txns.now()).isNull();
        assertThat(txns.machine.wakeAtMs()).isEqualTo(TxnMachine.NEVER);
        Answer describing = new Answer();
        txns.submit(new DescribeTransaction(describing, ID));
        assertThat(describing.error()).isEqualTo(BrokerError.TRANSACTIONAL_ID_NOT_FOUND);
    }

    private BrokerError init(String id, int timeoutMs) {
        Answer answer = new Answer();
        txns.submit(new InitProducer(answer, id, timeoutMs, -1, (short) -1, txns.nextProducerId++));
        return answer.error();
    }

    /** A producer with the last epoch that a producer is given. */
    private Producer exhausted() {
        Producer producer = txns.init().producer();
        while (producer.epoch() < Short.MAX_VALUE - 1) {
            producer = txns.init().producer();
        }
        return producer;
    }
}
