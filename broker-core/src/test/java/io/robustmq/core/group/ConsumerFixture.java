package io.robustmq.core.group;

import io.robustmq.core.error.BrokerError;
import io.robustmq.core.group.GroupCommand.CommitOffsets;
import io.robustmq.core.group.GroupCommand.CommitTxnOffsets;
import io.robustmq.core.group.GroupCommand.DescribeConsumerGroup;
import io.robustmq.core.group.GroupCommand.Membership;
import io.robustmq.core.group.GroupCommand.OffsetToCommit;
import io.robustmq.core.group.GroupCommand.ReportToGroup;
import io.robustmq.core.group.GroupFact.ConsumerGroupFact;
import io.robustmq.core.group.GroupFixture.Answer;
import io.robustmq.core.group.GroupReply.ConsumerDescribed;
import io.robustmq.core.group.GroupReply.NeedsVerification;
import io.robustmq.core.group.GroupReply.Outcomes;
import io.robustmq.core.group.GroupReply.Reported;
import io.robustmq.core.group.consumer.ConsumerFact;
import io.robustmq.core.group.consumer.ConsumerHeartbeat;
import io.robustmq.core.group.consumer.ConsumerHeartbeat.Origin;
import io.robustmq.core.group.consumer.ConsumerHeartbeat.Wishes;
import io.robustmq.core.group.consumer.HeartbeatResult;
import io.robustmq.core.group.consumer.Partitions;
import io.robustmq.core.meta.ConfigScope;
import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.meta.PartitionImage;
import io.robustmq.core.meta.TopicImage;
import io.robustmq.core.model.TopicId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A group of the consumer protocol on top of a {@link GroupFixture}, with topics that can change. */
final class ConsumerFixture {
    static final String GROUP = GroupFixture.GROUP;

    final GroupFixture groups;
    private final Map<String, TopicImage> topics = new HashMap<>();
    private final Map<ConfigScope, Map<String, String>> configs = new HashMap<>();
    private long index;

    ConsumerFixture() {
        this(new GroupFixture());
    }

    ConsumerFixture(GroupFixture groups) {
        this.groups = groups;
        topic("t", 4);
    }

    static TopicId id(String topic) {
        return new TopicId(1, topic.hashCode());
    }

    void topic(String name, int partitions) {
        List<PartitionImage> images = new ArrayList<>();
        for (int i = 0; i < partitions; i++) {
            images.add(new PartitionImage(i, 1, 0, 0, List.of(1), List.of(1)));
        }
        topics.put(name, new TopicImage(id(name), name, images, Map.of()));
        publish();
    }

    void dropTopic(String name) {
        topics.remove(name);
        publish();
    }

    void configure(String key, String value) {
        configs.put(new ConfigScope(ConfigScope.Kind.GROUP, GROUP), Map.of(key, value));
        publish();
    }

    private void publish() {
        index++;
        Map<TopicId, TopicImage> byId = new HashMap<>();
        topics.values().forEach(topic -> byId.put(topic.id(), topic));
        groups.image = new MetaImage(index, "c", 1, new HashMap<>(topics), byId, Map.of(), new HashMap<>(configs), 0);
    }

    static Partitions partitions(String topic, int... numbers) {
        Partitions.Builder builder = Partitions.builder();
        for (int number : numbers) {
            builder.add(id(topic), number);
        }
        return builder.build();
    }

    /** A member as its heartbeats have it. */
    final class Member {
        final String memberId;
        String instanceId;
        List<String> names = List.of("t");
        String regex;
        String assignor;
        int epoch;
        Partitions owned = Partitions.NONE;

        Member(String memberId) {
            this.memberId = memberId;
        }

        HeartbeatResult join() {
            epoch = 0;
            owned = Partitions.NONE;
            return take(send(new Wishes(null, 60_000, names, regex, assignor), owned));
        }

        /** Says nothing but that it lives. */
        HeartbeatResult beat() {
            return take(send(new Wishes(null, -1, null, null, null), null));
        }

        /** Says what it consumes. */
        HeartbeatResult acknowledge() {
            return take(send(new Wishes(null, -1, null, null, null), owned));
        }

        HeartbeatResult resubscribe(String... topicNames) {
            names = List.of(topicNames);
            return take(send(new Wishes(null, -1, names, null, null), null));
        }

        HeartbeatResult leave() {
            epoch = instanceId == null ? ConsumerHeartbeat.LEAVES : ConsumerHeartbeat.LEAVES_FOR_A_WHILE;
            return send(new Wishes(null, -1, null, null, null), null);
        }

        HeartbeatResult send(Wishes wishes, Partitions says) {
            Answer answer = new Answer();
            groups.submit(new ReportToGroup(
                    answer,
                    new ConsumerHeartbeat(
                            GROUP,
                            memberId,
                            epoch,
                            instanceId,
                            wishes,
                            says,
                            new Origin("client", "/h", groups.image, topic -> !topic.startsWith("secret")))));
            return ((Reported) answer.reply).result();
        }

        private HeartbeatResult take(HeartbeatResult result) {
            if (result.error() == BrokerError.NONE) {
                epoch = result.memberEpoch();
                owned = result.assigned() == null ? owned : result.assigned();
            }
            return result;
        }

        BrokerError commit(int atEpoch, String topic, int partition, long offset) {
            Answer answer = new Answer();
            groups.submit(new CommitOffsets(
                    answer,
                    GROUP,
                    new Membership(atEpoch, memberId, null),
                    -1,
                    true,
                    List.of(new OffsetToCommit(topic, id(topic), partition, offset, 5, ""))));
            return ((Outcomes) answer.reply).errors().get(0);
        }

        /** As part of a transaction, which its coordinator confirms when it is asked. */
        BrokerError commitInTransaction(int atEpoch, String topic, int partition, long offset) {
            return commitInTransaction(
                    atEpoch, -1, List.of(new OffsetToCommit(topic, id(topic), partition, offset, 5, "")));
        }

        private BrokerError commitInTransaction(int atEpoch, long verification, List<OffsetToCommit> offsets) {
            Answer answer = new Answer();
            Membership who = new Membership(atEpoch, memberId, null);
            groups.submit(new CommitTxnOffsets(answer, GROUP, 9, (short) 0, who, verification, offsets));
            if (answer.reply instanceof NeedsVerification needed) {
                return commitInTransaction(atEpoch, needed.token(), offsets);
            }
            return answer.reply instanceof Outcomes outcomes ? outcomes.errors().get(0) : answer.done();
        }
    }

    Member member(String memberId) {
        return new Member(memberId);
    }

    /** Heartbeats until nothing changes any more. */
    void settle(Member... members) {
        for (int round = 0; round < 2 * members.length + 2; round++) {
            for (Member member : members) {
                member.acknowledge();
            }
        }
    }

    ConsumerDescribed describe() {
        Answer answer = new Answer();
        groups.submit(new DescribeConsumerGroup(answer, GROUP));
        return (ConsumerDescribed) answer.reply;
    }

    /** What was logged of the consumer protocol since {@code from}. */
    List<ConsumerFact> facts(int from) {
        List<ConsumerFact> facts = new ArrayList<>();
        for (GroupFact fact : groups.log.subList(from, groups.log.size())) {
            if (fact instanceof ConsumerGroupFact consumer) {
                facts.add(consumer.fact());
            }
        }
        return facts;
    }
}
