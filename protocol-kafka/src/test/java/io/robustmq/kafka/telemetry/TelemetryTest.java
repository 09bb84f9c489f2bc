package io.robustmq.kafka.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.robustmq.kafka.memory.MemoryBroker;
import io.robustmq.kafka.server.WireClient;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.message.GetTelemetrySubscriptionsRequestData;
import org.apache.kafka.common.message.GetTelemetrySubscriptionsResponseData;
import org.apache.kafka.common.message.PushTelemetryRequestData;
import org.apache.kafka.common.message.PushTelemetryResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Clients' own metrics (KIP-714), of the wire client and of Kafka's producer. */
@Timeout(60)
class TelemetryTest {
    private static final ConfigResource SUBSCRIPTION = new ConfigResource(ConfigResource.Type.CLIENT_METRICS, "s");
    private static final int BYTES_MAX = 2_000;

    private MemoryBroker broker;
    private Admin admin;

    @BeforeEach
    void start() throws Exception {
        broker = new MemoryBroker(
                Map.of("telemetry.max.bytes", String.valueOf(BYTES_MAX * 50)),
                io.robustmq.core.security.Authorizer.ANONYMOUS);
        admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrap(), "enable.metrics.push", false));
    }

    @AfterEach
    void stop() {
        admin.close();
        broker.close();
    }

    @Test
    void producerPushesWhatIsWanted() throws Exception {
        set("metrics", "org.apache.kafka.producer.record");
        set("interval.ms", "100");
        Map<String, Object> config = Map.of("bootstrap.servers", broker.bootstrap());
        try (var producer = new KafkaProducer<>(config, new StringSerializer(), new StringSerializer())) {
            producer.send(new ProducerRecord<>("t", "v")).get(20, TimeUnit.SECONDS);
            assertThat(producer.clientInstanceId(Duration.ofSeconds(20))).isNotEqualTo(Uuid.ZERO_UUID);
            while (sent() < 1) {
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
            }
        }
        assertThat(broker.registry
                        .find("robustmq.kafka.client.producer.record.send.total")
                        .counter())
                .isInstanceOf(Counter.class);
        assertThat(broker.registry
                        .find("robustmq.kafka.client.producer.record.size.avg")
                        .summary())
                .isInstanceOf(DistributionSummary.class);
        assertThat(broker.registry
                        .find("robustmq.kafka.client.producer.connection.count")
                        .meter())
                .as("not wanted")
                .isNull();
    }

    private double sent() {
        Counter counter = broker.registry
                .find("robustmq.kafka.client.producer.record.send.total")
                .counter();
        return counter == null ? 0 : counter.count();
    }

    @Test
    void whatAClientIsAskedForIsWhatMatches() throws Exception {
        set("metrics", "a.b,c");
        set("match", "client_id=wi.*,client_source_address=127\\.0\\.0\\.1");
        try (WireClient client = new WireClient(broker.address())) {
            GetTelemetrySubscriptionsResponseData told = ask(client, Uuid.ZERO_UUID);
            assertThat(told.clientInstanceId()).isNotEqualTo(Uuid.ZERO_UUID);
            assertThat(told.requestedMetrics()).containsExactly("a.b", "c");
            assertThat(told.pushIntervalMs()).isEqualTo(300_000);
            assertThat(told.deltaTemporality()).isTrue();
            assertThat(Errors.forCode(ask(client, told.clientInstanceId()).errorCode()))
                    .as("again, too early")
                    .isEqualTo(Errors.THROTTLING_QUOTA_EXCEEDED);
            set("match", "client_id=other");
            GetTelemetrySubscriptionsResponseData nothing = ask(client, told.clientInstanceId());
            assertThat(nothing.requestedMetrics()).isEmpty();
            assertThat(nothing.subscriptionId()).isNotEqualTo(told.subscriptionId());
            set("match", "client_id=wire");
            set("metrics", "a,*");
            assertThat(ask(client, told.clientInstanceId()).requestedMetrics()).containsExactly("*");
        }
    }

    @Test
    void pushesThatAreWrongAreRefused() throws Exception {
        set("metrics", "*");
        try (WireClient client = new WireClient(broker.address())) {
            GetTelemetrySubscriptionsResponseData told = ask(client, Uuid.ZERO_UUID);
            Uuid id = told.clientInstanceId();
            int wanted = told.subscriptionId();
            assertThat(push(client, Uuid.ZERO_UUID, wanted, new byte[0])).isEqualTo(Errors.INVALID_REQUEST);
            assertThat(push(client, id, wanted + 1, new byte[0])).isEqualTo(Errors.UNKNOWN_SUBSCRIPTION_ID);
            assertThat(push(client, id, wanted, new byte[BYTES_MAX * 50 + 1])).isEqualTo(Errors.TELEMETRY_TOO_LARGE);
            assertThat(push(client, id, wanted, new byte[] {1, 2, 3})).isEqualTo(Errors.INVALID_RECORD);
            assertThat(push(client, id, wanted, new byte[0])).isEqualTo(Errors.THROTTLING_QUOTA_EXCEEDED);
        }
    }

    @Test
    void subscriptionThatCannotBeIsRefused() {
        assertRefused("match", "client_id", InvalidConfigurationException.class);
        assertRefused("match", "unknown=a", InvalidConfigurationException.class);
        assertRefused("match", "client_id=[", InvalidConfigurationException.class);
        assertRefused("match", "client_id=((a{1000}){1000}){1000}", InvalidConfigurationException.class);
        assertRefused("interval.ms", "99", InvalidRequestException.class);
        assertRefused("unknown", "a", InvalidRequestException.class);
    }

    private void assertRefused(String key, String value, Class<? extends Throwable> refusal) {
        assertThatThrownBy(() -> set(key, value)).hasCauseInstanceOf(refusal);
    }

    private static GetTelemetrySubscriptionsResponseData ask(WireClient client, Uuid id) throws Exception {
        return client.call(
                ApiKeys.GET_TELEMETRY_SUBSCRIPTIONS,
                0,
                new GetTelemetrySubscriptionsRequestData().setClientInstanceId(id),
                GetTelemetrySubscriptionsResponseData.class);
    }

    private static Errors push(WireClient client, Uuid id, int wanted, byte[] metrics) throws Exception {
        PushTelemetryResponseData answer = client.call(
                ApiKeys.PUSH_TELEMETRY,
                0,
                new PushTelemetryRequestData()
                        .setClientInstanceId(id)
                        .setSubscriptionId(wanted)
                        .setMetrics(java.nio.ByteBuffer.wrap(metrics)),
                PushTelemetryResponseData.class);
        return Errors.forCode(answer.errorCode());
    }

    private void set(String key, String value) throws Exception {
        var change = new AlterConfigOp(new ConfigEntry(key, value), AlterConfigOp.OpType.SET);
        admin.incrementalAlterConfigs(Map.of(SUBSCRIPTION, List.of(change)))
                .all()
                .get(20, TimeUnit.SECONDS);
    }
}
