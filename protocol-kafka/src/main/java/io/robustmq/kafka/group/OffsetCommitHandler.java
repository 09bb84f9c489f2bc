package io.robustmq.kafka.group;

import io.robustmq.core.error.BrokerError;
import io.robustmq.core.group.GroupCommand.CommitOffsets;
import io.robustmq.core.group.GroupCommand.Membership;
import io.robustmq.core.group.GroupReply.Outcomes;
import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.security.Operation;
import io.robustmq.kafka.server.ApiHandler;
import io.robustmq.kafka.server.KafkaRequest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestPartition;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestTopic;
import org.apache.kafka.common.message.OffsetCommitResponseData;
import org.apache.kafka.common.message.OffsetCommitResponseData.OffsetCommitResponsePartition;
import org.apache.kafka.common.message.OffsetCommitResponseData.OffsetCommitResponseTopic;

/** A group says how far it has come. Partitions that do not exist are refused each; the rest is committed together. */
final class OffsetCommitHandler implements ApiHandler {
    private static final int FIRST_WITH_GROUP_NOT_FOUND = 9;
    private static final int FIRST_WITH_TOPIC_ID = 10;

    private final GroupCalls calls;

    OffsetCommitHandler(GroupCalls calls) {
        this.calls = calls;
    }

    @Override
    public void handle(KafkaRequest request) {
        OffsetCommitRequestData body = request.body(OffsetCommitRequestData.class);
        boolean byId = request.version() >= FIRST_WITH_TOPIC_ID;
        MetaImage image = calls.image();
        List<NamedTopic> topics = new ArrayList<>(body.topics().size());
        for (OffsetCommitRequestTopic topic : body.topics()) {
            topics.add(NamedTopic.of(image, byId, topic.name(), topic.topicId()));
        }
        if (!calls.allowsGroup(request, Operation.READ, body.groupId())) {
            request.respond(response(body, Collections.nCopies(count(body), BrokerError.GROUP_AUTHORIZATION_FAILED)));
            return;
        }
        OffsetsOfRequest wanted = new OffsetsOfRequest(calls, request);
        for (int i = 0; i < topics.size(); i++) {
            add(wanted, topics.get(i), body.topics().get(i));
        }
        if (wanted.offsets().isEmpty()) {
            request.respond(response(body, wanted.with(List.of())));
            return;
        }
        PendingAnswer<Outcomes, OffsetCommitResponseData> pending = new PendingAnswer<>(
                request.loop(),
                Outcomes.class,
                outcomes -> response(body, wanted.with(outcomes.errors())),
                error -> response(body, wanted.with(error)),
                request::respond);
        Membership member = new Membership(body.generationIdOrMemberEpoch(), body.memberId(), body.groupInstanceId());
        boolean groupMustExist = request.version() >= FIRST_WITH_GROUP_NOT_FOUND;
        calls.submit(
                body.groupId(),
                new CommitOffsets(
                        pending, body.groupId(), member, body.retentionTimeMs(), groupMustExist, wanted.offsets()));
    }

    private static void add(OffsetsOfRequest wanted, NamedTopic topic, OffsetCommitRequestTopic asked) {
        BrokerError refusal = wanted.refusal(topic);
        for (OffsetCommitRequestPartition partition : asked.partitions()) {
            wanted.add(
                    topic,
                    refusal,
                    partition.partitionIndex(),
                    partition.committedOffset(),
                    partition.committedLeaderEpoch(),
                    partition.committedMetadata());
        }
    }

    private static int count(OffsetCommitRequestData body) {
        int count = 0;
        for (OffsetCommitRequestTopic topic : body.topics()) {
            count += topic.partitions().size();
        }
        return count;
    }

    private static OffsetCommitResponseData response(OffsetCommitRequestData body, List<BrokerError> errors) {
        List<OffsetCommitResponseTopic> topics = new ArrayList<>(body.topics().size());
        int next = 0;
        for (OffsetCommitRequestTopic topic : body.topics()) {
            List<OffsetCommitResponsePartition> partitions =
                    new ArrayList<>(topic.partitions().size());
            for (OffsetCommitRequestPartition partition : topic.partitions()) {
                partitions.add(new OffsetCommitResponsePartition()
                        .setPartitionIndex(partition.partitionIndex())
                        .setErrorCode(GroupErrors.code(errors.get(next))));
                next++;
            }
            topics.add(new OffsetCommitResponseTopic()
                    .setName(topic.name())
                    .setTopicId(topic.topicId())
                    .setPartitions(partitions));
        }
        return new OffsetCommitResponseData().setTopics(topics);
    }
}
