package io.robustmq.kafka.group;

import io.robustmq.core.error.BrokerError;
import io.robustmq.core.group.CommittedOffset;
import io.robustmq.core.group.GroupReply.Fetched;
import io.robustmq.core.group.GroupReply.FetchedOffset;
import io.robustmq.core.group.GroupReply.UnstableOffset;
import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.meta.TopicImage;
import io.robustmq.core.model.TopicId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.OffsetFetchResponseData;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponseGroup;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponsePartition;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponsePartitions;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponseTopic;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponseTopics;
import org.jspecify.annotations.Nullable;

/**
 * What was asked about one group, and the answer to it. Offsets of a topic that was deleted since are not shown, even if
 * there is another topic of the same name now.
 *
 * @param topics null for all that the group has
 * @param visible whether the client may know of a topic
 */
record FetchedOffsets(String groupId, @Nullable List<Asked> topics, MetaImage image, Predicate<String> visible) {
    private static final long NO_OFFSET = -1;
    private static final int NO_EPOCH = -1;
    private static final int FIRST_WITH_GROUP_ERROR = 2;

    /** A topic as the client named it, and what it is. */
    record Asked(String name, Uuid uuid, NamedTopic topic, BrokerError error, List<Integer> partitions) {}

    OffsetFetchResponseGroup answered(Fetched fetched) {
        return new OffsetFetchResponseGroup()
                .setGroupId(groupId)
                .setTopics(topics == null ? all(fetched) : askedFor(topics, fetched));
    }

    /** As versions say it that have an error per group. */
    OffsetFetchResponseGroup refusedAsAWhole(BrokerError error) {
        return new OffsetFetchResponseGroup().setGroupId(groupId).setErrorCode(GroupErrors.code(error));
    }

    OffsetFetchResponseGroup refused(BrokerError error) {
        List<OffsetFetchResponseTopics> refused = new ArrayList<>();
        if (topics != null) {
            for (Asked asked : topics) {
                refused.add(topic(asked, Map.of(), error, Set.of()));
            }
        }
        return new OffsetFetchResponseGroup()
                .setGroupId(groupId)
                .setErrorCode(GroupErrors.code(error))
                .setTopics(refused);
    }

    private List<OffsetFetchResponseTopics> askedFor(List<Asked> asked, Fetched fetched) {
        Map<String, Map<Integer, CommittedOffset>> found = new HashMap<>();
        for (FetchedOffset offset : fetched.offsets()) {
            if (isCurrent(offset)) {
                found.computeIfAbsent(offset.topic(), name -> new HashMap<>())
                        .put(offset.partition(), offset.committed());
            }
        }
        List<OffsetFetchResponseTopics> answers = new ArrayList<>(asked.size());
        for (Asked topic : asked) {
            answers.add(topic(
                    topic, found.getOrDefault(topic.topic().name(), Map.of()), topic.error(), fetched.unstable()));
        }
        return answers;
    }

    private static OffsetFetchResponseTopics topic(
            Asked asked, Map<Integer, CommittedOffset> found, BrokerError error, Set<UnstableOffset> unstable) {
        List<OffsetFetchResponsePartitions> partitions =
                new ArrayList<>(asked.partitions().size());
        for (int index : asked.partitions()) {
            boolean open = error == BrokerError.NONE
                    && unstable.contains(new UnstableOffset(asked.topic().name(), index));
            partitions.add(
                    open
                            ? partition(index, null, BrokerError.UNSTABLE_OFFSET_COMMIT)
                            : partition(index, found.get(index), error));
        }
        return new OffsetFetchResponseTopics()
                .setName(asked.name())
                .setTopicId(asked.uuid())
                .setPartitions(partitions);
    }

    private List<OffsetFetchResponseTopics> all(Fetched fetched) {
        Map<String, OffsetFetchResponseTopics> answers = new LinkedHashMap<>();
        for (FetchedOffset offset : fetched.offsets()) {
            TopicImage topic = image.topic(offset.topic());
            if (topic != null && isCurrent(offset) && visible.test(offset.topic())) {
                answers.computeIfAbsent(offset.topic(), name -> new OffsetFetchResponseTopics()
                                .setName(name)
                                .setTopicId(
                                        new Uuid(topic.id().high(), topic.id().low())))
                        .partitions()
                        .add(
                                fetched.unstable().contains(new UnstableOffset(offset.topic(), offset.partition()))
                                        ? partition(offset.partition(), null, BrokerError.UNSTABLE_OFFSET_COMMIT)
                                        : partition(offset.partition(), offset.committed(), BrokerError.NONE));
            }
        }
        return new ArrayList<>(answers.values());
    }

    private boolean isCurrent(FetchedOffset offset) {
        TopicImage topic = image.topic(offset.topic());
        return topic != null
                && (offset.topicId().equals(TopicId.ZERO) || offset.topicId().equals(topic.id()));
    }

    private static OffsetFetchResponsePartitions partition(
            int index, @Nullable CommittedOffset committed, BrokerError error) {
        return new OffsetFetchResponsePartitions()
                .setPartitionIndex(index)
                .setCommittedOffset(committed == null ? NO_OFFSET : committed.offset())
                .setCommittedLeaderEpoch(committed == null ? NO_EPOCH : committed.leaderEpoch())
                .setMetadata(committed == null ? "" : committed.metadata())
                .setErrorCode(GroupErrors.code(error));
    }

    /** The answer of the versions before several groups could be asked for at once. */
    static OffsetFetchResponseData unbatched(int version, OffsetFetchResponseGroup group) {
        List<OffsetFetchResponseTopic> topics = new ArrayList<>(group.topics().size());
        for (OffsetFetchResponseTopics topic : group.topics()) {
            List<OffsetFetchResponsePartition> partitions =
                    new ArrayList<>(topic.partitions().size());
            for (OffsetFetchResponsePartitions partition : topic.partitions()) {
                partitions.add(new OffsetFetchResponsePartition()
                        .setPartitionIndex(partition.partitionIndex())
                        .setCommittedOffset(partition.committedOffset())
                        .setCommittedLeaderEpoch(partition.committedLeaderEpoch())
                        .setMetadata(partition.metadata())
                        .setErrorCode(partition.errorCode()));
            }
            topics.add(new OffsetFetchResponseTopic().setName(topic.name()).setPartitions(partitions));
        }
        OffsetFetchResponseData response = new OffsetFetchResponseData().setTopics(topics);
        return version < FIRST_WITH_GROUP_ERROR ? response : response.setErrorCode(group.errorCode());
    }
}
