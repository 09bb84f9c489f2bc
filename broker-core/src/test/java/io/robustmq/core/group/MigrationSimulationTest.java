package io.robustmq.core.group;

import static io.robustmq.core.group.ConsumerFixture.GROUP;
import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.core.error.BrokerError;
import io.robustmq.core.group.ConsumerFixture.Member;
import io.robustmq.core.group.GroupFixture.Answer;
import io.robustmq.core.group.GroupReply.Joined;
import io.robustmq.core.group.GroupReply.Synced;
import io.robustmq.core.group.consumer.ConsumerGroup;
import io.robustmq.core.group.consumer.HeartbeatResult;
import io.robustmq.core.group.consumer.Partitions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Members of both protocols that come, crash and go at random: the group goes back and forth between them. */
class MigrationSimulationTest {
    private static final int SEEDS = 100;
    private static final int STEPS = 300;
    private static final int PARTITIONS = 4;

    @Test
    void partitionsHaveOneOwnerWhicheverProtocolTheGroupSpeaks() {
        int upgraded = 0;
        for (long seed = 0; seed < SEEDS; seed++) {
            try {
                upgraded += new Simulation(seed).run() ? 1 : 0;
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError("seed " + seed, e);
            }
        }
        assertThat(upgraded).as("runs that ended in the consumer protocol").isBetween(SEEDS / 8, SEEDS - SEEDS / 8);
    }

    /** An eager consumer of the classic protocol: gives up everything before it joins. */
    private static final class Classic {
        private String memberId = "";
        private int generation = -1;
        private Partitions owned = Partitions.NONE;
        private Answer joining;
        private Answer syncing;
        private boolean stable;

        void giveUp(boolean forgetsItsId) {
            owned = Partitions.NONE;
            stable = false;
            joining = null;
            syncing = null;
            memberId = forgetsItsId ? "" : memberId;
        }
    }

    /** One run. */
    private static final class Simulation {
        private final Random random;
        private final ConsumerFixture consumers = new ConsumerFixture();
        private final GroupFixture groups = consumers.groups;
        private final List<Classic> classics = new ArrayList<>(List.of(new Classic(), new Classic(), new Classic()));
        private final List<Member> members = new ArrayList<>();
        private int named;

        Simulation(long seed) {
            random = new Random(seed);
        }

        /** Whether the group ended in the consumer protocol. */
        boolean run() {
            for (int step = 0; step < STEPS; step++) {
                int chosen = random.nextInt(classics.size());
                switch (random.nextInt(16)) {
                    case 0 -> classics.set(chosen, new Classic());
                    case 1 -> leave(classics.get(chosen));
                    case 2 -> groups.advance(random.nextInt(15_000));
                    case 3 -> enter();
                    case 4 -> exit();
                    case 5 -> moveNowAndThen();
                    case 6, 7, 8, 9 -> beatOne();
                    default -> proceed(classics.get(chosen));
                }
                groups.advance(random.nextInt(500));
                checkOwners();
            }
            return settle();
        }

        private void enter() {
            if (members.size() < 2 && random.nextInt(3) == 0) {
                members.add(consumers.member("k" + named++));
            }
        }

        private void exit() {
            if (!members.isEmpty() && random.nextInt(2) == 0) {
                Member gone = members.remove(random.nextInt(members.size()));
                if (gone.epoch > 0 && random.nextBoolean()) {
                    gone.leave();
                }
            }
        }

        private void moveNowAndThen() {
            if (random.nextInt(5) == 0) {
                groups.reload();
            }
        }

        private void beatOne() {
            if (!members.isEmpty()) {
                beat(members.get(random.nextInt(members.size())));
            }
        }

        private static void beat(Member member) {
            HeartbeatResult result = member.epoch <= 0 ? member.join() : member.acknowledge();
            if (result.error() != BrokerError.NONE) {
                member.epoch = 0;
                member.owned = Partitions.NONE;
            }
        }

        private void leave(Classic member) {
            if (!member.memberId.isEmpty() && member.joining == null && member.syncing == null) {
                groups.leave(member.memberId, null);
                member.giveUp(true);
            }
        }

        private void proceed(Classic member) {
            if (member.joining != null) {
                takeJoined(member);
            } else if (member.syncing != null) {
                takeSynced(member);
            } else if (member.stable) {
                heartbeat(member);
            } else {
                member.joining = groups.join(member.memberId, null, groups.protocols, true);
            }
        }

        private void takeJoined(Classic member) {
            if (member.joining.waits()) {
                return;
            }
            Answer answer = member.joining;
            member.joining = null;
            if (answer.refusal != null) {
                return;
            }
            Joined joined = answer.joined();
            if (joined.error() == BrokerError.NONE || joined.error() == BrokerError.MEMBER_ID_REQUIRED) {
                member.memberId = joined.memberId();
            } else {
                member.giveUp(joined.error() == BrokerError.UNKNOWN_MEMBER_ID);
            }
            if (joined.error() == BrokerError.NONE) {
                member.generation = joined.generation();
                member.syncing = groups.sync(joined, divided(joined));
            }
        }

        /** As a leader divides; who does not lead divides nothing. */
        private static Map<String, Bytes> divided(Joined joined) {
            Map<String, Bytes> shares = new HashMap<>();
            int count = joined.members().size();
            for (int i = 0; i < count; i++) {
                List<Integer> share = new ArrayList<>();
                for (int partition = i; partition < PARTITIONS; partition += count) {
                    share.add(partition);
                }
                shares.put(joined.members().get(i).memberId(), Embedded.assignment(1, Map.of("t", share)));
            }
            return shares;
        }

        private void takeSynced(Classic member) {
            if (member.syncing.waits()) {
                return;
            }
            Answer answer = member.syncing;
            member.syncing = null;
            if (answer.refusal != null) {
                return;
            }
            Synced synced = answer.synced();
            if (synced.error() == BrokerError.NONE) {
                member.owned = TopicNames.toIds(Embedded.assignment(synced.assignment()), groups.image);
                member.stable = true;
            } else {
                member.giveUp(synced.error() == BrokerError.UNKNOWN_MEMBER_ID);
            }
        }

        private void heartbeat(Classic member) {
            BrokerError error = groups.heartbeat(member.generation, member.memberId);
            if (error != BrokerError.NONE) {
                member.giveUp(error == BrokerError.UNKNOWN_MEMBER_ID);
            }
        }

        /** Of those whom the coordinator takes for members. */
        private void checkOwners() {
            ConsumerGroup consumerGroup = groups.machine.consumerGroups().find(GROUP);
            Group classicGroup = groups.group();
            assertThat(consumerGroup == null || classicGroup == null)
                    .as("one type at a time")
                    .isTrue();
            Set<Integer> owned = new HashSet<>();
            for (Member member : members) {
                if (consumerGroup != null && consumerGroup.member(member.memberId) != null && member.epoch > 0) {
                    take(owned, member.owned);
                }
            }
            for (Classic member : classics) {
                boolean isMember = consumerGroup != null
                        ? consumerGroup.member(member.memberId) != null
                        : classicGroup != null && classicGroup.members.containsKey(member.memberId);
                if (isMember) {
                    take(owned, member.owned);
                }
            }
        }

        private static void take(Set<Integer> owned, Partitions more) {
            more.forEach((topic, partition, epoch) -> assertThat(owned.add(partition))
                    .as("one owner of %s", partition)
                    .isTrue());
        }

        /** Left alone, all partitions are consumed, by all that are there. */
        private boolean settle() {
            for (int round = 0; round < 200; round++) {
                members.forEach(Simulation::beat);
                classics.forEach(this::proceed);
                groups.advance(1_000);
                checkOwners();
            }
            int total = 0;
            for (Member member : members) {
                total += member.owned.count();
            }
            for (Classic member : classics) {
                assertThat(member.stable).isTrue();
                total += member.owned.count();
            }
            assertThat(total).isEqualTo(PARTITIONS);
            ConsumerGroup consumerGroup = groups.machine.consumerGroups().find(GROUP);
            assertThat(consumerGroup != null).isEqualTo(!members.isEmpty());
            return consumerGroup != null;
        }
    }
}
