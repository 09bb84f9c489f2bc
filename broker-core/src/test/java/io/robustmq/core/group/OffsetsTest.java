package io.robustmq.core.group;

import static io.robustmq.core.group.GroupFixture.GROUP;
import static io.robustmq.core.group.GroupFixture.TOPIC_ID;
import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.core.error.BrokerError;
import io.robustmq.core.group.GroupCommand.DeleteGroup;
import io.robustmq.core.group.GroupCommand.DeleteOffsets;
import io.robustmq.core.group.GroupCommand.DescribeGroup;
import io.robustmq.core.group.GroupCommand.ForgetTopics;
import io.robustmq.core.group.GroupCommand.ListGroups;
import io.robustmq.core.group.GroupCommand.TopicPartitions;
import io.robustmq.core.group.GroupFact.GroupRemoved;
import io.robustmq.core.group.GroupFact.OffsetCommitted;
import io.robustmq.core.group.GroupFact.OffsetRemoved;
import io.robustmq.core.group.GroupFixture.Answer;
import io.robustmq.core.group.GroupReply.Described;
import io.robustmq.core.group.GroupReply.FetchedOffset;
import io.robustmq.core.group.GroupReply.GroupSummary;
import io.robustmq.core.group.GroupReply.Joined;
import io.robustmq.core.group.GroupReply.Listed;
import io.robustmq.core.group.GroupReply.Outcomes;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class OffsetsTest {
    private static final long WEEK_MS = 7 * 86_400_000L;

    private final GroupFixture groups = new GroupFixture();

    @Test
    void consumerWithoutGroupManagementCommitsToAnEmptyGroup() {
        assertThat(groups.commit(-1, "", 42)).isEqualTo(BrokerError.NONE);
        CommittedOffset committed = new CommittedOffset(42, 5, "", groups.nowMs, -1, TOPIC_ID);
        assertThat(groups.log).containsExactly(new OffsetCommitted(GROUP, "t", 0, committed));
        assertThat(groups.fetch().offsets()).containsExactly(new FetchedOffset("t", 0, committed));
        groups.reload();
        assertThat(groups.fetch().offsets()).containsExactly(new FetchedOffset("t", 0, committed));
    }

    @Test
    void onlyMembersOfTheGenerationCommitToALiveGroup() {
        Joined member = groups.stableAlone();
        assertThat(groups.commit(-1, "", 1)).isEqualTo(BrokerError.UNKNOWN_MEMBER_ID);
        assertThat(groups.commit(0, member.memberId(), 1)).isEqualTo(BrokerError.ILLEGAL_GENERATION);
        assertThat(groups.commit(1, "nobody", 1)).isEqualTo(BrokerError.UNKNOWN_MEMBER_ID);
        assertThat(groups.commit(1, member.memberId(), 1)).isEqualTo(BrokerError.NONE);
        groups.join("");
        assertThat(groups.commit(1, member.memberId(), 2)).isEqualTo(BrokerError.NONE);
        groups.join(member.memberId());
        assertThat(groups.commit(2, member.memberId(), 3)).isEqualTo(BrokerError.REBALANCE_IN_PROGRESS);
        assertThat(groups.fetch().offsets().get(0).committed().offset()).isEqualTo(2);
    }

    @Test
    void memberOfAGroupThatDoesNotExistIsRefused() {
        assertThat(groups.commit(1, "m", 1)).isEqualTo(BrokerError.ILLEGAL_GENERATION);
        assertThat(groups.machine.groups()).isEmpty();
    }

    @Test
    void metadataThatIsTooLargeIsRefusedAndLeavesNoGroup() {
        assertThat(groups.commit(-1, "", "t", 1, "x".repeat(17), -1)).isEqualTo(BrokerError.OFFSET_METADATA_TOO_LARGE);
        assertThat(groups.machine.groups()).isEmpty();
    }

    @Test
    void commitsKeepAMemberAlive() {
        Joined member = groups.stableAlone();
        for (int i = 0; i < 5; i++) {
            groups.advance(9_000);
            assertThat(groups.commit(1, member.memberId(), i)).isEqualTo(BrokerError.NONE);
        }
    }

    @Test
    void offsetsOfAnEmptyGroupExpireWithTheGroupAfterTheRetention() {
        Joined member = groups.stableAlone();
        groups.commit(1, member.memberId(), 7);
        groups.leave(member.memberId(), null);
        groups.advance(WEEK_MS - 1_000);
        assertThat(groups.fetch().offsets()).hasSize(1);
        groups.advance(1_200_000);
        assertThat(groups.fetch().offsets()).isEmpty();
        assertThat(groups.log).endsWith(new OffsetRemoved(GROUP, "t", 0), new GroupRemoved(GROUP));
        assertThat(groups.machine.groups()).isEmpty();
        assertThat(groups.machine.wakeAtMs()).isEqualTo(GroupMachine.NEVER);
    }

    @Test
    void offsetsOfALiveGroupExpireOnlyForTopicsItLeft() {
        Joined member = groups.stableAlone();
        groups.commit(1, member.memberId(), "t", 7, "", -1);
        groups.commit(1, member.memberId(), "former", 7, "", -1);
        for (long passed = 0; passed < WEEK_MS + 1_200_000; passed += 9_000) {
            groups.advance(9_000);
            groups.heartbeat(1, member.memberId());
        }
        assertThat(groups.fetch().offsets()).extracting(FetchedOffset::topic).containsExactly("t");
    }

    @Test
    void clientThatChoosesTheRetentionGetsIt() {
        groups.commit(-1, "", "t", 7, "", 3_600_000);
        groups.advance(3_000_000);
        assertThat(groups.fetch().offsets()).hasSize(1);
        groups.advance(1_200_000);
        assertThat(groups.fetch().offsets()).isEmpty();
    }

    @Test
    void deletedGroupIsGoneForGood() {
        Joined member = groups.stableAlone();
        groups.commit(1, member.memberId(), 7);
        assertThat(delete()).isEqualTo(BrokerError.NON_EMPTY_GROUP);
        groups.leave(member.memberId(), null);
        assertThat(delete()).isEqualTo(BrokerError.NONE);
        assertThat(groups.log).endsWith(new OffsetRemoved(GROUP, "t", 0), new GroupRemoved(GROUP));
        assertThat(delete()).isEqualTo(BrokerError.GROUP_ID_NOT_FOUND);
        groups.reload();
        assertThat(groups.fetch().offsets()).isEmpty();
        assertThat(groups.machine.groups()).isEmpty();
    }

    @Test
    void offsetsOfASubscribedTopicCannotBeDeleted() {
        Joined member = groups.stableAlone();
        groups.commit(1, member.memberId(), "t", 7, "", -1);
        groups.commit(1, member.memberId(), "former", 7, "", -1);
        Answer answer = new Answer();
        groups.submit(new DeleteOffsets(
                answer,
                GROUP,
                List.of(new TopicPartitions("t", List.of(0)), new TopicPartitions("former", List.of(0, 1)))));
        assertThat(answer.reply)
                .isEqualTo(new Outcomes(
                        List.of(BrokerError.GROUP_SUBSCRIBED_TO_TOPIC, BrokerError.NONE, BrokerError.NONE)));
        assertThat(groups.fetch().offsets()).extracting(FetchedOffset::topic).containsExactly("t");
    }

    @Test
    void deletedTopicTakesItsOffsetsAlong() {
        groups.commit(-1, "", 1);
        groups.submit(new ForgetTopics(Set.of(TOPIC_ID)));
        assertThat(groups.fetch().offsets()).isEmpty();
    }

    @Test
    void groupIsListedAndDescribed() {
        Joined member = groups.stableAlone();
        Answer listing = new Answer();
        groups.submit(new ListGroups(listing));
        assertThat(listing.reply)
                .isEqualTo(new Listed(List.of(new GroupSummary(GROUP, "consumer", GroupType.CLASSIC, "Stable"))));
        Answer describing = new Answer();
        groups.submit(new DescribeGroup(describing, GROUP));
        Described described = (Described) describing.reply;
        assertThat(described.protocol()).isEqualTo("range");
        assertThat(described.members().get(0).memberId()).isEqualTo(member.memberId());
        assertThat(described.members().get(0).assignment()).isEqualTo(GroupFixture.bytes("a"));
        Answer missing = new Answer();
        groups.submit(new DescribeGroup(missing, "other"));
        assertThat(((Described) missing.reply).state()).isEqualTo(GroupState.DEAD);
    }

    private BrokerError delete() {
        Answer answer = new Answer();
        groups.submit(new DeleteGroup(answer, GROUP));
        return answer.done();
    }
}
