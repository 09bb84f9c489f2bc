package io.robustmq.kafka.handler;

import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.core.meta.MetaCommand;
import io.robustmq.core.meta.MetaReply;
import io.robustmq.core.security.Authorizer;
import io.robustmq.kafka.memory.MemoryBroker;
import io.robustmq.kafka.server.Requests;
import io.robustmq.kafka.server.WireClient;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.ProduceResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** KIP-227 as a client sees it. */
@Timeout(60)
class FetchSessionsTest {
    private static final int VERSION = 13;

    private MemoryBroker broker;
    private WireClient client;
    private Requests requests;
    private Uuid topicId;

    @BeforeEach
    void start() throws Exception {
        broker = new MemoryBroker(
                Map.of("kafka.fetch.sessions.max", "1", "kafka.fetch.session.partitions.max", "4"),
                Authorizer.ANONYMOUS);
        MetaCommand.CreateTopic create = new MetaCommand.CreateTopic("t", 6, 1, List.of(), Map.of(), -1, false);
        MetaReply.TopicCreated created =
                (MetaReply.TopicCreated) broker.metaLog.submit(create).get();
        topicId = new Uuid(created.id().high(), created.id().low());
        requests = new Requests("t", topicId);
        client = new WireClient(broker.address());
    }

    @AfterEach
    void stop() throws Exception {
        client.close();
        broker.close();
        assertThat(broker.journal.openSlices()).isZero();
    }

    @Test
    void aSessionAnswersOnlyWhatChanged() throws Exception {
        FetchResponseData full = fetch(0, 0, 0, 1, 2);
        assertThat(full.sessionId()).isPositive();
        assertThat(partitions(full)).containsExactly(0, 1, 2);
        assertThat(partitions(fetch(full.sessionId(), 1))).isEmpty();
        produce(1);
        FetchResponseData changed = fetch(full.sessionId(), 2);
        assertThat(changed.sessionId()).isEqualTo(full.sessionId());
        assertThat(partitions(changed)).containsExactly(1);
    }

    @Test
    void aPartitionThatGaveRecordsComesLastNextTime() throws Exception {
        produce(0);
        produce(1);
        produce(2);
        int session = fetch(0, 0, 0, 1, 2).sessionId();
        FetchRequestData small = incremental(session, 1).setMaxBytes(1);
        assertThat(withRecords(client.call(ApiKeys.FETCH, VERSION, small, FetchResponseData.class)))
                .containsExactly(0);
        assertThat(withRecords(client.call(
                        ApiKeys.FETCH, VERSION, incremental(session, 2).setMaxBytes(1), FetchResponseData.class)))
                .containsExactly(1);
        assertThat(withRecords(client.call(
                        ApiKeys.FETCH, VERSION, incremental(session, 3).setMaxBytes(1), FetchResponseData.class)))
                .containsExactly(2);
    }

    @Test
    void forgottenPartitionsAreNotAnsweredAndNewOnesAre() throws Exception {
        int session = fetch(0, 0, 0, 1).sessionId();
        FetchRequestData change = fetchRequest(session, 1, 2);
        change.forgottenTopicsData()
                .add(new FetchRequestData.ForgottenTopic().setTopicId(topicId).setPartitions(List.of(0)));
        assertThat(partitions(client.call(ApiKeys.FETCH, VERSION, change, FetchResponseData.class)))
                .containsExactly(2);
        produce(0);
        produce(1);
        assertThat(partitions(fetch(session, 2))).containsExactly(1);
    }

    @Test
    void aWrongEpochAndAnUnknownSessionAreToldApart() throws Exception {
        int session = fetch(0, 0, 0).sessionId();
        assertThat(error(fetch(session, 5))).isEqualTo(Errors.INVALID_FETCH_SESSION_EPOCH);
        assertThat(error(fetch(session + 1, 1))).isEqualTo(Errors.FETCH_SESSION_ID_NOT_FOUND);
        assertThat(error(fetch(session, 1))).isEqualTo(Errors.NONE);
    }

    @Test
    void aSessionGoesOnOverAnotherConnection() throws Exception {
        int session = fetch(0, 0, 0, 1, 2).sessionId();
        assertThat(partitions(fetch(session, 1))).isEmpty();
        // More connections than there are loops: some are in another.
        for (int epoch = 2; epoch < 10; epoch++) {
            client.close();
            client = new WireClient(broker.address());
            produce(epoch % 3);

            FetchResponseData next = fetch(session, epoch);

            assertThat(next.sessionId()).isEqualTo(session);
            assertThat(withRecords(next)).contains(epoch % 3);
            assertThat(error(fetch(session, epoch))).isEqualTo(Errors.INVALID_FETCH_SESSION_EPOCH);
        }
    }

    @Test
    void aSessionUsedByTwoConnectionsInTurnsStaysOne() throws Exception {
        int session = fetch(0, 0, 0, 1, 2).sessionId();
        WireClient first = client;
        List<WireClient> others = new ArrayList<>();
        try {
            for (int epoch = 1; epoch < 9; epoch++) {
                if (epoch % 2 == 0) {
                    client = first;
                } else {
                    client = new WireClient(broker.address());
                    others.add(client);
                }
                assertThat(error(fetch(session, epoch))).isEqualTo(Errors.NONE);
            }
        } finally {
            client = first;
            for (WireClient other : others) {
                other.close();
            }
        }
    }

    @Test
    void anotherVersionOfTopicNamesDoesNotFitTheSession() throws Exception {
        int session = fetch(0, 0, 0).sessionId();
        FetchRequestData byName = new FetchRequestData().setSessionId(session).setSessionEpoch(1);
        FetchResponseData answer = client.call(ApiKeys.FETCH, 12, byName, FetchResponseData.class);
        assertThat(error(answer)).isEqualTo(Errors.FETCH_SESSION_TOPIC_ID_ERROR);
    }

    @Test
    void aClosedSessionMakesRoomForAnother() throws Exception {
        int session = fetch(0, 0, 0).sessionId();
        assertThat(fetch(0, 0, 1).sessionId()).as("the only place is taken").isZero();
        FetchRequestData last = incremental(session, -1);
        assertThat(client.call(ApiKeys.FETCH, VERSION, last, FetchResponseData.class)
                        .sessionId())
                .isZero();
        assertThat(error(fetch(session, 1))).isEqualTo(Errors.FETCH_SESSION_ID_NOT_FOUND);
        assertThat(fetch(0, 0, 1).sessionId()).isPositive();
    }

    @Test
    void aFetchOfTooManyPartitionsGetsNoSessionButItsRecords() throws Exception {
        produce(4);
        FetchResponseData full = fetch(0, 0, 0, 1, 2, 3, 4);
        assertThat(full.sessionId()).isZero();
        assertThat(withRecords(full)).containsExactly(4);
    }

    @Test
    void offsetsOutOfRangeAndFencedEpochsAreErrorsOfTheirPartition() throws Exception {
        produce(0);
        FetchRequestData request = fetchRequest(0, -1, 0, 1, 2, 3);
        List<FetchRequestData.FetchPartition> asked = request.topics().get(0).partitions();
        asked.get(0).setFetchOffset(99);
        broker.metaLog.moveLeader("t", 1, MemoryBroker.NODE_ID);
        asked.get(1).setCurrentLeaderEpoch(0);
        asked.get(2).setCurrentLeaderEpoch(5);
        asked.get(3).setPartition(77);
        FetchResponseData answer = client.call(ApiKeys.FETCH, VERSION, request, FetchResponseData.class);
        List<Errors> errors = new ArrayList<>();
        answer.responses().get(0).partitions().forEach(each -> errors.add(Errors.forCode(each.errorCode())));
        assertThat(errors)
                .containsExactly(
                        Errors.OFFSET_OUT_OF_RANGE,
                        Errors.FENCED_LEADER_EPOCH,
                        Errors.UNKNOWN_LEADER_EPOCH,
                        Errors.UNKNOWN_TOPIC_OR_PARTITION);
    }

    @Test
    void aClientThatReadOnBeyondTheEndOfItsEpochIsToldWhereItDiverged() throws Exception {
        produce(0);
        broker.metaLog.moveLeader("t", 0, MemoryBroker.NODE_ID);
        produce(0);
        FetchRequestData request = fetchRequest(0, -1, 0);
        request.topics().get(0).partitions().get(0).setFetchOffset(2).setLastFetchedEpoch(0);
        FetchResponseData.PartitionData answer = client.call(ApiKeys.FETCH, VERSION, request, FetchResponseData.class)
                .responses()
                .get(0)
                .partitions()
                .get(0);
        assertThat(answer.divergingEpoch().endOffset()).isEqualTo(1);
        assertThat(answer.records().sizeInBytes()).isZero();
    }

    private FetchResponseData fetch(int session, int epoch, int... partitions) throws IOException {
        return client.call(ApiKeys.FETCH, VERSION, fetchRequest(session, epoch, partitions), FetchResponseData.class);
    }

    private FetchRequestData fetchRequest(int session, int epoch, int... partitions) {
        return partitions.length == 0
                ? incremental(session, epoch)
                : requests.fetch(VERSION, 0, 0, partitions)
                        .setSessionId(session)
                        .setSessionEpoch(epoch);
    }

    private static FetchRequestData incremental(int session, int epoch) {
        return new FetchRequestData()
                .setMinBytes(1)
                .setMaxBytes(1 << 20)
                .setSessionId(session)
                .setSessionEpoch(epoch);
    }

    private void produce(int partition) throws IOException {
        client.call(
                ApiKeys.PRODUCE, 9, requests.produce(9, partition, Requests.records("v")), ProduceResponseData.class);
    }

    private static Errors error(FetchResponseData answer) {
        return Errors.forCode(answer.errorCode());
    }

    private static List<Integer> partitions(FetchResponseData answer) {
        List<Integer> found = new ArrayList<>();
        answer.responses().forEach(topic -> topic.partitions().forEach(each -> found.add(each.partitionIndex())));
        return found;
    }

    private static List<Integer> withRecords(FetchResponseData answer) {
        List<Integer> found = new ArrayList<>();
        answer.responses().forEach(topic -> topic.partitions().forEach(each -> {
            if (each.records().sizeInBytes() > 0) {
                found.add(each.partitionIndex());
            }
        }));
        return found;
    }
}
