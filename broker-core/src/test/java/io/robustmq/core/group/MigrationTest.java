package io.robustmq.core.group;

import static io.robustmq.core.group.ConsumerFixture.GROUP;
import static io.robustmq.core.group.ConsumerFixture.partitions;
import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.core.error.BrokerError;
import io.robustmq.core.group.ConsumerFixture.Member;
import io.robustmq.core.group.GroupCommand.JoinProtocol;
import io.robustmq.core.group.GroupFact.GroupChanged;
import io.robustmq.core.group.GroupFact.GroupRemoved;
import io.robustmq.core.group.GroupFixture.Answer;
import io.robustmq.core.group.GroupReply.Joined;
import io.robustmq.core.group.consumer.Partitions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MigrationTest {
    private final ConsumerFixture consumers = new ConsumerFixture();
    private final GroupFixture groups = consumers.groups;
    private final Member fresh = consumers.member("new");

    /** One classic member with all four partitions, stable in generation 1. */
    private Joined classicAlone() {
        Answer joining = groups.join("");
        groups.advance(3_000);
        Joined joined = joining.joined();
        groups.sync(joined, Map.of(joined.memberId(), assignment(0, 1, 2, 3)));
        return joined;
    }

    private static Bytes assignment(Integer... numbers) {
        return Embedded.assignment(1, numbers.length == 0 ? Map.of() : Map.of("t", List.of(numbers)));
    }

    @Test
    void firstMemberOfTheConsumerProtocolTakesTheGroupAlong() {
        Joined old = classicAlone();
        assertThat(fresh.join().assigned()).isEqualTo(Partitions.NONE);
        assertThat(fresh.epoch).isEqualTo(2);
        assertThat(groups.log).contains(new GroupRemoved(GROUP));
        assertThat(groups.machine.groups()).isEmpty();

        assertThat(groups.heartbeat(1, old.memberId())).isEqualTo(BrokerError.REBALANCE_IN_PROGRESS);
        // An eager member has given up everything when it joins.
        Joined again = groups.join(old.memberId()).joined();
        assertThat(again.generation()).isEqualTo(2);
        assertThat(again.leader()).isEmpty();
        assertThat(again.members()).isEmpty();
        assertThat(groups.sync(again, Map.of()).synced().assignment()).isEqualTo(assignment(0, 1));
        assertThat(groups.heartbeat(2, old.memberId())).isEqualTo(BrokerError.NONE);
        assertThat(fresh.beat().assigned()).isEqualTo(partitions("t", 2, 3).at(2));
        assertThat(consumers.describe().state()).isEqualTo("Stable");
        assertThat(groups.commit(2, old.memberId(), 5)).isEqualTo(BrokerError.NONE);
        assertThat(groups.commit(1, old.memberId(), 5)).isEqualTo(BrokerError.ILLEGAL_GENERATION);
    }

    @Test
    void cooperativeMemberGivesUpWhatItMustBeforeItGoesOn() {
        JoinProtocol owning = new JoinProtocol("sticky", subscriptionThatOwns(0, 1, 2, 3));
        groups.protocols = List.of(owning);
        Joined old = classicAlone();
        fresh.join();
        Joined told = groups.join(old.memberId()).joined();
        assertThat(told.generation()).isEqualTo(1);
        assertThat(groups.sync(told, Map.of()).synced().assignment()).isEqualTo(assignment(0, 1));
        assertThat(fresh.beat().assigned()).isNull();
        assertThat(groups.heartbeat(1, old.memberId())).isEqualTo(BrokerError.REBALANCE_IN_PROGRESS);

        groups.protocols = List.of(new JoinProtocol("sticky", subscriptionThatOwns(0, 1)));
        Joined revoked = groups.join(old.memberId()).joined();
        assertThat(revoked.generation()).isEqualTo(2);
        assertThat(groups.sync(revoked, Map.of()).synced().assignment()).isEqualTo(assignment(0, 1));
        assertThat(fresh.beat().assigned()).isEqualTo(partitions("t", 2, 3).at(2));
    }

    @Test
    void newClassicMemberJoinsAGroupOfTheConsumerProtocol() {
        fresh.join();
        Answer asking = groups.join("", null, groups.protocols, true);
        assertThat(asking.joined().error()).isEqualTo(BrokerError.MEMBER_ID_REQUIRED);
        Joined joined = groups.join(asking.joined().memberId(), null, groups.protocols, true)
                .joined();
        assertThat(joined.generation()).isEqualTo(3);
        assertThat(groups.sync(joined, Map.of()).synced().assignment()).isEqualTo(assignment());
        assertThat(fresh.beat().assigned().count()).isEqualTo(2);
        assertThat(groups.heartbeat(3, joined.memberId())).isEqualTo(BrokerError.NONE);
        fresh.acknowledge();
        assertThat(groups.heartbeat(3, joined.memberId())).isEqualTo(BrokerError.REBALANCE_IN_PROGRESS);
        Joined complete = groups.join(joined.memberId()).joined();
        assertThat(groups.sync(complete, Map.of()).synced().assignment()).isEqualTo(assignment(2, 3));
    }

    @Test
    void classicMemberThatDoesNotRejoinInTimeIsRemoved() {
        Joined old = classicAlone();
        fresh.join();
        for (int i = 0; i < 12; i++) {
            assertThat(groups.heartbeat(1, old.memberId())).isEqualTo(BrokerError.REBALANCE_IN_PROGRESS);
            groups.advance(5_000);
            fresh.beat();
        }
        assertThat(groups.heartbeat(1, old.memberId())).isEqualTo(BrokerError.UNKNOWN_MEMBER_ID);
        assertThat(fresh.owned.count()).isEqualTo(4);
    }

    @Test
    void memberThatRejoinsLateHasTheWholeTimeToComeForItsAssignment() {
        Joined old = classicAlone();
        fresh.join();
        groups.heartbeat(1, old.memberId());
        for (int i = 0; i < 11; i++) {
            groups.advance(5_000);
            groups.heartbeat(1, old.memberId());
            fresh.beat();
        }
        Joined again = groups.join(old.memberId()).joined();
        groups.advance(9_000);
        assertThat(groups.sync(again, Map.of()).synced().error()).isEqualTo(BrokerError.NONE);
    }

    @Test
    void lastMemberOfTheConsumerProtocolLeavesAClassicGroupBehind() {
        Joined old = classicAlone();
        fresh.join();
        Joined again = groups.join(old.memberId()).joined();
        groups.sync(again, Map.of());
        fresh.beat();
        int logged = groups.log.size();
        fresh.leave();
        assertThat(groups.machine.consumerGroups().all()).isEmpty();
        assertThat(groups.log.subList(logged, groups.log.size()))
                .anyMatch(fact -> fact instanceof GroupChanged changed
                        && changed.snapshot().generation() == 2
                        && changed.snapshot().members().size() == 1);
        assertThat(groups.heartbeat(2, old.memberId())).isEqualTo(BrokerError.REBALANCE_IN_PROGRESS);
        Joined classic = groups.join(old.memberId()).joined();
        assertThat(classic.generation()).isEqualTo(3);
        assertThat(classic.leader()).isEqualTo(old.memberId());
        groups.reload();
        assertThat(groups.machine.consumerGroups().all()).isEmpty();
        assertThat(groups.group().members).hasSize(1);
    }

    @Test
    void staticMemberChangesOverInItsPlace() {
        Answer joining = groups.joinStatic("", "i1");
        groups.advance(3_000);
        Joined old = joining.joined();
        groups.sync(1, old.memberId(), "i1", Map.of(old.memberId(), assignment(0, 1, 2, 3)));
        fresh.instanceId = "i1";
        assertThat(fresh.join().assigned())
                .isEqualTo(partitions("t", 0, 1, 2, 3).at(1));
        assertThat(groups.heartbeat(1, old.memberId(), "i1")).isEqualTo(BrokerError.FENCED_INSTANCE_ID);
    }

    @Test
    void lastMemberOfTheConsumerProtocolIsReplacedByAStaticOneOfTheClassic() {
        fresh.instanceId = "i1";
        fresh.join();
        Joined other = groups.join("").joined();
        Answer replacing = groups.joinStatic("", "i1");
        assertThat(groups.machine.consumerGroups().all()).isEmpty();
        assertThat(replacing.waits()).isTrue();
        assertThat(fresh.beat().error()).isEqualTo(BrokerError.GROUP_ID_NOT_FOUND);
        Joined again = groups.join(other.memberId()).joined();
        assertThat(again.generation()).isEqualTo(4);
        assertThat(replacing.joined().generation()).isEqualTo(4);
    }

    @Test
    void onlyMemberOfTheConsumerProtocolIsReplacedByAStaticOneOfTheClassic() {
        fresh.instanceId = "i1";
        fresh.join();
        Answer replacing = groups.joinStatic("", "i1");
        groups.advance(3_000);
        assertThat(replacing.joined().error()).isEqualTo(BrokerError.NONE);
        assertThat(groups.group().state).isEqualTo(GroupState.COMPLETING_REBALANCE);
    }

    @Test
    void groupThatIsUnderWayIsKeptOverAReload() {
        Joined old = classicAlone();
        groups.commit(1, old.memberId(), 5);
        fresh.join();
        groups.reload();
        assertThat(groups.machine.groups()).isEmpty();
        assertThat(groups.heartbeat(1, old.memberId())).isEqualTo(BrokerError.REBALANCE_IN_PROGRESS);
        assertThat(groups.fetch().offsets()).hasSize(1);
    }

    @Test
    void emptyGroupsChangeOverAtOnce() {
        Joined old = classicAlone();
        groups.commit(1, old.memberId(), 5);
        groups.leave(old.memberId(), null);
        assertThat(fresh.join().memberEpoch()).isEqualTo(2);
        fresh.leave();
        Answer joining = groups.join("");
        groups.advance(3_000);
        assertThat(joining.joined().generation()).isEqualTo(1);
        assertThat(groups.fetch().offsets()).hasSize(1);
        groups.reload();
        assertThat(groups.fetch().offsets()).hasSize(1);
        assertThat(groups.machine.groups()).containsOnlyKeys(GROUP);
    }

    @Test
    void groupOfAnotherKindDoesNotChangeOver() {
        groups.protocols = List.of(new JoinProtocol("range", GroupFixture.bytes("?")));
        classicAlone();
        assertThat(fresh.join().error()).isEqualTo(BrokerError.GROUP_ID_NOT_FOUND);
        assertThat(groups.group().members).hasSize(1);
    }

    private static Bytes subscriptionThatOwns(Integer... numbers) {
        // Version 1: topics, no user data, owned partitions.
        io.netty.buffer.ByteBuf out = io.netty.buffer.Unpooled.buffer();
        out.writeShort(1).writeInt(1);
        KafkaFields.writeString(out, "t");
        out.writeInt(-1).writeInt(1);
        KafkaFields.writeString(out, "t");
        out.writeInt(numbers.length);
        for (int number : numbers) {
            out.writeInt(number);
        }
        return Bytes.of(KafkaFields.bytes(out));
    }
}
