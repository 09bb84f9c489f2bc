package io.robustmq.kafka.group;

import io.robustmq.core.error.BrokerError;
import io.robustmq.core.group.GroupCommand.DeleteOffsets;
import io.robustmq.core.group.GroupCommand.TopicPartitions;
import io.robustmq.core.group.GroupReply.Outcomes;
import io.robustmq.core.security.Operation;
import io.robustmq.kafka.server.ApiHandler;
import io.robustmq.kafka.server.KafkaRequest;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.OffsetDeleteRequestData;
import org.apache.kafka.common.message.OffsetDeleteRequestData.OffsetDeleteRequestPartition;
import org.apache.kafka.common.message.OffsetDeleteRequestData.OffsetDeleteRequestTopic;
import org.apache.kafka.common.message.OffsetDeleteResponseData;
import org.apache.kafka.common.message.OffsetDeleteResponseData.OffsetDeleteResponsePartition;
import org.apache.kafka.common.message.OffsetDeleteResponseData.OffsetDeleteResponsePartitionCollection;
import org.apache.kafka.common.message.OffsetDeleteResponseData.OffsetDeleteResponseTopic;
import org.apache.kafka.common.message.OffsetDeleteResponseData.OffsetDeleteResponseTopicCollection;

/** Drops a group's offsets for topics that it does not consume now. */
final class OffsetDeleteHandler implements ApiHandler {
    private final GroupCalls calls;

    OffsetDeleteHandler(GroupCalls calls) {
        this.calls = calls;
    }

    @Override
    public void handle(KafkaRequest request) {
        OffsetDeleteRequestData body = request.body(OffsetDeleteRequestData.class);
        if (!calls.allowsGroup(request, Operation.DELETE, body.groupId())) {
            request.respond(refused(BrokerError.GROUP_AUTHORIZATION_FAILED));
            return;
        }
        List<OffsetDeleteResponseTopic> refused = new ArrayList<>();
        List<TopicPartitions> wanted = new ArrayList<>();
        for (OffsetDeleteRequestTopic topic : body.topics()) {
            List<Integer> partitions = new ArrayList<>(topic.partitions().size());
            for (OffsetDeleteRequestPartition partition : topic.partitions()) {
                partitions.add(partition.partitionIndex());
            }
            BrokerError error = check(request, topic.name());
            if (error == BrokerError.NONE) {
                wanted.add(new TopicPartitions(topic.name(), partitions));
            } else {
                refused.add(topic(topic.name(), partitions, i -> error));
            }
        }
        PendingAnswer<Outcomes, OffsetDeleteResponseData> pending = new PendingAnswer<>(
                request.loop(),
                Outcomes.class,
                outcomes -> response(refused, wanted, outcomes),
                OffsetDeleteHandler::refused,
                request::respond);
        calls.submit(body.groupId(), new DeleteOffsets(pending, body.groupId(), wanted));
    }

    private BrokerError check(KafkaRequest request, String topic) {
        if (!calls.allowsTopic(request, Operation.READ, topic)) {
            return BrokerError.TOPIC_AUTHORIZATION_FAILED;
        }
        return NamedTopic.of(calls.image(), false, topic, Uuid.ZERO_UUID).error();
    }

    /** The error of the n-th partition of a topic. */
    @FunctionalInterface
    private interface PartitionErrors {
        BrokerError at(int position);
    }

    private static OffsetDeleteResponseData response(
            List<OffsetDeleteResponseTopic> refused, List<TopicPartitions> wanted, Outcomes outcomes) {
        OffsetDeleteResponseTopicCollection topics = new OffsetDeleteResponseTopicCollection();
        refused.forEach(topics::add);
        int first = 0;
        for (TopicPartitions topic : wanted) {
            int start = first;
            topics.add(topic(
                    topic.topic(), topic.partitions(), i -> outcomes.errors().get(start + i)));
            first += topic.partitions().size();
        }
        return new OffsetDeleteResponseData().setTopics(topics);
    }

    private static OffsetDeleteResponseTopic topic(String name, List<Integer> partitions, PartitionErrors errors) {
        OffsetDeleteResponsePartitionCollection answers = new OffsetDeleteResponsePartitionCollection();
        for (int i = 0; i < partitions.size(); i++) {
            answers.add(new OffsetDeleteResponsePartition()
                    .setPartitionIndex(partitions.get(i))
                    .setErrorCode(GroupErrors.code(errors.at(i))));
        }
        return new OffsetDeleteResponseTopic().setName(name).setPartitions(answers);
    }

    private static OffsetDeleteResponseData refused(BrokerError error) {
        return new OffsetDeleteResponseData().setErrorCode(GroupErrors.code(error));
    }
}
