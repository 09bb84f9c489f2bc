package io.robustmq.kafka.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.core.meta.MetaCommand;
import io.robustmq.core.meta.MetaReply;
import io.robustmq.core.security.Authorizer;
import io.robustmq.kafka.memory.MemoryBroker;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.ListOffsetsResponseData;
import org.apache.kafka.common.message.MetadataResponseData;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ProduceResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Pipelining, limits, and the end of connections. */
@Timeout(60)
class RequestOrderTest {
    private MemoryBroker broker;
    private Requests requests;

    @BeforeEach
    void start() throws Exception {
        broker = new MemoryBroker(
                Map.of("kafka.connections.max", "3", "kafka.inflight.requests.max", "4", "kafka.drain.ms", "1000"),
                Authorizer.ANONYMOUS);
        MetaReply.TopicCreated created = (MetaReply.TopicCreated)
                broker.metaLog.submit(MetaCommand.CreateTopic.withDefaults("t")).get();
        requests = new Requests("t", new Uuid(created.id().high(), created.id().low()));
    }

    @AfterEach
    void stop() {
        broker.close();
        assertThat(broker.journal.openSlices()).isZero();
        assertThat(broker.journal.waiterCount()).isZero();
    }

    @Test
    void whatComesBehindAParkedFetchIsAnsweredAfterIt() throws Exception {
        try (WireClient client = new WireClient(broker.address());
                WireClient producer = new WireClient(broker.address())) {
            int fetch = client.send(ApiKeys.FETCH, 12, requests.fetch(12, 0, 20_000));
            int list = client.send(ApiKeys.LIST_OFFSETS, 7, requests.listOffsets(7, 0, -1));
            await(() -> broker.journal.waiterCount() == 1);
            producer.call(ApiKeys.PRODUCE, 9, requests.produce(9, 0, Requests.records("v")), ProduceResponseData.class);
            FetchResponseData fetched = client.receive(ApiKeys.FETCH, 12, fetch, FetchResponseData.class);
            assertThat(fetched.responses().get(0).partitions().get(0).highWatermark())
                    .isEqualTo(1);
            ListOffsetsResponseData listed =
                    client.receive(ApiKeys.LIST_OFFSETS, 7, list, ListOffsetsResponseData.class);
            assertThat(listed.topics().get(0).partitions().get(0).offset()).isEqualTo(1);
        }
    }

    @Test
    void aFetchIsAnsweredEmptyWhenItsTimeIsOver() throws Exception {
        try (WireClient client = new WireClient(broker.address())) {
            FetchResponseData fetched =
                    client.call(ApiKeys.FETCH, 4, requests.fetch(4, 0, 50), FetchResponseData.class);
            assertThat(fetched.responses().get(0).partitions().get(0).records().sizeInBytes())
                    .isZero();
        }
    }

    @Test
    void aParkedFetchIsForgottenWithItsConnection() throws Exception {
        try (WireClient client = new WireClient(broker.address())) {
            client.send(ApiKeys.FETCH, 12, requests.fetch(12, 0, 600_000));
            await(() -> broker.journal.waiterCount() == 1);
        }
        await(() -> broker.journal.waiterCount() == 0);
    }

    @Test
    void aParkedFetchIsToldThatTheLeaderMoved() throws Exception {
        try (WireClient client = new WireClient(broker.address())) {
            int fetch = client.send(ApiKeys.FETCH, 16, requests.fetch(16, 0, 600_000));
            await(() -> broker.journal.waiterCount() == 1);
            broker.metaLog.moveLeader("t", 0, 8);
            FetchResponseData fetched = client.receive(ApiKeys.FETCH, 16, fetch, FetchResponseData.class);
            assertThat(fetched.responses().get(0).partitions().get(0).errorCode())
                    .isEqualTo(Errors.NOT_LEADER_OR_FOLLOWER.code());
        }
    }

    @Test
    void manyProduceRequestsAtOnceKeepTheirOrder() throws Exception {
        try (WireClient client = new WireClient(broker.address())) {
            int first = client.send(ApiKeys.PRODUCE, 9, requests.produce(9, 0, Requests.records("0")));
            for (int i = 1; i < 200; i++) {
                client.send(ApiKeys.PRODUCE, 9, requests.produce(9, 0, Requests.records("" + i)));
            }
            for (int i = 0; i < 200; i++) {
                ProduceResponseData answer = client.receive(ApiKeys.PRODUCE, 9, first + i, ProduceResponseData.class);
                assertThat(answer.responses()
                                .iterator()
                                .next()
                                .partitionResponses()
                                .get(0)
                                .baseOffset())
                        .isEqualTo(i);
            }
        }
    }

    @Test
    void manyFetchesThatNobodyReadsAreAnsweredOneAfterTheOther() throws Exception {
        try (WireClient client = new WireClient(broker.address())) {
            client.call(
                    ApiKeys.PRODUCE,
                    9,
                    requests.produce(9, 0, Requests.records("x".repeat(900_000))),
                    ProduceResponseData.class);
            int first = client.send(ApiKeys.FETCH, 12, requests.fetch(12, 0, 0));
            for (int i = 1; i < 40; i++) {
                client.send(ApiKeys.FETCH, 12, requests.fetch(12, 0, 0));
            }
            assertThat(broker.journal.openSlices()).isLessThanOrEqualTo(1);
            for (int i = 0; i < 40; i++) {
                FetchResponseData fetched = client.receive(ApiKeys.FETCH, 12, first + i, FetchResponseData.class);
                assertThat(fetched.responses()
                                .get(0)
                                .partitions()
                                .get(0)
                                .records()
                                .sizeInBytes())
                        .isGreaterThan(900_000);
            }
        }
    }

    @Test
    void acksZeroHasNoAnswerAndAnErrorClosesTheConnection() throws Exception {
        ProduceRequestData silent =
                requests.produce(9, 0, Requests.records("v")).setAcks((short) 0);
        try (WireClient client = new WireClient(broker.address())) {
            client.send(ApiKeys.PRODUCE, 9, silent);
            ListOffsetsResponseData listed =
                    client.call(ApiKeys.LIST_OFFSETS, 7, requests.listOffsets(7, 0, -1), ListOffsetsResponseData.class);
            assertThat(listed.topics().get(0).partitions().get(0).offset()).isEqualTo(1);
            client.send(
                    ApiKeys.PRODUCE,
                    9,
                    requests.produce(9, 9, Requests.records("v")).setAcks((short) 0));
            assertThat(client.isClosedByServer()).isTrue();
        }
    }

    @Test
    void acksOfAnotherNumberAreRefused() throws Exception {
        try (WireClient client = new WireClient(broker.address())) {
            ProduceRequestData odd =
                    requests.produce(9, 0, Requests.records("v")).setAcks((short) 2);
            assertThat(errorOf(client, odd)).isEqualTo(Errors.INVALID_REQUIRED_ACKS);
        }
    }

    @Test
    void connectionsBeyondTheLimitAreClosed() throws Exception {
        try (WireClient one = new WireClient(broker.address());
                WireClient two = new WireClient(broker.address());
                WireClient three = new WireClient(broker.address());
                WireClient four = new WireClient(broker.address())) {
            assertThat(four.isClosedByServer()).isTrue();
            for (WireClient admitted : List.of(one, two, three)) {
                admitted.call(ApiKeys.METADATA, 1, requests.of(ApiKeys.METADATA, 1), MetadataResponseData.class);
            }
            assertThat(broker.registry
                            .counter("robustmq.kafka.connections.refused")
                            .count())
                    .isEqualTo(1);
        }
    }

    @Test
    void stoppingEndsParkedFetchesAtOnce() throws Exception {
        try (WireClient client = new WireClient(broker.address())) {
            client.send(ApiKeys.FETCH, 12, requests.fetch(12, 0, 600_000));
            await(() -> broker.journal.waiterCount() == 1);
            broker.stopListener();
            assertThat(client.isClosedByServer()).isTrue();
        }
    }

    private static Errors errorOf(WireClient client, ProduceRequestData request) throws Exception {
        return Errors.forCode(client.call(ApiKeys.PRODUCE, 9, request, ProduceResponseData.class)
                .responses()
                .iterator()
                .next()
                .partitionResponses()
                .get(0)
                .errorCode());
    }

    private static void await(BooleanSupplier condition) {
        long deadlineNanos = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).isLessThan(deadlineNanos);
            Thread.onSpinWait();
        }
    }
}
