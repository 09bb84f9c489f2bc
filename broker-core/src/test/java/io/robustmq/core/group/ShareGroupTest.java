package io.robustmq.core.group;

import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.core.error.BrokerError;
import io.robustmq.core.group.GroupCommand.CheckShareGroup;
import io.robustmq.core.group.GroupCommand.DeleteGroup;
import io.robustmq.core.group.GroupCommand.DescribeShareGroup;
import io.robustmq.core.group.GroupCommand.ListGroups;
import io.robustmq.core.group.GroupCommand.ReportToShareGroup;
import io.robustmq.core.group.GroupFact.ShareGroupFact;
import io.robustmq.core.group.GroupFixture.Answer;
import io.robustmq.core.group.GroupReply.ConsumerDescribed;
import io.robustmq.core.group.GroupReply.GroupSummary;
import io.robustmq.core.group.GroupReply.Joined;
import io.robustmq.core.group.GroupReply.Listed;
import io.robustmq.core.group.GroupReply.Reported;
import io.robustmq.core.group.consumer.ConsumerFact;
import io.robustmq.core.group.consumer.ConsumerFact.AssignmentChanged;
import io.robustmq.core.group.consumer.ConsumerFact.EpochBumped;
import io.robustmq.core.group.consumer.ConsumerFact.Erased;
import io.robustmq.core.group.consumer.ConsumerFact.Kind;
import io.robustmq.core.group.consumer.ConsumerFact.MemberChanged;
import io.robustmq.core.group.consumer.ConsumerFact.TargetChanged;
import io.robustmq.core.group.consumer.ConsumerFact.TargetsReached;
import io.robustmq.core.group.consumer.ConsumerHeartbeat;
import io.robustmq.core.group.consumer.ConsumerHeartbeat.Origin;
import io.robustmq.core.group.consumer.ConsumerHeartbeat.Wishes;
import io.robustmq.core.group.consumer.ConsumerMember;
import io.robustmq.core.group.consumer.HeartbeatResult;
import io.robustmq.core.group.consumer.MemberAssignment;
import io.robustmq.core.group.consumer.Partitions;
import io.robustmq.core.model.TopicId;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class ShareGroupTest {
    private static final String GROUP = GroupFixture.GROUP;

    private final ConsumerFixture topics = new ConsumerFixture();
    private final GroupFixture groups = topics.groups;

    @Test
    void everyPartitionHasSomebodyAndEverybodyHasOne() {
        assertThat(join("a").assigned()).isEqualTo(ConsumerFixture.partitions("t", 0, 1, 2, 3));
        assertThat(join("b").assigned().count()).isEqualTo(2);
        assertThat(join("c").assigned().count()).isEqualTo(1);
        assertThat(beat("a", 2).assigned().count()).isEqualTo(2);
        topics.topic("t", 2);

        Partitions all = beat("a", 4)
                .assigned()
                .plus(beat("b", 3).assigned())
                .plus(beat("c", 4).assigned());
        assertThat(all).isEqualTo(ConsumerFixture.partitions("t", 0, 1));
        assertThat(described().members())
                .allSatisfy(member -> assertThat(member.assigned().count()).isEqualTo(1));
        assertThat(join("d").error()).as("the fourth of three").isEqualTo(BrokerError.GROUP_MAX_SIZE_REACHED);
    }

    @Test
    void silentMembersAreRemovedAndTheirShareGoesToOthers() {
        join("a");
        join("b");
        groups.advance(40_000);
        beat("b", 3);
        groups.advance(10_000);

        assertThat(described().members()).hasSize(1);
        assertThat(beat("b", 3).assigned().count()).isEqualTo(4);
        assertThat(beat("a", 2).error()).isEqualTo(BrokerError.UNKNOWN_MEMBER_ID);
    }

    @Test
    void anotherCoordinatorKnowsTheSame() {
        join("a");
        join("b");
        beat("a", 2);
        ConsumerDescribed before = described();

        groups.reload();

        assertThat(described()).isEqualTo(before);
        assertThat(beat("a", 3).error()).isEqualTo(BrokerError.NONE);
        groups.advance(45_000);
        assertThat(described().state()).isEqualTo("Empty");
    }

    @Test
    void anIdBelongsToOneTypeOfGroup() {
        join("a");
        assertThat(groups.join("").joined().error()).isEqualTo(BrokerError.INCONSISTENT_GROUP_PROTOCOL);
        assertThat(groups.commit(-1, "", 5)).isEqualTo(BrokerError.GROUP_ID_NOT_FOUND);
        assertThat(groups.heartbeat(1, "a")).isEqualTo(BrokerError.UNKNOWN_MEMBER_ID);
        assertThat(listed()).containsExactly(new GroupSummary(GROUP, "share", GroupType.SHARE, "Stable"));
        assertThat(delete()).isEqualTo(BrokerError.NON_EMPTY_GROUP);
        assertThat(check(true)).isEqualTo(BrokerError.NON_EMPTY_GROUP);
        assertThat(check(false)).isEqualTo(BrokerError.NONE);

        beat("a", ConsumerHeartbeat.LEAVES);
        assertThat(check(true)).isEqualTo(BrokerError.NONE);
        assertThat(delete()).isEqualTo(BrokerError.NONE);
        assertThat(check(true)).isEqualTo(BrokerError.GROUP_ID_NOT_FOUND);
        assertThat(listed()).isEmpty();

        Joined classic = groups.stableAlone();
        assertThat(classic.error()).isEqualTo(BrokerError.NONE);
        assertThat(join("a").error()).isEqualTo(BrokerError.GROUP_ID_NOT_FOUND);
    }

    @Test
    void keysAndValuesAreThoseOfKafka() {
        TopicId topic = new TopicId(1, 2);
        String topicHex = "0000000000000001" + "0000000000000002";
        Partitions two = Partitions.builder().add(topic, 0).add(topic, 3).build();
        ConsumerMember member = new ConsumerMember("m", null, "r", "c", "h", List.of("t"), "", -1, null, null);
        MemberAssignment assignment = new MemberAssignment(5, 4, MemberAssignment.State.STABLE, two, Partitions.NONE);
        List<ConsumerFact> facts = List.of(
                new EpochBumped("g", 5, 258),
                new MemberChanged("g", member),
                new TargetsReached("g", 5, 1_000),
                new TargetChanged("g", "m", two),
                new AssignmentChanged("g", "m", assignment));
        assertThat(facts.stream().map(ShareGroupTest::hex))
                .containsExactly(
                        "000b" + "000167" + " 0000" + "00000005" + "0000000000000102" + "00",
                        "000a" + "000167" + "00016d" + " 0000" + "0272" + "0263" + "0268" + "020274" + "00",
                        "000c" + "000167" + " 0000" + "00000005" + "01" + "00" + "08" + "00000000000003e8",
                        "000d" + "000167" + "00016d" + " 0000" + "02" + topicHex + "03" + "00000000" + "00000003" + "00"
                                + "00",
                        "000e" + "000167" + "00016d" + " 0000" + "00000005" + "00000004" + "00" + "02" + topicHex + "03"
                                + "00000000" + "00000003" + "00" + "00");
        facts.forEach(fact ->
                assertThat(GroupFixture.throughTheLog(new ShareGroupFact(fact))).isEqualTo(new ShareGroupFact(fact)));
        for (Kind kind : List.of(Kind.GROUP, Kind.MEMBER, Kind.TARGETS, Kind.TARGET, Kind.ASSIGNMENT)) {
            boolean named = kind != Kind.GROUP && kind != Kind.TARGETS;
            GroupFact erased = new ShareGroupFact(new Erased("g", kind, named ? "m" : ""));
            assertThat(GroupFixture.throughTheLog(erased)).isEqualTo(erased);
        }
    }

    private static String hex(ConsumerFact fact) {
        GroupFactCodec codec = new GroupFactCodec();
        GroupFact wrapped = new ShareGroupFact(fact);
        return HexFormat.of().formatHex(codec.key(wrapped)) + " "
                + HexFormat.of().formatHex(codec.value(wrapped));
    }

    private HeartbeatResult join(String memberId) {
        return report(memberId, 0, List.of("t"));
    }

    private HeartbeatResult beat(String memberId, int epoch) {
        return report(memberId, epoch, null);
    }

    private HeartbeatResult report(String memberId, int epoch, List<String> names) {
        Answer answer = new Answer();
        groups.submit(new ReportToShareGroup(
                answer,
                new ConsumerHeartbeat(
                        GROUP,
                        memberId,
                        epoch,
                        null,
                        new Wishes(null, -1, names, null, null),
                        Partitions.NONE,
                        new Origin("client", "/127.0.0.1", groups.image, topic -> true))));
        return ((Reported) answer.reply).result();
    }

    private ConsumerDescribed described() {
        Answer answer = new Answer();
        groups.submit(new DescribeShareGroup(answer, GROUP));
        return (ConsumerDescribed) answer.reply;
    }

    private List<GroupSummary> listed() {
        Answer answer = new Answer();
        groups.submit(new ListGroups(answer));
        return ((Listed) answer.reply).groups();
    }

    private BrokerError delete() {
        Answer answer = new Answer();
        groups.submit(new DeleteGroup(answer, GROUP));
        return answer.done();
    }

    private BrokerError check(boolean mustBeEmpty) {
        Answer answer = new Answer();
        groups.submit(new CheckShareGroup(answer, GROUP, mustBeEmpty));
        return answer.done();
    }
}
