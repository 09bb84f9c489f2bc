package io.robustmq.core.group;

import static io.robustmq.core.group.ConsumerFixture.GROUP;
import static io.robustmq.core.group.ConsumerFixture.id;
import static io.robustmq.core.group.ConsumerFixture.partitions;
import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.core.error.BrokerError;
import io.robustmq.core.group.ConsumerFixture.Member;
import io.robustmq.core.group.GroupFixture.Answer;
import io.robustmq.core.group.GroupReply.GroupSummary;
import io.robustmq.core.group.GroupReply.Listed;
import io.robustmq.core.group.consumer.ConsumerFact;
import io.robustmq.core.group.consumer.ConsumerFact.AssignmentChanged;
import io.robustmq.core.group.consumer.ConsumerFact.EpochBumped;
import io.robustmq.core.group.consumer.ConsumerFact.Erased;
import io.robustmq.core.group.consumer.ConsumerFact.Kind;
import io.robustmq.core.group.consumer.ConsumerFact.MemberChanged;
import io.robustmq.core.group.consumer.ConsumerFact.RegexResolved;
import io.robustmq.core.group.consumer.ConsumerFact.TargetChanged;
import io.robustmq.core.group.consumer.ConsumerFact.TargetsReached;
import io.robustmq.core.group.consumer.ConsumerMember;
import io.robustmq.core.group.consumer.HeartbeatResult;
import io.robustmq.core.group.consumer.MemberAssignment;
import io.robustmq.core.group.consumer.MemberAssignment.State;
import io.robustmq.core.group.consumer.Partitions;
import java.util.List;
import org.junit.jupiter.api.Test;

class ConsumerGroupTest {
    private final ConsumerFixture consumers = new ConsumerFixture();
    private final GroupFixture groups = consumers.groups;
    private final Member first = consumers.member("a");
    private final Member second = consumers.member("b");

    @Test
    void firstMemberGetsEverythingAtOnce() {
        HeartbeatResult joined = first.join();
        Partitions all = partitions("t", 0, 1, 2, 3);
        assertThat(joined).isEqualTo(new HeartbeatResult(BrokerError.NONE, "", "a", 2, 5_000, all.at(2)));
        List<ConsumerFact> facts = consumers.facts(0);
        EpochBumped bumped = (EpochBumped) facts.get(1);
        assertThat(facts)
                .containsExactly(
                        new MemberChanged(
                                GROUP,
                                new ConsumerMember(
                                        "a", null, null, "client", "/h", List.of("t"), "", 60_000, null, null)),
                        new EpochBumped(GROUP, 2, bumped.metadataHash()),
                        new TargetChanged(GROUP, "a", all),
                        new TargetsReached(GROUP, 2, groups.nowMs),
                        new AssignmentChanged(
                                GROUP, "a", new MemberAssignment(2, 0, State.STABLE, all.at(2), Partitions.NONE)));
        assertThat(consumers.describe().state()).isEqualTo("Stable");
    }

    @Test
    void memberGivesUpBeforeTheNextOneGets() {
        first.join();
        assertThat(second.join().assigned()).isEqualTo(Partitions.NONE);
        assertThat(second.epoch).isEqualTo(3);
        HeartbeatResult told = first.beat();
        assertThat(told.memberEpoch()).isEqualTo(2);
        assertThat(told.assigned()).isEqualTo(partitions("t", 0, 1).at(2));
        assertThat(second.beat().assigned()).isNull();
        assertThat(consumers.describe().state()).isEqualTo("Reconciling");
        assertThat(first.acknowledge().memberEpoch()).isEqualTo(3);
        assertThat(second.beat().assigned()).isEqualTo(partitions("t", 2, 3).at(3));
        assertThat(consumers.describe().state()).isEqualTo("Stable");
    }

    @Test
    void membersThatComeTogetherAreAssignedTogether() {
        GroupFixture patient = new GroupFixture(GroupFixture.config(10, 1_000));
        ConsumerFixture theirs = new ConsumerFixture(patient);
        theirs.topic("t", 4);
        Member one = theirs.member("a");
        Member two = theirs.member("b");
        Member three = theirs.member("c");
        assertThat(one.join().memberEpoch()).as("nothing to wait for").isEqualTo(2);
        patient.advance(999);
        assertThat(two.join().memberEpoch())
                .as("the targets are those of before")
                .isEqualTo(2);
        assertThat(three.join().assigned()).isEqualTo(Partitions.NONE);
        assertThat(theirs.describe().state()).isEqualTo("Assigning");
        patient.advance(1);
        assertThat(two.beat().memberEpoch()).as("one plan for all").isEqualTo(4);
        one.leave();
        two.leave();
        three.leave();
        assertThat(two.join().memberEpoch())
                .as("nobody waits in an empty group")
                .isEqualTo(8);
        assertThat(two.owned.count()).isEqualTo(4);
    }

    @Test
    void heartbeatThatChangesNothingLogsNothing() {
        first.join();
        int logged = groups.log.size();
        assertThat(first.beat()).isEqualTo(new HeartbeatResult(BrokerError.NONE, "", "a", 2, 5_000, null));
        assertThat(groups.log).hasSize(logged);
    }

    @Test
    void fullHeartbeatIsAnsweredInFullHoweverOftenItComes() {
        first.join();
        Partitions all = first.owned;
        for (int i = 0; i < 2; i++) {
            HeartbeatResult again = first.send(
                    new io.robustmq.core.group.consumer.ConsumerHeartbeat.Wishes(
                            null, 60_000, List.of("t"), null, null),
                    all);
            assertThat(again.assigned()).isEqualTo(all);
        }
    }

    @Test
    void answerThatWasLostIsRepeatedForTheEpochBefore() {
        first.join();
        second.join();
        first.beat();
        first.acknowledge();
        first.epoch = 2;
        HeartbeatResult again = first.acknowledge();
        assertThat(again.memberEpoch()).isEqualTo(3);
        assertThat(again.assigned()).isEqualTo(partitions("t", 0, 1).at(2));
        first.epoch = 2;
        first.owned = partitions("t", 0, 1, 2);
        assertThat(first.acknowledge().error()).isEqualTo(BrokerError.FENCED_MEMBER_EPOCH);
        first.epoch = 4;
        assertThat(first.beat().error()).isEqualTo(BrokerError.FENCED_MEMBER_EPOCH);
    }

    @Test
    void fencedMemberRejoinsUnderItsIdAndKeepsItsPartitions() {
        first.join();
        int logged = groups.log.size();
        HeartbeatResult again = first.join();
        assertThat(again.memberEpoch()).isEqualTo(2);
        assertThat(again.assigned()).isEqualTo(partitions("t", 0, 1, 2, 3).at(2));
        assertThat(groups.log).hasSize(logged);
    }

    @Test
    void strangersAndNonsenseAreRefused() {
        first.epoch = 2;
        assertThat(first.beat().error()).isEqualTo(BrokerError.GROUP_ID_NOT_FOUND);
        second.join();
        assertThat(first.beat().error()).isEqualTo(BrokerError.UNKNOWN_MEMBER_ID);
        first.assignor = "mine";
        assertThat(first.join().error()).isEqualTo(BrokerError.UNSUPPORTED_ASSIGNOR);
        first.assignor = null;
        first.regex = "(";
        assertThat(first.join().error()).isEqualTo(BrokerError.INVALID_REGULAR_EXPRESSION);
        first.regex = null;
        first.names = null;
        assertThat(first.join().error()).isEqualTo(BrokerError.INVALID_REQUEST);
        first.epoch = -3;
        assertThat(first.beat().error()).isEqualTo(BrokerError.INVALID_REQUEST);
        assertThat(groups.machine.groups()).isEmpty();
    }

    @Test
    void silentMemberIsRemovedAfterItsSession() {
        first.join();
        second.join();
        groups.advance(44_999);
        second.beat();
        groups.advance(1);
        assertThat(first.beat().error()).isEqualTo(BrokerError.UNKNOWN_MEMBER_ID);
        second.beat();
        assertThat(second.owned).isEqualTo(partitions("t", 0, 1, 2, 3).at(4));
    }

    @Test
    void memberThatDoesNotGiveUpIsRemovedAfterTheRebalanceTimeout() {
        first.join();
        second.join();
        first.beat();
        for (int i = 0; i < 59; i++) {
            groups.advance(1_000);
            assertThat(first.beat().error()).isEqualTo(BrokerError.NONE);
            second.beat();
        }
        groups.advance(1_000);
        assertThat(first.beat().error()).isEqualTo(BrokerError.UNKNOWN_MEMBER_ID);
        second.beat();
        assertThat(second.owned.count()).isEqualTo(4);
    }

    @Test
    void configurationOfTheGroupCounts() {
        consumers.configure("consumer.session.timeout.ms", "10000");
        first.join();
        consumers.configure("consumer.heartbeat.interval.ms", "700");
        assertThat(first.beat().heartbeatIntervalMs()).isEqualTo(700);
        consumers.configure("consumer.session.timeout.ms", "20000");
        first.beat();
        groups.advance(20_000);
        assertThat(first.beat().error()).isEqualTo(BrokerError.UNKNOWN_MEMBER_ID);
    }

    @Test
    void leavingMemberIsErasedAndTheLastOneLeavesAnEmptyGroup() {
        first.join();
        int logged = groups.log.size();
        assertThat(first.leave().memberEpoch()).isEqualTo(-1);
        assertThat(consumers.facts(logged))
                .containsExactly(
                        new Erased(GROUP, Kind.ASSIGNMENT, "a"),
                        new Erased(GROUP, Kind.TARGET, "a"),
                        new Erased(GROUP, Kind.MEMBER, "a"),
                        new EpochBumped(GROUP, 3, 0),
                        new TargetsReached(GROUP, 3, 0));
        assertThat(consumers.describe().state()).isEqualTo("Empty");
        assertThat(second.join().memberEpoch()).isEqualTo(4);
    }

    @Test
    void staticMemberThatComesBackTakesItsPartitionsWithoutARebalance() {
        first.instanceId = "i1";
        first.join();
        second.join();
        first.beat();
        first.acknowledge();
        second.beat();
        assertThat(first.leave().memberEpoch()).isEqualTo(-2);
        assertThat(consumers.describe().state()).isEqualTo("Reconciling");
        Member restarted = consumers.member("a2");
        restarted.instanceId = "i1";
        assertThat(restarted.join().assigned()).isEqualTo(partitions("t", 0, 1).at(2));
        assertThat(restarted.epoch).isEqualTo(3);
        assertThat(second.beat().memberEpoch()).isEqualTo(3);
        first.epoch = 3;
        assertThat(first.beat().error()).isEqualTo(BrokerError.FENCED_INSTANCE_ID);
    }

    @Test
    void instanceIdInUseIsNotReleasedToAnother() {
        first.instanceId = "i1";
        first.join();
        second.instanceId = "i1";
        assertThat(second.join().error()).isEqualTo(BrokerError.UNRELEASED_INSTANCE_ID);
        first.leave();
        groups.advance(45_000);
        assertThat(second.join().assigned())
                .isEqualTo(partitions("t", 0, 1, 2, 3).at(4));
    }

    @Test
    void regularExpressionFindsTopicsThatComeLater() {
        first.names = null;
        first.regex = "app-.*";
        assertThat(first.join().assigned()).isEqualTo(Partitions.NONE);
        consumers.topic("app-1", 1);
        consumers.topic("secret-app-1", 1);
        int logged = groups.log.size();
        assertThat(first.beat().assigned()).isEqualTo(partitions("app-1", 0).at(3));
        assertThat(consumers.facts(logged).get(0))
                .isEqualTo(new RegexResolved(GROUP, "app-.*", List.of("app-1"), 3, groups.nowMs));
        first.regex = "";
        first.send(
                new io.robustmq.core.group.consumer.ConsumerHeartbeat.Wishes(null, -1, List.of("t"), "", null), null);
        assertThat(consumers.facts(logged)).contains(new Erased(GROUP, Kind.REGEX, "app-.*"));
    }

    @Test
    void regularExpressionFindsNoTopicThatIsHiddenFromTheMember() {
        consumers.topic("secret", 1);
        first.names = null;
        first.regex = ".*";
        assertThat(first.join().assigned())
                .isEqualTo(partitions("t", 0, 1, 2, 3).at(2));
    }

    @Test
    void topicThatGrowsOrGoesRaisesTheEpoch() {
        first.join();
        consumers.topic("other", 1);
        assertThat(first.beat().memberEpoch()).isEqualTo(2);
        consumers.topic("t", 5);
        assertThat(first.beat().assigned().count()).isEqualTo(5);
        assertThat(first.epoch).isEqualTo(3);
        consumers.dropTopic("t");
        HeartbeatResult told = first.beat();
        assertThat(told.assigned()).isEqualTo(Partitions.NONE);
        assertThat(first.acknowledge().memberEpoch()).isEqualTo(4);
    }

    @Test
    void commitsOfTheEpochAreTakenAndOlderOnesForPartitionsHeldSinceThen() {
        first.join();
        second.join();
        first.beat();
        first.acknowledge();
        second.beat();
        assertThat(first.commit(3, "t", 0, 10)).isEqualTo(BrokerError.NONE);
        assertThat(first.commit(2, "t", 1, 10)).isEqualTo(BrokerError.NONE);
        assertThat(first.commit(2, "t", 2, 10)).isEqualTo(BrokerError.STALE_MEMBER_EPOCH);
        assertThat(first.commit(4, "t", 0, 10)).isEqualTo(BrokerError.STALE_MEMBER_EPOCH);
        assertThat(second.commit(2, "t", 2, 10)).isEqualTo(BrokerError.STALE_MEMBER_EPOCH);
        assertThat(consumers.member("nobody").commit(3, "t", 0, 10)).isEqualTo(BrokerError.UNKNOWN_MEMBER_ID);
        assertThat(groups.commit(-1, "", 7)).isEqualTo(BrokerError.UNKNOWN_MEMBER_ID);
    }

    @Test
    void commitsInTransactionsAreTakenFromThoseWhoMayCommit() {
        first.join();
        assertThat(first.commitInTransaction(first.epoch, "t", 0, 10)).isEqualTo(BrokerError.NONE);
        assertThat(first.commitInTransaction(first.epoch + 1, "t", 0, 10)).isEqualTo(BrokerError.STALE_MEMBER_EPOCH);
        Member nobody = consumers.member("nobody");
        assertThat(nobody.commitInTransaction(first.epoch, "t", 0, 10)).isEqualTo(BrokerError.UNKNOWN_MEMBER_ID);
        assertThat(nobody.commitInTransaction(-1, "t", 0, 10)).isEqualTo(BrokerError.UNKNOWN_MEMBER_ID);
        assertThat(consumers.member("").commitInTransaction(-1, "t", 0, 10))
                .as("before version 3")
                .isEqualTo(BrokerError.NONE);
        first.leave();
        assertThat(nobody.commitInTransaction(-1, "t", 0, 10))
                .as("nobody consumes")
                .isEqualTo(BrokerError.NONE);
    }

    @Test
    void commitInATransactionLeavesTheGroupOfItsType() {
        first.join();
        assertThat(first.commitInTransaction(first.epoch, "t", 0, 10)).isEqualTo(BrokerError.NONE);
        assertThat(first.beat().error()).isEqualTo(BrokerError.NONE);
    }

    @Test
    void offsetsAreFetchedAtTheMembersEpoch() {
        first.join();
        first.commit(2, "t", 0, 10);
        assertThat(fetchAs("a", 0)).isEqualTo(BrokerError.STALE_MEMBER_EPOCH);
        assertThat(fetchAs("b", 2)).isEqualTo(BrokerError.UNKNOWN_MEMBER_ID);
        assertThat(fetchAs("a", 2)).isEqualTo(BrokerError.NONE);
    }

    private BrokerError fetchAs(String memberId, int epoch) {
        Answer answer = new Answer();
        groups.submit(new GroupCommand.FetchOffsetsAsMember(
                new GroupCommand.FetchOffsets(answer, GROUP, null), memberId, epoch));
        return answer.reply instanceof GroupReply.Done done ? done.error() : BrokerError.NONE;
    }

    @Test
    void groupGoesOnAfterAReload() {
        first.join();
        second.join();
        first.beat();
        groups.reload();
        assertThat(first.acknowledge().memberEpoch()).isEqualTo(3);
        assertThat(second.beat().assigned()).isEqualTo(partitions("t", 2, 3).at(3));
        groups.reload();
        int logged = groups.log.size();
        first.beat();
        second.beat();
        assertThat(groups.log).hasSize(logged);
        groups.advance(45_000);
        assertThat(consumers.describe().state()).isEqualTo("Empty");
    }

    @Test
    void emptyGroupIsDeletedWithItsOffsets() {
        first.join();
        first.commit(2, "t", 0, 10);
        assertThat(delete()).isEqualTo(BrokerError.NON_EMPTY_GROUP);
        first.leave();
        assertThat(delete()).isEqualTo(BrokerError.NONE);
        assertThat(groups.fetch().offsets()).isEmpty();
        assertThat(consumers.describe().error()).isEqualTo(BrokerError.GROUP_ID_NOT_FOUND);
        groups.reload();
        assertThat(groups.machine.consumerGroups().all()).isEmpty();
        assertThat(groups.machine.groups()).isEmpty();
    }

    @Test
    void emptyGroupGoesWithItsOffsetsAfterTheRetention() {
        first.join();
        first.commit(2, "t", 0, 10);
        first.leave();
        groups.advance(7 * 86_400_000L + 1_200_000);
        assertThat(groups.fetch().offsets()).isEmpty();
        assertThat(groups.machine.consumerGroups().all()).isEmpty();
        assertThat(groups.machine.wakeAtMs()).isEqualTo(GroupMachine.NEVER);
    }

    @Test
    void offsetsOfASubscribedTopicStay() {
        first.join();
        first.commit(2, "t", 0, 10);
        Answer answer = new Answer();
        groups.submit(new GroupCommand.DeleteOffsets(
                answer, GROUP, List.of(new GroupCommand.TopicPartitions("t", List.of(0)))));
        assertThat(answer.reply).isEqualTo(new GroupReply.Outcomes(List.of(BrokerError.GROUP_SUBSCRIBED_TO_TOPIC)));
    }

    @Test
    void groupIsListedWithItsTypeAndUnknownToTheClassicDescription() {
        first.join();
        Answer listing = new Answer();
        groups.submit(new GroupCommand.ListGroups(listing));
        assertThat(listing.reply)
                .isEqualTo(new Listed(List.of(new GroupSummary(GROUP, "consumer", GroupType.CONSUMER, "Stable"))));
        Answer describing = new Answer();
        groups.submit(new GroupCommand.DescribeGroup(describing, GROUP));
        assertThat(((GroupReply.Described) describing.reply).error()).isEqualTo(BrokerError.GROUP_ID_NOT_FOUND);
        assertThat(consumers.describe().members().get(0).target()).isEqualTo(partitions("t", 0, 1, 2, 3));
        assertThat(consumers.describe().assignor()).isEqualTo("uniform");
        assertThat(id("t")).isNotNull();
    }

    private BrokerError delete() {
        Answer answer = new Answer();
        groups.submit(new GroupCommand.DeleteGroup(answer, GROUP));
        return answer.done();
    }
}
