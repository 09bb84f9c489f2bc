package io.robustmq.core.txn.link;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.robustmq.core.config.Configuration;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.group.GroupConfig;
import io.robustmq.core.group.GroupService;
import io.robustmq.core.loop.SimLoop;
import io.robustmq.core.meta.MetaCommand;
import io.robustmq.core.model.Partition;
import io.robustmq.core.model.TopicName;
import io.robustmq.core.port.InMemoryJournal;
import io.robustmq.core.port.InMemoryMetaLog;
import io.robustmq.core.port.SimLink;
import io.robustmq.core.record.RecordBatch;
import io.robustmq.core.record.TransactionMarker;
import io.robustmq.core.txn.MarkerOrder;
import io.robustmq.core.txn.TxnCommand.AddPartitions;
import io.robustmq.core.txn.TxnCommand.EndTransaction;
import io.robustmq.core.txn.TxnCommand.InitProducer;
import io.robustmq.core.txn.TxnCommand.Producer;
import io.robustmq.core.txn.TxnCommand.VerifyPartitions;
import io.robustmq.core.txn.TxnConfig;
import io.robustmq.core.txn.TxnPartition;
import io.robustmq.core.txn.TxnReply;
import io.robustmq.core.txn.TxnRequester;
import io.robustmq.core.txn.TxnService;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TxnLinkTest {
    private static final String ID = "id";
    private static final String TOPIC = "t";
    private static final TxnPartition HERE = new TxnPartition(TOPIC, 0);
    private static final TxnPartition THERE = new TxnPartition(TOPIC, 1);
    private static final Producer PRODUCER = new Producer(77, (short) 0);

    private final SimLoop loop = new SimLoop();
    private final InMemoryMetaLog meta = new InMemoryMetaLog(1);
    private final SimLink link = new SimLink(loop);
    private final InMemoryJournal journal1 = new InMemoryJournal(1);
    private final InMemoryJournal journal2 = new InMemoryJournal(2);
    private final TxnService node1 = node(1, journal1);
    private final TxnService node2 = node(2, journal2);
    private final List<String> answers = new ArrayList<>();

    @BeforeEach
    void partitionOneIsLedByNodeTwo() {
        var unused = meta.submit(new MetaCommand.CreateTopic(TOPIC, 2, 1, List.of(), Map.of(), -1, false));
        meta.lead(TOPIC, 1, 2);
        node1.submit(ID, new InitProducer(told(), ID, 60_000, -1, (short) -1, PRODUCER.id()));
        loop.run();
        answers.clear();
    }

    @Test
    void aPartitionAsksTheCoordinatorOfAnotherNode() {
        node2.submitAnywhere(ID, new VerifyPartitions(told(), ID, PRODUCER, Set.of(THERE)));
        node2.submitAnywhere(ID, new AddPartitions(told(), ID, PRODUCER, Set.of(THERE), true));
        node2.submitAnywhere(ID, new VerifyPartitions(told(), ID, PRODUCER, Set.of(THERE)));
        loop.run();
        assertThat(answers).containsExactly("TRANSACTION_ABORTABLE", "Done[]", "Done[]");
    }

    @Test
    void aPartitionThatTheCoordinatorHasNotHeardOfIsNotIncluded() {
        TxnPartition unheard = new TxnPartition("new", 0);
        node2.submitAnywhere(ID, new AddPartitions(told(), ID, PRODUCER, Set.of(unheard), true));
        node2.submitAnywhere(ID, new VerifyPartitions(told(), ID, PRODUCER, Set.of(unheard)));
        loop.run();
        assertThat(answers).containsExactly("UNKNOWN_TOPIC_OR_PARTITION", "TRANSACTION_ABORTABLE");
    }

    @Test
    void whoGetsNoAnswerIsRefused() {
        link.lost = true;
        node2.submitAnywhere(ID, new AddPartitions(told(), ID, PRODUCER, Set.of(THERE), true));
        loop.advance(TxnLinkService.ANSWER_MS_MAX + 4_000);
        assertThat(answers).containsExactly("COORDINATOR_NOT_AVAILABLE");
    }

    @Test
    void markersReachThePartitionsOfEveryNode() {
        commit();
        loop.run();
        assertThat(markers(journal1, 0)).containsExactly("commit by epoch 0");
        assertThat(markers(journal2, 1)).containsExactly("commit by epoch 0");
        assertThat(isComplete()).isTrue();
    }

    @Test
    void markersAreSentAgainUntilTheyAreWritten() {
        link.lost = true;
        commit();
        loop.advance(60_000);
        assertThat(isComplete()).isFalse();
        link.lost = false;
        loop.advance(20_000);
        assertThat(isComplete()).isTrue();
        assertThat(markers(journal2, 1)).isNotEmpty();
    }

    @Test
    void anotherCoordinatorEndsWhatOneBeforeItDecided() {
        link.lost = true;
        commit();
        loop.advance(1_000);
        int index = node1.partitionOf(ID);
        journal2.copyFrom(
                journal1, stateOf(index), journal1.batches(stateOf(index)).size());
        meta.lead(TopicName.TRANSACTION_STATE, index, 2);
        link.lost = false;
        loop.advance(20_000);
        assertThat(markers(journal2, 1)).contains("commit by epoch 1");
        assertThat(markers(journal1, 0)).contains("commit by epoch 1");
    }

    @Test
    void aCoordinatorThatAnotherHasFollowedEndsNothing() {
        int index = node1.partitionOf(ID);
        List<BrokerError> errors = new ArrayList<>();
        node2.markers().writeHere(order(index, 3), loop, (partition, error) -> errors.add(error));
        node2.markers().writeHere(order(index, 2), loop, (partition, error) -> errors.add(error));
        node2.markers().writeHere(order(index, 3), loop, (partition, error) -> errors.add(error));
        loop.run();
        assertThat(errors)
                .containsExactly(BrokerError.NONE, BrokerError.TRANSACTION_COORDINATOR_FENCED, BrokerError.NONE);
        assertThat(markers(journal2, 1)).containsExactly("commit by epoch 3", "commit by epoch 3");
    }

    @Test
    void aMarkerThatIsThereAlreadyCountsOnceItIsCommitted() {
        int index = node1.partitionOf(ID);
        List<BrokerError> errors = new ArrayList<>();
        journal2.hold();
        node2.markers().writeHere(order(index, 1), loop, (partition, error) -> {});
        journal2.failNext(BrokerError.INVALID_PRODUCER_EPOCH, false);
        node2.markers().writeHere(order(index, 1), loop, (partition, error) -> errors.add(error));
        loop.run();
        assertThat(errors).isEmpty();
        journal2.release();
        loop.run();
        assertThat(errors).containsExactly(BrokerError.INVALID_PRODUCER_EPOCH);
    }

    @Test
    void aMarkerThatIsThereAlreadyDoesNotCountWithALeaderThatWent() {
        int index = node1.partitionOf(ID);
        List<BrokerError> errors = new ArrayList<>();
        journal2.hold();
        node2.markers().writeHere(order(index, 1), loop, (partition, error) -> {});
        journal2.failNext(BrokerError.INVALID_PRODUCER_EPOCH, false);
        node2.markers().writeHere(order(index, 1), loop, (partition, error) -> errors.add(error));
        loop.run();
        meta.lead(TOPIC, 1, 1);
        loop.run();
        assertThat(errors).containsExactly(BrokerError.NOT_LEADER);
    }

    private void commit() {
        node1.submit(ID, new AddPartitions(told(), ID, PRODUCER, Set.of(HERE, THERE), true));
        loop.run();
        node1.submit(ID, new EndTransaction(told(), ID, PRODUCER, true, true, -1));
        loop.run();
    }

    /** Nothing can be added before the transaction is complete. */
    private boolean isComplete() {
        answers.clear();
        node1.submit(ID, new AddPartitions(told(), ID, new Producer(PRODUCER.id(), (short) 1), Set.of(HERE), true));
        loop.advance(3_000);
        return answers.equals(List.of("Done[]"));
    }

    private static MarkerOrder order(int coordinator, int epoch) {
        return new MarkerOrder(coordinator, epoch, PRODUCER, true, false, List.of(THERE));
    }

    private List<String> markers(InMemoryJournal journal, int index) {
        List<String> markers = new ArrayList<>();
        for (byte[] bytes :
                journal.batches(meta.image().topicsByName().get(TOPIC).partition(index))) {
            TransactionMarker marker = TransactionMarker.of(new RecordBatch(Unpooled.wrappedBuffer(bytes), 0));
            markers.add((marker.commits() ? "commit" : "abort") + " by epoch " + marker.coordinatorEpoch());
        }
        return markers;
    }

    private Partition stateOf(int index) {
        return meta.image().topicsByName().get(TopicName.TRANSACTION_STATE).partition(index);
    }

    private TxnService node(int id, InMemoryJournal journal) {
        meta.subscribe(journal);
        UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(false);
        GroupService groups = new GroupService(
                GroupConfig.from(new Configuration(GroupConfig.keys(), Map.of())), id, journal, meta, loop, allocator);
        TxnService service = new TxnService(
                TxnConfig.from(new Configuration(TxnConfig.keys(), Map.of())),
                id,
                journal,
                groups,
                meta,
                loop,
                allocator);
        service.joinCluster(new TxnLink(link, loop));
        service.start();
        link.services.put(id, new TxnLinkService(service));
        return service;
    }

    private TxnRequester told() {
        return new TxnRequester() {
            @Override
            public void answer(TxnReply reply) {
                answers.add(reply.toString());
            }

            @Override
            public void refuse(BrokerError error) {
                answers.add(error.toString());
            }
        };
    }
}
