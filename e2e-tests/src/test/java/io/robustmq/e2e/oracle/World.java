package io.robustmq.e2e.oracle;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.DescribeClusterRequestData;
import org.apache.kafka.common.message.DescribeClusterResponseData;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.message.MetadataResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;

/** One of the two brokers, and what it has told that later requests need. */
final class World {
    /** An id that no topic has. */
    static final Uuid NO_TOPIC = new Uuid(7, 7);

    private final int port;
    private final Map<String, Uuid> ids = new HashMap<>();
    private final Map<Uuid, String> names = new HashMap<>();
    private final Map<String, ApiMessage> answers = new HashMap<>();

    World(int port) {
        this.port = port;
    }

    int port() {
        return port;
    }

    /** The id of a topic that exists now or did when its id was first asked for. */
    Uuid id(String topic) {
        Uuid id = ids.get(topic);
        if (id == null) {
            id = lookUp(topic);
            ids.put(topic, id);
            names.put(id, topic);
        }
        return id;
    }

    String clusterId() {
        var response = (DescribeClusterResponseData)
                Wire.call(port, ApiKeys.DESCRIBE_CLUSTER, (short) 0, new DescribeClusterRequestData());
        return response.clusterId();
    }

    private Uuid lookUp(String topic) {
        var request = new MetadataRequestData().setAllowAutoTopicCreation(false);
        request.topics().add(new MetadataRequestData.MetadataRequestTopic().setName(topic));
        var response = (MetadataResponseData) Wire.call(port, ApiKeys.METADATA, (short) 12, request);
        return response.topics().find(topic).topicId();
    }

    Optional<String> topicOf(Uuid id) {
        return Optional.ofNullable(names.get(id));
    }

    /** Keeps an answer for {@link #answer}. */
    void answered(Ask ask, ApiMessage answer) {
        answers.put(ask.title(), answer);
    }

    /** What this broker answered to an earlier request. */
    <T extends ApiMessage> T answer(String title, Class<T> type) {
        return type.cast(answers.get(title));
    }
}
