package io.robustmq.e2e.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.e2e.Await;
import io.robustmq.e2e.BrokerProcess;
import io.robustmq.e2e.Endpoint;
import io.robustmq.e2e.ecosystem.ApacheKafka;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.message.ApiVersionsRequestData;
import org.apache.kafka.common.message.ApiVersionsResponseData;
import org.apache.kafka.common.message.ApiVersionsResponseData.ApiVersion;
import org.apache.kafka.common.message.CreateTopicsResponseData;
import org.apache.kafka.common.message.DescribeConfigsResponseData;
import org.apache.kafka.common.message.FindCoordinatorRequestData;
import org.apache.kafka.common.message.FindCoordinatorResponseData;
import org.apache.kafka.common.message.InitProducerIdRequestData;
import org.apache.kafka.common.message.InitProducerIdResponseData;
import org.apache.kafka.common.message.MetadataResponseData;
import org.apache.kafka.common.message.ProduceResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Every request gets the answer that Apache Kafka gives, except for the differences that are listed with their reasons. In all
 * versions with the profile full, else in the newest.
 */
class OracleIT {
    private static final Path REPORT = Path.of("target/kafka-differences-unexplained.txt");
    private static final boolean FULL = Boolean.getBoolean("robustmq.full");
    private static final int ASKS_MIN = FULL ? 1_000 : 300;
    private static final String BARRIER = "barrier";

    private static ApacheKafka kafka;
    private static BrokerProcess broker;
    private static World there;
    private static World here;
    private static int barriers;

    @BeforeAll
    static void start() throws IOException {
        kafka = ApacheKafka.start("apache-kafka", "metric.reporters=" + TelemetrySink.class.getName());
        broker = BrokerProcess.named("oracle")
                .set("group.initial.rebalance.delay.ms", "0")
                .set("group.offsets.topic.partitions", "2")
                .start();
        there = new World(kafka.port());
        here = new World(broker.port(Endpoint.KAFKA));
        for (World world : List.of(there, here)) {
            prepare(world);
        }
    }

    @AfterAll
    static void stop() {
        kafka.close();
        broker.close();
    }

    @Test
    void everyAnswerIsKafkasOrKnownToDiffer() throws IOException {
        Asks asks = new Asks(versionsOfBoth(), FULL);
        ClusterAsks.addTo(asks);
        TopicAsks.addTo(asks);
        DataAsks.addTo(asks);
        FetchAsks.addTo(asks);
        ConfigAsks.addTo(asks);
        QuotaAsks.addTo(asks);
        GroupAsks.addTo(asks);
        ConsumerAsks.addTo(asks);
        ShareAsks.addTo(asks);
        TxnAsks.addTo(asks);
        SecurityAsks.addTo(asks);
        TelemetryAsks.addTo(asks);
        TopicAsks.addDeletionsTo(asks);
        KnownDifferences known = KnownDifferences.read(KnownDifferences.LIST);

        List<String> unexplained = new ArrayList<>();
        for (Ask ask : asks.all()) {
            Map<String, String> differences = Answer.differences(Answer.to(ask, here), Answer.to(ask, there));
            if (ask.changesMetadata()) {
                awaitBarrier(there);
            }
            differences.forEach((field, difference) -> {
                if (!known.explain(ask.title(), field)) {
                    unexplained.add(ask.title() + " | " + field + " | " + difference);
                }
            });
        }
        Malformed.all().forEach((name, bytes) -> {
            String ours = Malformed.outcome(bytes, here);
            String kafkas = Malformed.outcome(bytes, there);
            String title = "Malformed: " + name;
            if (!ours.equals(kafkas) && !known.explain(title, "connection")) {
                unexplained.add(title + " | connection | " + ours + " instead of " + kafkas);
            }
        });

        List<String> report = new ArrayList<>(unexplained);
        known.unused().forEach(line -> report.add("explains nothing: " + line));
        Files.write(REPORT, report);
        assertThat(unexplained.size())
                .as("differences from Apache Kafka that %s does not explain, see %s", KnownDifferences.LIST, REPORT)
                .isZero();
        if (FULL) {
            assertThat(known.unused())
                    .as("lines of %s without a difference", KnownDifferences.LIST)
                    .isEmpty();
        }
        assertThat(asks.all()).hasSizeGreaterThan(ASKS_MIN);
    }

    private static Map<ApiKeys, ApiVersion> versionsOfBoth() {
        Map<ApiKeys, ApiVersion> ours = versions(here);
        Map<ApiKeys, ApiVersion> both = new EnumMap<>(ApiKeys.class);
        versions(there).forEach((api, kafkas) -> {
            ApiVersion our = ours.get(api);
            if (our != null) {
                both.put(
                        api,
                        new ApiVersion()
                                .setMinVersion((short) Math.max(our.minVersion(), kafkas.minVersion()))
                                .setMaxVersion((short) Math.min(our.maxVersion(), kafkas.maxVersion())));
            }
        });
        return both;
    }

    private static Map<ApiKeys, ApiVersion> versions(World world) {
        var response = (ApiVersionsResponseData)
                Wire.call(world.port(), ApiKeys.API_VERSIONS, (short) 0, new ApiVersionsRequestData());
        Map<ApiKeys, ApiVersion> versions = new EnumMap<>(ApiKeys.class);
        response.apiKeys().forEach(version -> versions.put(ApiKeys.forId(version.apiKey()), version));
        return versions;
    }

    /** The same topics and records on both. */
    private static void prepare(World world) {
        var create = TopicAsks.create(
                TopicAsks.topic(BARRIER, 1, 1),
                TopicAsks.topic("one", 1, 1),
                TopicAsks.topic("three", 3, 1),
                TopicAsks.with(TopicAsks.topic("timed", 1, 1), "retention.ms", "-1"),
                TopicAsks.with(TopicAsks.topic("deleted", 2, 1), "retention.ms", "-1"),
                TopicAsks.topic("sequenced", 1, 1),
                TopicAsks.topic("grows", 1, 1),
                TopicAsks.topic("grows-2", 1, 1),
                TopicAsks.topic("altered", 1, 1),
                TopicAsks.topic("replaced", 1, 1),
                TopicAsks.topic("with.dots", 1, 1),
                TopicAsks.topic("victim-id", 1, 1),
                TopicAsks.with(TopicAsks.topic("small", 1, 1), "max.message.bytes", "1000"),
                TopicAsks.with(TopicAsks.topic("stamped", 1, 1), "message.timestamp.type", "LogAppendTime"),
                TopicAsks.with(TopicAsks.topic("compacted", 1, 1), "cleanup.policy", "compact"));
        for (String victim : List.of("twice", "named")) {
            create.topics().add(TopicAsks.topic("victim-" + victim, 1, 1));
        }
        for (int i = 0; i <= 6; i++) {
            create.topics().add(TopicAsks.topic("victim-" + i, 1, 1));
        }
        Await.until("topics can be created", () -> {
            var created = (CreateTopicsResponseData) Wire.call(world.port(), ApiKeys.CREATE_TOPICS, (short) 7, create);
            return created.topics().find("one").errorCode() != -1;
        });
        awaitTopics(world);
        Await.until("groups and transactions are served", () -> {
            return hasCoordinator(world, 0) && hasCoordinator(world, 1);
        });
        for (String id : Arrays.asList(null, "prepared")) {
            Await.until("producer ids are given", () -> {
                var init =
                        new InitProducerIdRequestData().setTransactionalId(id).setTransactionTimeoutMs(60_000);
                var given =
                        (InitProducerIdResponseData) Wire.call(world.port(), ApiKeys.INIT_PRODUCER_ID, (short) 4, init);
                return given.errorCode() == 0;
            });
        }
        produce(world, "timed", 0);
        produce(world, "deleted", 0);
        produce(world, "deleted", 1);
    }

    private static boolean hasCoordinator(World world, int type) {
        var find = new FindCoordinatorRequestData().setKeyType((byte) type).setCoordinatorKeys(List.of("g"));
        var found = (FindCoordinatorResponseData) Wire.call(world.port(), ApiKeys.FIND_COORDINATOR, (short) 4, find);
        return found.coordinators().get(0).errorCode() == 0;
    }

    private static void awaitTopics(World world) {
        Await.until("the topics have leaders", () -> {
            var metadata = (MetadataResponseData) Wire.call(
                    world.port(),
                    ApiKeys.METADATA,
                    (short) 9,
                    TopicAsks.metadata((short) 9, "one", "three", "stamped", "victim-6"));
            return metadata.topics().stream()
                    .allMatch(topic -> topic.errorCode() == 0
                            && topic.partitions().stream().allMatch(partition -> partition.errorCode() == 0));
        });
    }

    private static void produce(World world, String topic, int partition) {
        Await.until("records in " + topic, () -> {
            var produced = (ProduceResponseData) Wire.call(
                    world.port(),
                    ApiKeys.PRODUCE,
                    (short) 12,
                    DataAsks.produce(world, (short) 12, topic, partition, -1, DataAsks.threeTimes()));
            return produced.responses()
                            .iterator()
                            .next()
                            .partitionResponses()
                            .get(0)
                            .errorCode()
                    == 0;
        });
    }

    /** Metadata is applied in order: when a change made now shows, all made before do. */
    private static void awaitBarrier(World world) {
        String value = String.valueOf(100_000_000 + barriers++);
        Wire.call(
                world.port(),
                ApiKeys.INCREMENTAL_ALTER_CONFIGS,
                (short) 1,
                ConfigAsks.alter(2, BARRIER, "retention.ms", 0, value));
        Await.until("Kafka has applied its metadata", () -> {
            var described = (DescribeConfigsResponseData) Wire.call(
                    world.port(), ApiKeys.DESCRIBE_CONFIGS, (short) 4, ConfigAsks.describe(2, BARRIER, "retention.ms"));
            return described.results().get(0).configs().get(0).value().equals(value);
        });
    }
}
