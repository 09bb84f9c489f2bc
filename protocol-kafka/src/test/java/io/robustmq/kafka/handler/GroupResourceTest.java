package io.robustmq.kafka.handler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.robustmq.core.meta.MetaCommand;
import io.robustmq.core.meta.MetaReply;
import io.robustmq.kafka.memory.MemoryBroker;
import io.robustmq.kafka.server.WireClient;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.AlterConfigOp.OpType;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.ConfigEntry.ConfigSource;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.message.MetadataRequestData.MetadataRequestTopic;
import org.apache.kafka.common.message.MetadataResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What consumers of the consumer protocol and their operators ask besides the group APIs. */
@Timeout(60)
class GroupResourceTest {
    private static final ConfigResource GROUP = new ConfigResource(ConfigResource.Type.GROUP, "g");
    private static final String SESSION = "consumer.session.timeout.ms";

    @Test
    void groupIsConfiguredAndDescribedWhetherOrNotItExists() throws Exception {
        try (MemoryBroker broker = new MemoryBroker();
                Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrap()))) {
            assertThat(describe(admin, SESSION).value()).isEqualTo("45000");
            assertThat(describe(admin, SESSION).source()).isEqualTo(ConfigSource.DEFAULT_CONFIG);

            alter(admin, new ConfigEntry(SESSION, "20000"), OpType.SET);
            assertThat(describe(admin, SESSION).value()).isEqualTo("20000");
            assertThat(describe(admin, SESSION).source()).isEqualTo(ConfigSource.DYNAMIC_GROUP_CONFIG);
            assertThat(describe(admin, "consumer.heartbeat.interval.ms").value())
                    .isEqualTo("5000");

            alter(admin, new ConfigEntry(SESSION, null), OpType.DELETE);
            assertThat(describe(admin, SESSION).value()).isEqualTo("45000");
            for (ConfigEntry wrong : List.of(
                    new ConfigEntry(SESSION, "1"),
                    new ConfigEntry(SESSION, "long"),
                    new ConfigEntry("streams.session.timeout.ms", "45000"))) {
                assertThatThrownBy(() -> alter(admin, wrong, OpType.SET))
                        .hasCauseInstanceOf(InvalidConfigurationException.class);
            }
        }
    }

    @Test
    void topicIsDescribedByItsIdThoughTheNameIsEmpty() throws Exception {
        try (MemoryBroker broker = new MemoryBroker();
                WireClient client = new WireClient(broker.address())) {
            MetaReply.TopicCreated created = (MetaReply.TopicCreated) broker.metaLog
                    .submit(MetaCommand.CreateTopic.withDefaults("t"))
                    .get();
            Uuid id = new Uuid(created.id().high(), created.id().low());
            MetadataResponseData answer = client.call(
                    ApiKeys.METADATA,
                    13,
                    new MetadataRequestData()
                            .setTopics(List.of(
                                    new MetadataRequestTopic().setName("").setTopicId(id))),
                    MetadataResponseData.class);
            assertThat(answer.topics().iterator().next().name()).isEqualTo("t");
            assertThat(answer.topics().iterator().next().errorCode()).isZero();
        }
    }

    private static ConfigEntry describe(Admin admin, String key) throws Exception {
        return admin.describeConfigs(List.of(GROUP))
                .all()
                .get(30, TimeUnit.SECONDS)
                .get(GROUP)
                .get(key);
    }

    private static void alter(Admin admin, ConfigEntry entry, OpType operation) throws Exception {
        admin.incrementalAlterConfigs(Map.of(GROUP, List.of(new AlterConfigOp(entry, operation))))
                .all()
                .get(30, TimeUnit.SECONDS);
    }
}
