package io.robustmq.core.group;

import static io.robustmq.core.group.GroupFixture.GROUP;
import static io.robustmq.core.group.GroupFixture.bytes;
import static io.robustmq.core.group.GroupFixture.subscription;
import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.core.error.BrokerError;
import io.robustmq.core.group.GroupCommand.JoinProtocol;
import io.robustmq.core.group.GroupFact.GroupChanged;
import io.robustmq.core.group.GroupFixture.Answer;
import io.robustmq.core.group.GroupReply.Joined;
import io.robustmq.core.group.GroupReply.JoinedMember;
import io.robustmq.core.group.GroupReply.Left;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class GroupMembershipTest {
    private final GroupFixture groups = new GroupFixture();

    @Test
    void firstMemberWaitsForTheInitialDelayAndThenLeads() {
        Answer joining = groups.join("");
        groups.advance(2_999);
        assertThat(joining.waits()).isTrue();
        groups.advance(1);
        assertThat(joining.reply)
                .isEqualTo(new Joined(
                        BrokerError.NONE,
                        1,
                        "consumer",
                        "range",
                        "m1",
                        false,
                        "m1",
                        List.of(new JoinedMember("m1", null, subscription("t")))));
        assertThat(groups.log).isEmpty();
    }

    @Test
    void latecomerExtendsTheInitialDelay() {
        Answer first = groups.join("");
        groups.advance(2_000);
        Answer second = groups.join("");
        groups.advance(2_000);
        assertThat(first.waits()).isTrue();
        groups.advance(2_000);
        assertThat(first.joined().members()).hasSize(2);
        assertThat(second.joined().members()).isEmpty();
        assertThat(second.joined().leader()).isEqualTo("m1");
    }

    @Test
    void newDynamicMemberMustComeBackWithItsId() {
        Answer asking = groups.join("", null, groups.protocols, true);
        assertThat(asking.reply).isEqualTo(Joined.refused(BrokerError.MEMBER_ID_REQUIRED, "m1"));
        Answer joining = groups.join("m1", null, groups.protocols, true);
        groups.advance(3_000);
        assertThat(joining.joined().memberId()).isEqualTo("m1");
    }

    @Test
    void memberIdThatIsNotUsedInTimeIsForgottenAndTheGroupWithIt() {
        groups.join("", null, groups.protocols, true);
        groups.advance(10_000);
        assertThat(groups.machine.groups()).isEmpty();
        assertThat(groups.join("m1").joined().error()).isEqualTo(BrokerError.UNKNOWN_MEMBER_ID);
        assertThat(groups.log).isEmpty();
    }

    @Test
    void followerWaitsForTheLeadersAssignmentWhichIsLoggedOnce() {
        Answer first = groups.join("");
        Answer second = groups.join("");
        groups.advance(6_000);
        Answer follower = groups.sync(second.joined(), Map.of());
        assertThat(follower.waits()).isTrue();
        Answer leader = groups.sync(first.joined(), Map.of("m1", bytes("a"), "m2", bytes("b")));
        assertThat(leader.synced().assignment()).isEqualTo(bytes("a"));
        assertThat(follower.synced().assignment()).isEqualTo(bytes("b"));
        assertThat(groups.log).hasSize(1);
        GroupChanged changed = (GroupChanged) groups.log.get(0);
        assertThat(changed.snapshot().generation()).isEqualTo(1);
        assertThat(changed.snapshot().members()).hasSize(2);
        assertThat(groups.heartbeat(1, "m2")).isEqualTo(BrokerError.NONE);
    }

    @Test
    void newMemberStartsARebalanceThatOthersLearnOfByHeartbeat() {
        Joined leader = groups.stableAlone();
        Answer second = groups.join("");
        assertThat(second.waits()).isTrue();
        assertThat(groups.heartbeat(1, leader.memberId())).isEqualTo(BrokerError.REBALANCE_IN_PROGRESS);
        Answer again = groups.join(leader.memberId());
        assertThat(again.joined().generation()).isEqualTo(2);
        assertThat(again.joined().members()).hasSize(2);
        assertThat(second.joined().generation()).isEqualTo(2);
        assertThat(groups.heartbeat(1, leader.memberId())).isEqualTo(BrokerError.ILLEGAL_GENERATION);
        assertThat(groups.heartbeat(2, leader.memberId())).isEqualTo(BrokerError.NONE);
    }

    @Test
    void memberThatDoesNotRejoinIsLeftBehind() {
        Joined old = groups.stableAlone();
        Answer fresh = groups.join("");
        for (int i = 0; i < 9; i++) {
            groups.advance(6_000);
            groups.heartbeat(1, old.memberId());
        }
        assertThat(fresh.waits()).isTrue();
        groups.advance(6_000);
        assertThat(fresh.joined().leader()).isEqualTo(fresh.joined().memberId());
        assertThat(groups.heartbeat(1, old.memberId())).isEqualTo(BrokerError.UNKNOWN_MEMBER_ID);
    }

    @Test
    void silentMemberIsLostAfterItsSessionTimeout() {
        groups.stableAlone();
        groups.advance(9_999);
        assertThat(groups.group().state).isEqualTo(GroupState.STABLE);
        groups.advance(1);
        assertThat(groups.group().state).isEqualTo(GroupState.EMPTY);
        assertThat(groups.group().generation).isEqualTo(2);
        assertThat(((GroupChanged) groups.log.get(1)).snapshot().members()).isEmpty();
    }

    @Test
    void memberParkedInJoinOrSyncIsNotExpectedToSendHeartbeats() {
        Joined leader = groups.stableAlone();
        Answer second = groups.join("");
        groups.advance(5_000);
        groups.join(leader.memberId());
        Answer parked = groups.sync(second.joined(), Map.of());
        for (int i = 0; i < 5; i++) {
            groups.advance(9_000);
            assertThat(groups.heartbeat(2, leader.memberId())).isEqualTo(BrokerError.NONE);
        }
        assertThat(parked.waits()).isTrue();
    }

    @Test
    void leaderThatNeverAssignsIsRemovedAndTheOthersRejoin() {
        Joined leader = groups.stableAlone();
        Answer second = groups.join("");
        groups.join(leader.memberId());
        Answer parked = groups.sync(second.joined(), Map.of());
        for (int i = 0; i < 10; i++) {
            groups.advance(6_000);
            groups.heartbeat(2, leader.memberId());
        }
        assertThat(parked.synced().error()).isEqualTo(BrokerError.REBALANCE_IN_PROGRESS);
        assertThat(groups.heartbeat(2, leader.memberId())).isEqualTo(BrokerError.UNKNOWN_MEMBER_ID);
    }

    @Test
    void syncOfAnotherGenerationOrProtocolIsRefused() {
        Joined member = groups.stableAlone();
        assertThat(groups.sync(0, member.memberId(), null, Map.of()).synced().error())
                .isEqualTo(BrokerError.ILLEGAL_GENERATION);
        assertThat(groups.sync(1, "nobody", null, Map.of()).synced().error()).isEqualTo(BrokerError.UNKNOWN_MEMBER_ID);
        Answer answer = new Answer();
        groups.submit(new GroupCommand.Sync(
                answer, GROUP, new GroupCommand.Membership(1, member.memberId(), null), "connect", "range", Map.of()));
        assertThat(answer.synced().error()).isEqualTo(BrokerError.INCONSISTENT_GROUP_PROTOCOL);
    }

    @Test
    void protocolIsChosenByVoteAmongThoseThatAllSupport() {
        JoinProtocol range = new JoinProtocol("range", subscription("t"));
        JoinProtocol sticky = new JoinProtocol("sticky", subscription("t"));
        JoinProtocol own = new JoinProtocol("own", subscription("t"));
        Answer first = groups.join("", null, List.of(own, range, sticky));
        groups.join("", null, List.of(sticky, range));
        groups.join("", null, List.of(sticky, range));
        groups.advance(10_000);
        assertThat(first.joined().protocolName()).isEqualTo("sticky");
        assertThat(groups.join("", null, List.of(own)).joined().error())
                .isEqualTo(BrokerError.INCONSISTENT_GROUP_PROTOCOL);
    }

    @Test
    void followerThatRejoinsUnchangedIsToldOfItsGenerationAndALeaderRebalances() {
        Answer first = groups.join("");
        Answer second = groups.join("");
        groups.advance(6_000);
        groups.sync(second.joined(), Map.of());
        groups.sync(first.joined(), Map.of());
        assertThat(groups.join("m2").joined().generation()).isEqualTo(1);
        Answer leader = groups.join("m1");
        assertThat(leader.waits()).isTrue();
        assertThat(groups.group().state).isEqualTo(GroupState.PREPARING_REBALANCE);
    }

    @Test
    void leavingMemberStartsARebalanceAndTheLastOneLeavesAnEmptyGroup() {
        Joined member = groups.stableAlone();
        assertThat(((Left) groups.leave("nobody", null).reply).leavers().get(0).error())
                .isEqualTo(BrokerError.UNKNOWN_MEMBER_ID);
        assertThat(groups.group().state).isEqualTo(GroupState.STABLE);
        assertThat(((Left) groups.leave(member.memberId(), null).reply)
                        .leavers()
                        .get(0)
                        .error())
                .isEqualTo(BrokerError.NONE);
        assertThat(groups.group().state).isEqualTo(GroupState.EMPTY);
        assertThat(groups.machine.savedGroups().get(GROUP).generation()).isEqualTo(2);
    }

    @Test
    void fullGroupRefusesOneMore() {
        GroupFixture small = new GroupFixture(GroupFixture.config(2));
        small.join("");
        small.join("");
        assertThat(small.join("").joined().error()).isEqualTo(BrokerError.GROUP_MAX_SIZE_REACHED);
    }

    @Test
    void staticMemberThatRestartsKeepsItsPlaceWithoutARebalance() {
        Answer first = groups.joinStatic("", "i1");
        groups.advance(3_000);
        groups.sync(1, first.joined().memberId(), "i1", Map.of("m1", bytes("a")));
        Answer restarted = groups.joinStatic("", "i1");
        assertThat(restarted.joined().generation()).isEqualTo(1);
        assertThat(restarted.joined().leader()).isEqualTo("m2");
        assertThat(restarted.joined().skipAssignment()).isTrue();
        assertThat(groups.sync(1, "m2", "i1", Map.of()).synced().assignment()).isEqualTo(bytes("a"));
        assertThat(groups.heartbeat(1, "m1", "i1")).isEqualTo(BrokerError.FENCED_INSTANCE_ID);
        assertThat(groups.reload().savedGroups().get(GROUP).members().get(0).memberId())
                .isEqualTo("m2");
    }

    @Test
    void secondOwnerOfAnInstanceIdFencesTheFirstWhileItJoins() {
        Answer first = groups.joinStatic("", "i1");
        Answer second = groups.joinStatic("", "i1");
        assertThat(first.joined().error()).isEqualTo(BrokerError.FENCED_INSTANCE_ID);
        groups.advance(6_000);
        assertThat(second.joined().generation()).isEqualTo(1);
        assertThat(groups.group().members).hasSize(1);
    }

    /** KAFKA-9801: the others must not go on with an assignment that was made for the one before. */
    @Test
    void staticMemberThatRestartsBeforeTheAssignmentIsMadeStartsARebalance() {
        Answer first = groups.joinStatic("", "i1");
        Answer second = groups.joinStatic("", "i2");
        groups.advance(6_000);
        Answer parked = groups.sync(1, second.joined().memberId(), "i2", Map.of());
        Answer restarted = groups.joinStatic("", "i1");
        assertThat(parked.synced().error()).isEqualTo(BrokerError.REBALANCE_IN_PROGRESS);
        assertThat(restarted.waits()).isTrue();
        groups.joinStatic(second.joined().memberId(), "i2");
        assertThat(restarted.joined().generation()).isEqualTo(2);
        assertThat(groups.heartbeat(2, first.joined().memberId(), "i1")).isEqualTo(BrokerError.FENCED_INSTANCE_ID);
    }

    @Test
    void staticMemberThatRestartsIsHeldToItsNewTimeouts() {
        Answer first = groups.joinStatic("", "i1");
        groups.advance(3_000);
        groups.sync(1, first.joined().memberId(), "i1", Map.of());
        Answer restarted = new Answer();
        groups.submit(new GroupCommand.Join(
                restarted,
                GROUP,
                "",
                "i1",
                new GroupCommand.Client("new", "/h"),
                new GroupCommand.MemberTerms(30_000, 20_000, "consumer", groups.protocols),
                new GroupCommand.JoinOptions(false, true, "fresh"),
                groups.image));
        assertThat(groups.group().members.get("fresh").client.id()).isEqualTo("new");
        groups.advance(19_999);
        assertThat(groups.heartbeat(1, "fresh", "i1")).isEqualTo(BrokerError.NONE);
        groups.advance(20_000);
        assertThat(groups.group().state).isEqualTo(GroupState.EMPTY);
    }

    @Test
    void adminRemovesAStaticMemberByItsInstanceId() {
        Answer first = groups.joinStatic("", "i1");
        groups.advance(3_000);
        groups.sync(1, first.joined().memberId(), "i1", Map.of());
        assertThat(((Left) groups.leave("", "i1").reply).leavers().get(0).error())
                .isEqualTo(BrokerError.NONE);
        assertThat(groups.group().state).isEqualTo(GroupState.EMPTY);
    }

    @Test
    void parkedMembersAreToldWhenTheStateIsDropped() {
        Answer joining = groups.join("");
        groups.reload();
        assertThat(joining.refusal).isEqualTo(BrokerError.NOT_COORDINATOR);
    }

    @Test
    void stableGroupGoesOnAfterAReload() {
        Joined member = groups.stableAlone();
        groups.reload();
        assertThat(groups.heartbeat(1, member.memberId())).isEqualTo(BrokerError.NONE);
        assertThat(groups.sync(1, member.memberId(), null, Map.of()).synced().assignment())
                .isEqualTo(bytes("a"));
        groups.advance(10_000);
        assertThat(groups.group().state).isEqualTo(GroupState.EMPTY);
    }

    @Test
    void sessionTimeoutOutOfBoundsAndEmptyGroupIdAreRefused() {
        Answer tooShort = new Answer();
        groups.submit(join(tooShort, GROUP, 5_999));
        assertThat(tooShort.joined().error()).isEqualTo(BrokerError.INVALID_SESSION_TIMEOUT);
        Answer noGroup = new Answer();
        groups.submit(join(noGroup, "", 10_000));
        assertThat(noGroup.joined().error()).isEqualTo(BrokerError.INVALID_GROUP_ID);
    }

    private GroupCommand.Join join(Answer answer, String groupId, int sessionMs) {
        return new GroupCommand.Join(
                answer,
                groupId,
                "",
                null,
                new GroupCommand.Client("c", "/h"),
                new GroupCommand.MemberTerms(60_000, sessionMs, "consumer", groups.protocols),
                new GroupCommand.JoinOptions(false, false, "m"),
                groups.image);
    }
}
