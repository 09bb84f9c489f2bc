package io.robustmq.kafka.group;

import io.robustmq.core.error.BrokerError;
import io.robustmq.core.group.GroupCommand.FetchOffsets;
import io.robustmq.core.group.GroupCommand.FetchOffsetsAsMember;
import io.robustmq.core.group.GroupCommand.TopicPartitions;
import io.robustmq.core.group.GroupReply.Fetched;
import io.robustmq.core.security.Operation;
import io.robustmq.kafka.server.ApiHandler;
import io.robustmq.kafka.server.KafkaRequest;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.message.OffsetFetchRequestData;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestGroup;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestTopic;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestTopics;
import org.apache.kafka.common.message.OffsetFetchResponseData;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponseGroup;
import org.jspecify.annotations.Nullable;

/** How far groups have come. A group that does not exist, or a partition without an offset, is answered with -1. */
final class OffsetFetchHandler implements ApiHandler {
    private static final int FIRST_BATCHED_VERSION = 8;
    private static final int FIRST_WITH_TOPIC_ID = 10;

    private final GroupCalls calls;

    OffsetFetchHandler(GroupCalls calls) {
        this.calls = calls;
    }

    @Override
    public void handle(KafkaRequest request) {
        OffsetFetchRequestData body = request.body(OffsetFetchRequestData.class);
        boolean batched = request.version() >= FIRST_BATCHED_VERSION;
        List<OffsetFetchRequestGroup> groups = batched ? body.groups() : List.of(onlyGroup(body));
        int version = request.version();
        Gathering<OffsetFetchResponseGroup> gathering = new Gathering<>(
                groups.size(),
                found -> request.respond(
                        batched
                                ? new OffsetFetchResponseData().setGroups(found)
                                : FetchedOffsets.unbatched(version, found.get(0))));
        for (int i = 0; i < groups.size(); i++) {
            fetch(request, groups.get(i), body.requireStable(), gathering, i);
        }
    }

    /** The request of the versions before several groups could be asked for at once. */
    private static OffsetFetchRequestGroup onlyGroup(OffsetFetchRequestData body) {
        OffsetFetchRequestGroup group = new OffsetFetchRequestGroup().setGroupId(body.groupId());
        List<OffsetFetchRequestTopic> asked = body.topics();
        if (asked == null) {
            return group.setTopics(null);
        }
        List<OffsetFetchRequestTopics> topics = new ArrayList<>(asked.size());
        for (OffsetFetchRequestTopic topic : asked) {
            topics.add(
                    new OffsetFetchRequestTopics().setName(topic.name()).setPartitionIndexes(topic.partitionIndexes()));
        }
        return group.setTopics(topics);
    }

    private void fetch(
            KafkaRequest request,
            OffsetFetchRequestGroup group,
            boolean requireStable,
            Gathering<OffsetFetchResponseGroup> gathering,
            int index) {
        FetchedOffsets asked = asked(request, group);
        if (!calls.allowsGroup(request, Operation.DESCRIBE, group.groupId())) {
            gathering.put(index, asked.refused(BrokerError.GROUP_AUTHORIZATION_FAILED));
            return;
        }
        PendingAnswer<Fetched, OffsetFetchResponseGroup> pending = new PendingAnswer<>(
                request.loop(),
                Fetched.class,
                asked::answered,
                error -> request.version() >= FIRST_BATCHED_VERSION
                        ? asked.refusedAsAWhole(error)
                        : asked.refused(error),
                gathering.part(index));
        FetchOffsets fetch = new FetchOffsets(pending, group.groupId(), wanted(asked), requireStable);
        String memberId = group.memberId();
        boolean asMember = memberId != null && group.memberEpoch() >= 0;
        calls.submit(
                group.groupId(), asMember ? new FetchOffsetsAsMember(fetch, memberId, group.memberEpoch()) : fetch);
    }

    private FetchedOffsets asked(KafkaRequest request, OffsetFetchRequestGroup group) {
        boolean byId = request.version() >= FIRST_WITH_TOPIC_ID;
        List<OffsetFetchRequestTopics> asked = group.topics();
        List<FetchedOffsets.Asked> topics = null;
        if (asked != null) {
            topics = new ArrayList<>(asked.size());
            for (OffsetFetchRequestTopics topic : asked) {
                NamedTopic named = NamedTopic.of(calls.image(), byId, topic.name(), topic.topicId());
                boolean known = named.error() != BrokerError.UNKNOWN_TOPIC_ID;
                BrokerError error = known && !calls.allowsTopic(request, Operation.DESCRIBE, named.name())
                        ? BrokerError.TOPIC_AUTHORIZATION_FAILED
                        : known ? BrokerError.NONE : BrokerError.UNKNOWN_TOPIC_ID;
                topics.add(new FetchedOffsets.Asked(
                        topic.name(), topic.topicId(), named, error, topic.partitionIndexes()));
            }
        }
        return new FetchedOffsets(
                group.groupId(), topics, calls.image(), topic -> calls.allowsTopic(request, Operation.DESCRIBE, topic));
    }

    private static @Nullable List<TopicPartitions> wanted(FetchedOffsets asked) {
        List<FetchedOffsets.Asked> topics = asked.topics();
        if (topics == null) {
            return null;
        }
        List<TopicPartitions> wanted = new ArrayList<>(topics.size());
        for (FetchedOffsets.Asked topic : topics) {
            if (topic.error() == BrokerError.NONE) {
                wanted.add(new TopicPartitions(topic.topic().name(), topic.partitions()));
            }
        }
        return wanted;
    }
}
