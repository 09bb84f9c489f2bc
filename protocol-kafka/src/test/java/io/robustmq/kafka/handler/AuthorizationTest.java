package io.robustmq.kafka.handler;

import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.core.meta.MetaCommand;
import io.robustmq.core.meta.MetaReply;
import io.robustmq.kafka.memory.MemoryBroker;
import io.robustmq.kafka.server.Requests;
import io.robustmq.kafka.server.WireClient;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.CreateTopicsResponseData;
import org.apache.kafka.common.message.DeleteTopicsRequestData;
import org.apache.kafka.common.message.DeleteTopicsRequestData.DeleteTopicState;
import org.apache.kafka.common.message.DeleteTopicsResponseData;
import org.apache.kafka.common.message.DescribeConfigsResponseData;
import org.apache.kafka.common.message.DescribeTopicPartitionsRequestData;
import org.apache.kafka.common.message.DescribeTopicPartitionsResponseData;
import org.apache.kafka.common.message.ElectLeadersRequestData;
import org.apache.kafka.common.message.ElectLeadersResponseData;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.InitProducerIdResponseData;
import org.apache.kafka.common.message.ListConfigResourcesRequestData;
import org.apache.kafka.common.message.ListConfigResourcesResponseData;
import org.apache.kafka.common.message.ListOffsetsResponseData;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.message.MetadataResponseData;
import org.apache.kafka.common.message.ProduceResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A client that may do nothing with one topic, and nothing to the cluster. */
@Timeout(60)
class AuthorizationTest {
    private MemoryBroker broker;
    private WireClient client;
    private Requests secret;

    @BeforeEach
    void start() throws Exception {
        broker = new MemoryBroker(Map.of(), (principal, operation, type, name) -> name.equals("open"));
        broker.metaLog.submit(MetaCommand.CreateTopic.withDefaults("open")).get();
        MetaReply.TopicCreated created = (MetaReply.TopicCreated) broker.metaLog
                .submit(MetaCommand.CreateTopic.withDefaults("secret"))
                .get();
        secret = new Requests(
                "secret", new Uuid(created.id().high(), created.id().low()));
        client = new WireClient(broker.address());
    }

    @AfterEach
    void stop() throws Exception {
        client.close();
        broker.close();
    }

    @Test
    void aTopicThatMayNotBeDescribedIsNotListed() throws Exception {
        MetadataResponseData all = client.call(
                ApiKeys.METADATA, 12, new MetadataRequestData().setTopics(null), MetadataResponseData.class);
        assertThat(all.topics()).singleElement().satisfies(topic -> assertThat(topic.name())
                .isEqualTo("open"));
        List<Errors> errors = new ArrayList<>();
        client.call(ApiKeys.METADATA, 12, secret.of(ApiKeys.METADATA, 12), MetadataResponseData.class)
                .topics()
                .forEach(topic -> errors.add(Errors.forCode(topic.errorCode())));
        assertThat(errors).containsOnly(Errors.TOPIC_AUTHORIZATION_FAILED, Errors.UNKNOWN_TOPIC_ID);
        assertThat(broker.metaLog.image().topic("absent")).isNull();
    }

    @Test
    void nothingIsReadOrWritten() throws Exception {
        ProduceResponseData produced =
                client.call(ApiKeys.PRODUCE, 13, secret.of(ApiKeys.PRODUCE, 13), ProduceResponseData.class);
        assertThat(produced.responses()
                        .iterator()
                        .next()
                        .partitionResponses()
                        .get(0)
                        .errorCode())
                .isEqualTo(Errors.TOPIC_AUTHORIZATION_FAILED.code());
        FetchResponseData fetched =
                client.call(ApiKeys.FETCH, 13, secret.of(ApiKeys.FETCH, 13), FetchResponseData.class);
        assertThat(fetched.responses().get(0).partitions().get(0).errorCode())
                .isEqualTo(Errors.TOPIC_AUTHORIZATION_FAILED.code());
        ListOffsetsResponseData listed =
                client.call(ApiKeys.LIST_OFFSETS, 7, secret.of(ApiKeys.LIST_OFFSETS, 7), ListOffsetsResponseData.class);
        assertThat(listed.topics().get(0).partitions().get(0).errorCode())
                .isEqualTo(Errors.TOPIC_AUTHORIZATION_FAILED.code());
    }

    @Test
    void nothingIsAdministered() throws Exception {
        CreateTopicsResponseData created = client.call(
                ApiKeys.CREATE_TOPICS, 7, secret.of(ApiKeys.CREATE_TOPICS, 7), CreateTopicsResponseData.class);
        assertThat(created.topics())
                .allSatisfy(topic -> assertThat(topic.errorCode()).isEqualTo(Errors.TOPIC_AUTHORIZATION_FAILED.code()));
        DescribeConfigsResponseData described = client.call(
                ApiKeys.DESCRIBE_CONFIGS, 4, secret.of(ApiKeys.DESCRIBE_CONFIGS, 4), DescribeConfigsResponseData.class);
        assertThat(described.results()).allSatisfy(result -> {
            assertThat(result.errorCode()).isNotZero();
            assertThat(result.configs()).isEmpty();
        });
    }

    @Test
    void whoMayNotAdministerLearnsNoNames() throws Exception {
        ElectLeadersRequestData all =
                new ElectLeadersRequestData().setElectionType((byte) 0).setTopicPartitions(null);
        ElectLeadersResponseData elected = client.call(ApiKeys.ELECT_LEADERS, 2, all, ElectLeadersResponseData.class);
        assertThat(elected.errorCode()).isEqualTo(Errors.CLUSTER_AUTHORIZATION_FAILED.code());
        assertThat(elected.replicaElectionResults()).isEmpty();
        DescribeTopicPartitionsResponseData described = client.call(
                ApiKeys.DESCRIBE_TOPIC_PARTITIONS,
                0,
                new DescribeTopicPartitionsRequestData(),
                DescribeTopicPartitionsResponseData.class);
        assertThat(described.topics()).singleElement().satisfies(topic -> assertThat(topic.name())
                .isEqualTo("open"));
        ListConfigResourcesResponseData configured = client.call(
                ApiKeys.LIST_CONFIG_RESOURCES,
                1,
                new ListConfigResourcesRequestData(),
                ListConfigResourcesResponseData.class);
        assertThat(configured.errorCode()).isEqualTo(Errors.CLUSTER_AUTHORIZATION_FAILED.code());
        assertThat(configured.configResources()).isEmpty();
    }

    @Test
    void anIdThatIsGivenTwiceDoesNotTellItsName() throws Exception {
        MetaReply.TopicCreated created = (MetaReply.TopicCreated) broker.metaLog
                .submit(MetaCommand.CreateTopic.withDefaults("hidden"))
                .get();
        Uuid id = new Uuid(created.id().high(), created.id().low());
        DeleteTopicsRequestData twice = new DeleteTopicsRequestData()
                .setTopics(List.of(
                        new DeleteTopicState().setName(null).setTopicId(id),
                        new DeleteTopicState().setName(null).setTopicId(id)));
        DeleteTopicsResponseData deleted = client.call(ApiKeys.DELETE_TOPICS, 6, twice, DeleteTopicsResponseData.class);
        assertThat(deleted.responses()).singleElement().satisfies(result -> {
            assertThat(result.name()).isNull();
            assertThat(result.errorCode()).isEqualTo(Errors.INVALID_REQUEST.code());
        });
    }

    @Test
    void whoMayWriteSomewhereMayProduceIdempotently() throws Exception {
        InitProducerIdResponseData given = client.call(
                ApiKeys.INIT_PRODUCER_ID, 5, secret.of(ApiKeys.INIT_PRODUCER_ID, 5), InitProducerIdResponseData.class);
        assertThat(given.errorCode()).isZero();
    }

    @Test
    void everyProducerIdIsGivenOnce() throws Exception {
        List<Long> ids = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            ids.add(client.call(
                            ApiKeys.INIT_PRODUCER_ID,
                            4,
                            secret.of(ApiKeys.INIT_PRODUCER_ID, 4),
                            InitProducerIdResponseData.class)
                    .producerId());
        }
        assertThat(ids).doesNotHaveDuplicates();
    }
}
