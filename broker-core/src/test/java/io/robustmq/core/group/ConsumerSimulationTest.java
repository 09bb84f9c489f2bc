package io.robustmq.core.group;

import static io.robustmq.core.group.ConsumerFixture.GROUP;
import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.core.error.BrokerError;
import io.robustmq.core.group.ConsumerFixture.Member;
import io.robustmq.core.group.GroupFact.ConsumerGroupFact;
import io.robustmq.core.group.consumer.ConsumerFact;
import io.robustmq.core.group.consumer.ConsumerFact.EpochBumped;
import io.robustmq.core.group.consumer.ConsumerGroup;
import io.robustmq.core.group.consumer.ConsumerHeartbeat.Wishes;
import io.robustmq.core.group.consumer.ConsumerMember;
import io.robustmq.core.group.consumer.HeartbeatResult;
import io.robustmq.core.group.consumer.MemberAssignment;
import io.robustmq.core.group.consumer.Partitions;
import io.robustmq.core.model.TopicId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * Members of the consumer protocol that join, leave, crash, restart, lose answers and commit at random, while topics grow,
 * the coordinator moves now and then, and what they sent arrives again, or late.
 */
class ConsumerSimulationTest {
    private static final int SEEDS = 100;
    private static final int STEPS = 300;

    @Test
    void partitionsHaveOneOwnerWhateverTheMembersDo() {
        for (long seed = 0; seed < SEEDS; seed++) {
            try {
                new Simulation(seed).run();
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError("seed " + seed, e);
            }
        }
    }

    /** One run. */
    private static final class Simulation {
        private final Random random;
        private final ConsumerFixture consumers = new ConsumerFixture();
        private final GroupFixture groups = consumers.groups;
        private final List<Member> members = new ArrayList<>();
        private final List<Runnable> late = new ArrayList<>();
        private int named;
        private int partitions = 4;

        Simulation(long seed) {
            random = new Random(seed);
            for (int i = 0; i < 5; i++) {
                members.add(fresh(i < 2 ? "i" + i : null));
            }
        }

        private Member fresh(String instanceId) {
            Member member = consumers.member("m" + named++);
            member.instanceId = instanceId;
            if (random.nextInt(3) == 0) {
                member.names = null;
                member.regex = "t.*";
            }
            return member;
        }

        void run() {
            for (int step = 0; step < STEPS; step++) {
                int chosen = random.nextInt(members.size());
                Member member = members.get(chosen);
                switch (random.nextInt(17)) {
                    case 0 -> restart(chosen, true);
                    case 1 -> restart(chosen, false);
                    case 2 -> groups.advance(random.nextInt(20_000));
                    case 3, 4 -> commit(member);
                    case 5 -> growNowAndThen();
                    case 6 -> loseAnswer(member);
                    case 7 -> moveNowAndThen();
                    case 8, 9 -> full(member);
                    case 10 -> repeat(member);
                    case 11 -> delayCommit(member);
                    case 12 -> deliver();
                    default -> proceed(member);
                }
                groups.advance(random.nextInt(1_000));
                checkOwners();
            }
            settle();
        }

        private ConsumerGroup group() {
            return groups.machine.consumerGroups().find(GROUP);
        }

        private void proceed(Member member) {
            HeartbeatResult result =
                    member.epoch <= 0 ? member.join() : random.nextBoolean() ? member.acknowledge() : member.beat();
            heed(member, result);
        }

        private void heed(Member member, HeartbeatResult result) {
            if (result.error() != BrokerError.NONE) {
                assertThat(result.error())
                        .isIn(
                                BrokerError.FENCED_MEMBER_EPOCH,
                                BrokerError.UNKNOWN_MEMBER_ID,
                                BrokerError.UNRELEASED_INSTANCE_ID,
                                BrokerError.GROUP_MAX_SIZE_REACHED,
                                BrokerError.FENCED_INSTANCE_ID);
                member.epoch = 0;
                member.owned = Partitions.NONE;
            }
        }

        /** After a failure of its connection a member says everything it knows. */
        private void full(Member member) {
            if (member.epoch > 0) {
                HeartbeatResult result =
                        member.send(new Wishes(null, 60_000, member.names, member.regex, null), member.owned);
                if (result.error() == BrokerError.NONE) {
                    member.epoch = result.memberEpoch();
                    member.owned = result.assigned();
                }
                heed(member, result);
            }
        }

        private void loseAnswer(Member member) {
            int epoch = member.epoch;
            Partitions owned = member.owned;
            if (epoch > 0) {
                member.acknowledge();
                member.epoch = epoch;
                member.owned = owned;
            }
        }

        private void restart(int index, boolean leaves) {
            Member old = members.get(index);
            if (leaves && old.epoch > 0) {
                old.leave();
            }
            members.set(index, fresh(old.instanceId));
        }

        /** A heartbeat and all that it says arrives twice; the second answer is the one that is read. */
        private void repeat(Member member) {
            int epoch = member.epoch;
            Partitions owned = member.owned;
            if (epoch > 0) {
                member.acknowledge();
                member.epoch = epoch;
                member.owned = owned;
                heed(member, member.acknowledge());
            }
        }

        private void commit(Member member) {
            commit(member.memberId, Math.max(0, member.epoch - random.nextInt(2)), random.nextInt(partitions));
        }

        /** Nobody commits who is no member any more, nor for a partition that it has not had since that epoch. */
        private void commit(String memberId, int epoch, int partition) {
            BrokerError error = consumers.member(memberId).commit(epoch, "t", partition, 1);
            ConsumerGroup group = group();
            if (error == BrokerError.NONE && group != null && !group.members().isEmpty()) {
                MemberAssignment has = group.assignment(memberId);
                assertThat(group.member(memberId)).isNotNull();
                assertThat(epoch == has.epoch() || held(has).contains(ConsumerFixture.id("t"), partition))
                        .isTrue();
            }
        }

        private void delayCommit(Member member) {
            int epoch = member.epoch;
            int partition = random.nextInt(partitions);
            late.add(() -> commit(member.memberId, epoch, partition));
        }

        private void deliver() {
            if (!late.isEmpty()) {
                late.remove(random.nextInt(late.size())).run();
            }
        }

        private void growNowAndThen() {
            if (random.nextInt(6) == 0) {
                consumers.topic("t" + random.nextInt(3), 1 + random.nextInt(4));
            }
            if (random.nextInt(6) == 0 && partitions < 12) {
                partitions++;
                consumers.topic("t", partitions);
            }
        }

        private void moveNowAndThen() {
            if (random.nextInt(6) == 0) {
                groups.reload();
            }
        }

        private static Partitions held(MemberAssignment has) {
            return has.assigned().plus(has.revoking());
        }

        /** By the coordinator's book, and by what those members believe that are members still. */
        private void checkOwners() {
            ConsumerGroup group = group();
            if (group == null) {
                return;
            }
            Map<TopicId, Set<Integer>> booked = new HashMap<>();
            for (ConsumerMember member : group.members()) {
                disjoint(booked, held(group.assignment(member.memberId())));
            }
            Map<TopicId, Set<Integer>> consumed = new HashMap<>();
            for (Member member : members) {
                if (group.member(member.memberId) != null && member.epoch > 0) {
                    disjoint(consumed, member.owned);
                }
            }
        }

        private static void disjoint(Map<TopicId, Set<Integer>> taken, Partitions more) {
            more.forEach((topic, partition, epoch) -> assertThat(
                            taken.computeIfAbsent(topic, id -> new HashSet<>()).add(partition))
                    .as("one owner of %s-%s", topic, partition)
                    .isTrue());
        }

        /** Left alone, the members divide everything evenly, and another coordinator sees the same. */
        private void settle() {
            for (int round = 0; round < 120; round++) {
                members.forEach(member -> heed(member, member.epoch <= 0 ? member.join() : member.acknowledge()));
                groups.advance(1_000);
                checkOwners();
            }
            ConsumerGroup group = group();
            assertThat(group.phase()).isEqualTo(ConsumerGroup.Phase.STABLE);
            assertThat(group.members()).hasSize(members.size());
            int total = 0;
            for (Member member : members) {
                assertThat(member.epoch).isEqualTo(group.epoch());
                total += member.owned
                        .filter((topic, partition) -> topic.equals(ConsumerFixture.id("t")))
                        .count();
            }
            assertThat(total).isEqualTo(partitions);
            checkEpochs();
            List<ConsumerFact> facts = group.facts();
            groups.reload();
            assertThat(group().facts()).hasSameElementsAs(facts);
        }

        private void checkEpochs() {
            int last = 0;
            for (GroupFact fact : groups.log) {
                if (fact instanceof ConsumerGroupFact consumer && consumer.fact() instanceof EpochBumped bumped) {
                    assertThat(bumped.epoch()).isGreaterThan(last);
                    last = bumped.epoch();
                }
            }
        }
    }
}
