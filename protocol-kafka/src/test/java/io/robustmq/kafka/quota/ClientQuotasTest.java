package io.robustmq.kafka.quota;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.robustmq.core.meta.MetaCommand;
import io.robustmq.core.model.Principal;
import io.robustmq.core.security.Authorizer;
import io.robustmq.kafka.memory.MemoryBroker;
import io.robustmq.kafka.server.Requests;
import io.robustmq.kafka.server.WireClient;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.CreateTopicsOptions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.errors.ThrottlingQuotaExceededException;
import org.apache.kafka.common.message.DescribeClusterRequestData;
import org.apache.kafka.common.message.DescribeClusterResponseData;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.ProduceResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.quota.ClientQuotaAlteration;
import org.apache.kafka.common.quota.ClientQuotaEntity;
import org.apache.kafka.common.quota.ClientQuotaFilter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Quotas over the wire (KIP-13, 219, 546, 599, 612). */
@Timeout(60)
class ClientQuotasTest {
    private static final ClientQuotaEntity WIRE = new ClientQuotaEntity(Map.of(ClientQuotaEntity.CLIENT_ID, "wire"));

    private static final Map<String, String> BURST_OF_A_SECOND = Map.of("quota.window.num", "2");

    private MemoryBroker broker;
    private Admin admin;
    private Requests requests;

    @BeforeEach
    void start() throws Exception {
        broker = new MemoryBroker(BURST_OF_A_SECOND, Authorizer.ANONYMOUS);
        admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrap()));
        broker.metaLog.submit(MetaCommand.CreateTopic.withDefaults("t")).get();
        requests = new Requests("t", Uuid.ZERO_UUID);
    }

    @AfterEach
    void stop() {
        admin.close();
        broker.close();
        assertThat(broker.journal.openSlices()).isZero();
    }

    @Test
    void whoProducesTooMuchIsToldAndServedLater() throws Exception {
        set(WIRE, "producer_byte_rate", 1_000.0);
        try (WireClient client = new WireClient(broker.address())) {
            ProduceResponseData first = produce(client, "v".repeat(800));
            ProduceResponseData second = produce(client, "v".repeat(800));
            assertThat(first.throttleTimeMs()).isZero();
            assertThat(second.throttleTimeMs()).isPositive();
            assertThat(muted()).isEqualTo(1);
            assertThat(produce(client, "v").responses()).hasSize(1);
        }
    }

    @Test
    void whoeverALimitNamesIsHeldToIt() throws Exception {
        String user = Principal.ANONYMOUS.name();
        for (Map<String, String> entity : List.of(
                Map.of(ClientQuotaEntity.USER, user, ClientQuotaEntity.CLIENT_ID, "wire"),
                with(Map.of(ClientQuotaEntity.USER, user), ClientQuotaEntity.CLIENT_ID),
                Map.of(ClientQuotaEntity.USER, user),
                with(Map.of(ClientQuotaEntity.CLIENT_ID, "wire"), ClientQuotaEntity.USER),
                with(with(Map.of(), ClientQuotaEntity.USER), ClientQuotaEntity.CLIENT_ID),
                with(Map.of(), ClientQuotaEntity.USER),
                Map.of(ClientQuotaEntity.CLIENT_ID, "wire"),
                with(Map.of(), ClientQuotaEntity.CLIENT_ID))) {
            set(new ClientQuotaEntity(entity), "producer_byte_rate", 1_000.0);
            try (WireClient client = new WireClient(broker.address())) {
                int first = produce(client, "v".repeat(1_100)).throttleTimeMs();
                assertThat(first).as("%s", entity).isPositive();
            }
            set(new ClientQuotaEntity(entity), "producer_byte_rate", null);
        }
        ClientQuotaEntity other = new ClientQuotaEntity(Map.of(ClientQuotaEntity.CLIENT_ID, "other"));
        set(other, "producer_byte_rate", 1.0);
        try (WireClient client = new WireClient(broker.address())) {
            assertThat(produce(client, "v".repeat(1_100)).throttleTimeMs()).isZero();
        }
    }

    @Test
    void whoKeepsALoopBusyIsTold() throws Exception {
        set(WIRE, "request_percentage", 0.000_001);
        try (WireClient client = new WireClient(broker.address())) {
            describe(client);
            int told = describe(client).throttleTimeMs();
            assertThat(told).as("no longer than a sample").isBetween(1, 1_000);
        }
    }

    @Test
    void oneFetchReturnsNoMoreThanABurst() throws Exception {
        try (WireClient client = new WireClient(broker.address())) {
            for (int i = 0; i < 10; i++) {
                produce(client, "v".repeat(800));
            }
            int all = sizeOf(fetch(client));
            set(WIRE, "consumer_byte_rate", 2_000.0);
            assertThat(sizeOf(fetch(client))).isLessThan(all).isLessThanOrEqualTo(2_000);
        }
    }

    @Test
    void limitsThatMakeNoSenseAreRefused() {
        ClientQuotaEntity address = new ClientQuotaEntity(Map.of(ClientQuotaEntity.IP, "127.0.0.1"));
        assertRefused(WIRE, "producer_byte_rate", 0.0);
        assertRefused(WIRE, "producer_byte_rate", 1.5);
        assertRefused(WIRE, "connection_creation_rate", 1.0);
        assertRefused(WIRE, "unknown", 1.0);
        assertRefused(address, "producer_byte_rate", 1.0);
        assertRefused(new ClientQuotaEntity(Map.of(ClientQuotaEntity.IP, "a.host")), "connection_creation_rate", 1.0);
        assertRefused(new ClientQuotaEntity(Map.of("group", "g")), "producer_byte_rate", 1.0);
        assertThat(broker.metaLog.image().configs()).isEmpty();
    }

    private void assertRefused(ClientQuotaEntity entity, String key, double rate) {
        assertThatThrownBy(() -> set(entity, key, rate)).hasCauseInstanceOf(InvalidRequestException.class);
    }

    @Test
    void allConnectionsOfOneClientIdShareItsRate() throws Exception {
        set(WIRE, "producer_byte_rate", 1_000.0);
        try (WireClient one = new WireClient(broker.address());
                WireClient other = new WireClient(broker.address())) {
            assertThat(produce(one, "v".repeat(800)).throttleTimeMs()).isZero();
            assertThat(produce(other, "v".repeat(800)).throttleTimeMs()).isPositive();
        }
    }

    @Test
    void whoFetchesTooMuchIsTold() throws Exception {
        try (WireClient client = new WireClient(broker.address())) {
            produce(client, "v".repeat(800));
            set(WIRE, "consumer_byte_rate", 1_000.0);
            assertThat(fetch(client).throttleTimeMs()).isZero();
            assertThat(fetch(client).throttleTimeMs()).isPositive();
        }
    }

    @Test
    void withoutALimitNobodyIsMuted() throws Exception {
        set(WIRE, "producer_byte_rate", 1.0);
        set(WIRE, "producer_byte_rate", null);
        try (WireClient client = new WireClient(broker.address())) {
            assertThat(produce(client, "v".repeat(9_000)).throttleTimeMs()).isZero();
        }
        assertThat(muted()).isZero();
    }

    @Test
    void changesOfTopicsBeyondTheRateAreRefused() throws Exception {
        ClientQuotaEntity everybody = new ClientQuotaEntity(with(Map.of(), ClientQuotaEntity.USER));
        set(everybody, "controller_mutation_rate", 0.01);
        create("first");
        assertThatThrownBy(() -> create("second")).hasCauseInstanceOf(ThrottlingQuotaExceededException.class);
        assertThat(broker.metaLog.image().topic("second")).isNull();
    }

    @Test
    void anAddressThatConnectsTooOftenIsCutOff() throws Exception {
        ClientQuotaEntity address = new ClientQuotaEntity(Map.of(ClientQuotaEntity.IP, "127.0.0.1"));
        set(address, "connection_creation_rate", 1.0);
        try (WireClient first = new WireClient(broker.address())) {
            assertThat(describe(first).clusterId()).isNotEmpty();
            try (WireClient second = new WireClient(broker.address())) {
                second.send(ApiKeys.DESCRIBE_CLUSTER, 0, new DescribeClusterRequestData());
                assertThat(second.isClosedByServer()).isTrue();
            }
            assertThat(describe(first).clusterId()).isNotEmpty();
        }
    }

    @Test
    void limitsAreTold() throws Exception {
        set(WIRE, "request_percentage", 12.5);
        assertThat(await(admin.describeClientQuotas(ClientQuotaFilter.all()).entities()))
                .isEqualTo(Map.of(WIRE, Map.of("request_percentage", 12.5)));
    }

    private ProduceResponseData produce(WireClient client, String value) throws Exception {
        return client.call(
                ApiKeys.PRODUCE, 9, requests.produce(9, 0, Requests.records(value)), ProduceResponseData.class);
    }

    private FetchResponseData fetch(WireClient client) throws Exception {
        return client.call(ApiKeys.FETCH, 4, requests.fetch(4, 0, 0), FetchResponseData.class);
    }

    private static DescribeClusterResponseData describe(WireClient client) throws Exception {
        return client.call(
                ApiKeys.DESCRIBE_CLUSTER, 0, new DescribeClusterRequestData(), DescribeClusterResponseData.class);
    }

    private void create(String topic) throws Exception {
        await(admin.createTopics(
                        List.of(new NewTopic(topic, 2, (short) 1)),
                        new CreateTopicsOptions().retryOnQuotaViolation(false))
                .all());
    }

    private void set(ClientQuotaEntity entity, String key, Double rate) throws Exception {
        await(admin.alterClientQuotas(
                        List.of(new ClientQuotaAlteration(entity, List.of(new ClientQuotaAlteration.Op(key, rate)))))
                .all());
    }

    /** With the default of {@code type}, which is null. */
    private static Map<String, String> with(Map<String, String> others, String type) {
        Map<String, String> entity = new HashMap<>(others);
        entity.put(type, null);
        return entity;
    }

    private static int sizeOf(FetchResponseData fetched) {
        return fetched.responses().get(0).partitions().get(0).records().sizeInBytes();
    }

    private double muted() {
        return broker.registry.get("robustmq.kafka.connections.muted").counter().count();
    }

    private static <T> T await(Future<T> future) throws Exception {
        return future.get(20, TimeUnit.SECONDS);
    }
}
