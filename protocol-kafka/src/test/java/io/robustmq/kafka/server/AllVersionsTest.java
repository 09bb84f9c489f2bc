package io.robustmq.kafka.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.core.meta.MetaCommand;
import io.robustmq.core.meta.MetaReply;
import io.robustmq.kafka.memory.MemoryBroker;
import java.io.IOException;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.ApiVersionsRequestData;
import org.apache.kafka.common.message.ApiVersionsResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Every version of every API is answered in that version: the codec refuses fields that a version does not have. */
@Timeout(60)
class AllVersionsTest {
    private MemoryBroker broker;
    private Uuid topicId;

    @BeforeEach
    void start() throws Exception {
        broker = new MemoryBroker();
        MetaReply created = broker.metaLog
                .submit(MetaCommand.CreateTopic.withDefaults("led"))
                .get();
        topicId = idOf(created);
    }

    @AfterEach
    void stop() {
        broker.close();
        assertThat(broker.journal.openSlices()).isZero();
    }

    @Test
    void everyVersionOfEveryApiIsAnsweredForATopicOfThisNode() throws Exception {
        callAll(new Requests("led", topicId));
    }

    @Test
    void everyVersionOfEveryApiIsAnsweredForATopicLedElsewhere() throws Exception {
        MetaReply created = broker.metaLog
                .submit(MetaCommand.CreateTopic.withDefaults("moved"))
                .get();
        broker.metaLog.moveLeader("moved", 0, 8);
        callAll(new Requests("moved", idOf(created)));
    }

    @Test
    void everyVersionOfEveryApiIsAnsweredForATopicThatDoesNotExist() throws Exception {
        callAll(new Requests("no such.topic", Uuid.randomUuid()));
    }

    @Test
    void whatIsAdvertisedIsWhatIsServedExceptForTheOldProduceVersions() throws Exception {
        try (WireClient client = new WireClient(broker.address())) {
            ApiVersionsResponseData versions = client.call(
                    ApiKeys.API_VERSIONS,
                    3,
                    new ApiVersionsRequestData().setClientSoftwareName("a").setClientSoftwareVersion("1"),
                    ApiVersionsResponseData.class);
            assertThat(versions.apiKeys()).hasSameSizeAs(broker.apis.apis());
            for (ApiTable.Api api : broker.apis.apis()) {
                ApiVersionsResponseData.ApiVersion advertised =
                        versions.apiKeys().find(api.key().id);
                assertThat(advertised.minVersion()).isEqualTo(api.key() == ApiKeys.PRODUCE ? 0 : api.min());
                assertThat(advertised.maxVersion()).isEqualTo(api.max());
            }
        }
    }

    @Test
    void anUnknownApiVersionsVersionIsAnsweredAsVersionZero() throws Exception {
        try (WireClient client = new WireClient(broker.address())) {
            byte[] frame = WireClient.frame(
                    ApiKeys.API_VERSIONS,
                    5,
                    77,
                    new ApiVersionsRequestData().setClientSoftwareName("a").setClientSoftwareVersion("1"));
            frame[7] = 99;
            client.write(frame);
            ApiVersionsResponseData answer = client.receive(ApiKeys.API_VERSIONS, 0, 77, ApiVersionsResponseData.class);
            assertThat(answer.errorCode()).isEqualTo(Errors.UNSUPPORTED_VERSION.code());
            assertThat(answer.apiKeys().find(ApiKeys.API_VERSIONS.id).maxVersion())
                    .isEqualTo((short) 5);
        }
    }

    @Test
    void clientNamesThatAreNoNamesAndOtherClustersAreRefused() throws Exception {
        assertThat(versionsError(3, new ApiVersionsRequestData().setClientSoftwareName("-")))
                .isEqualTo(Errors.INVALID_REQUEST);
        ApiVersionsRequestData named =
                new ApiVersionsRequestData().setClientSoftwareName("a").setClientSoftwareVersion("1");
        assertThat(versionsError(
                        5, named.duplicate().setClusterId("memory-cluster").setNodeId(7)))
                .isEqualTo(Errors.NONE);
        assertThat(versionsError(5, named.duplicate().setClusterId("other").setNodeId(7)))
                .isEqualTo(Errors.REBOOTSTRAP_REQUIRED);
        assertThat(versionsError(
                        5, named.duplicate().setClusterId("memory-cluster").setNodeId(8)))
                .isEqualTo(Errors.REBOOTSTRAP_REQUIRED);
        assertThat(versionsError(5, named.duplicate().setNodeId(7))).isEqualTo(Errors.INVALID_REQUEST);
    }

    @Test
    void unsupportedKeysAndVersionsCloseTheConnection() throws Exception {
        byte[] removedKey = WireClient.frame(ApiKeys.METADATA, 1, 1, ApiKeys.METADATA.messageType.newRequest());
        removedKey[5] = 4;
        byte[] oldProduce = new Requests("led", topicId).produceFrame(3);
        oldProduce[7] = 2;
        for (byte[] frame : new byte[][] {removedKey, oldProduce}) {
            try (WireClient client = new WireClient(broker.address())) {
                client.write(frame);
                assertThat(client.isClosedByServer()).isTrue();
            }
        }
    }

    private Errors versionsError(int version, ApiVersionsRequestData request) throws IOException {
        try (WireClient client = new WireClient(broker.address())) {
            return Errors.forCode(client.call(ApiKeys.API_VERSIONS, version, request, ApiVersionsResponseData.class)
                    .errorCode());
        }
    }

    private void callAll(Requests requests) throws IOException {
        try (WireClient client = new WireClient(broker.address())) {
            for (ApiTable.Api api : broker.apis.apis()) {
                for (int version = api.min(); version <= api.max(); version++) {
                    ApiMessage answer =
                            client.call(api.key(), version, requests.of(api.key(), version), ApiMessage.class);
                    assertThat(answer.apiKey()).as("%s %s", api.key(), version).isEqualTo(api.key().id);
                }
            }
        }
    }

    private static Uuid idOf(MetaReply reply) {
        MetaReply.TopicCreated created = (MetaReply.TopicCreated) reply;
        return new Uuid(created.id().high(), created.id().low());
    }
}
