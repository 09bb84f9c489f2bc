package io.robustmq.core.group;

import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.core.error.BrokerError;
import io.robustmq.core.group.GroupFact.GroupChanged;
import io.robustmq.core.group.GroupFact.GroupSnapshot;
import io.robustmq.core.group.GroupFact.OffsetCommitted;
import io.robustmq.core.group.GroupFixture.Answer;
import io.robustmq.core.group.GroupReply.Joined;
import io.robustmq.core.group.GroupReply.Synced;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Members that join, leave, crash, restart and commit at random, while the coordinator moves now and then and what they sent
 * arrives again, or late. What a member is assigned is what the leader of its generation wrote for it, so that a partition has
 * one owner in a generation.
 */
class GroupSimulationTest {
    private static final int SEEDS = 200;
    private static final int STEPS = 400;

    @Test
    void generationsAreConsistentWhateverTheMembersDo() {
        for (long seed = 0; seed < SEEDS; seed++) {
            try {
                new Simulation(seed).run();
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError("seed " + seed, e);
            }
        }
    }

    /** A consumer as the classic protocol has it. */
    private static final class Consumer {
        private final String instanceId;
        private String memberId = "";
        private int generation = -1;
        private Answer joining;
        private Answer syncing;
        private boolean stable;
        /** The answer to the join was given by a coordinator that is gone. */
        private boolean outlived;

        Consumer(String instanceId) {
            this.instanceId = instanceId;
        }

        void forget() {
            memberId = "";
            generation = -1;
            joining = null;
            syncing = null;
            stable = false;
        }
    }

    /** One run. */
    private static final class Simulation {
        private final Random random;
        private final GroupFixture groups = new GroupFixture();
        private final List<Consumer> consumers = new ArrayList<>();
        private final Map<Integer, String> leaders = new HashMap<>();
        private final Map<Integer, String> protocols = new HashMap<>();
        private final List<Runnable> late = new ArrayList<>();
        private long offset;

        Simulation(long seed) {
            random = new Random(seed);
            for (int i = 0; i < 6; i++) {
                consumers.add(new Consumer(i < 2 ? "i" + i : null));
            }
        }

        void run() {
            for (int step = 0; step < STEPS; step++) {
                Consumer consumer = consumers.get(random.nextInt(consumers.size()));
                switch (random.nextInt(14)) {
                    case 0 -> leave(consumer);
                    case 1 -> consumer.forget();
                    case 2 -> groups.advance(random.nextInt(8_000));
                    case 3 -> commit(consumer);
                    case 4 -> moveNowAndThen();
                    case 5 -> delay(consumer);
                    case 6 -> deliver();
                    default -> proceed(consumer);
                }
                groups.advance(random.nextInt(500));
                checkOffsets();
            }
            settle();
            checkReload();
        }

        private void proceed(Consumer consumer) {
            if (consumer.joining != null) {
                takeJoined(consumer);
            } else if (consumer.syncing != null) {
                takeSynced(consumer);
            } else if (consumer.stable) {
                heartbeat(consumer);
            } else {
                boolean idRequired = consumer.instanceId == null;
                consumer.outlived = false;
                consumer.joining = groups.join(consumer.memberId, consumer.instanceId, groups.protocols, idRequired);
            }
        }

        private void takeJoined(Consumer consumer) {
            Answer answer = consumer.joining;
            if (answer.waits()) {
                return;
            }
            consumer.joining = null;
            if (answer.refusal != null) {
                return;
            }
            Joined joined = answer.joined();
            if (joined.error() == BrokerError.MEMBER_ID_REQUIRED) {
                consumer.memberId = joined.memberId();
            } else if (joined.error() == BrokerError.NONE) {
                consumer.memberId = joined.memberId();
                consumer.generation = joined.generation();
                if (!consumer.outlived) {
                    checkGeneration(joined);
                }
                Map<String, Bytes> assignments = new HashMap<>();
                joined.members()
                        .forEach(member -> assignments.put(
                                member.memberId(), GroupFixture.bytes(joined.generation() + "/" + member.memberId())));
                consumer.syncing =
                        groups.sync(joined.generation(), joined.memberId(), consumer.instanceId, assignments);
            } else {
                consumer.forget();
            }
        }

        private void checkGeneration(Joined joined) {
            String protocol = protocols.putIfAbsent(joined.generation(), joined.protocolName());
            assertThat(joined.protocolName()).isEqualTo(protocol == null ? joined.protocolName() : protocol);
            if (!joined.members().isEmpty() && !joined.skipAssignment()) {
                String leader = leaders.putIfAbsent(joined.generation(), joined.memberId());
                assertThat(joined.memberId()).isEqualTo(leader == null ? joined.memberId() : leader);
            }
        }

        private void takeSynced(Consumer consumer) {
            Answer answer = consumer.syncing;
            if (answer.waits()) {
                return;
            }
            consumer.syncing = null;
            if (answer.refusal != null) {
                return;
            }
            Synced synced = answer.synced();
            consumer.stable = synced.error() == BrokerError.NONE;
            if (synced.error() == BrokerError.NONE && consumer.instanceId == null) {
                assertThat(synced.assignment())
                        .isIn(Bytes.EMPTY, GroupFixture.bytes(consumer.generation + "/" + consumer.memberId));
            } else if (synced.error() != BrokerError.NONE && synced.error() != BrokerError.REBALANCE_IN_PROGRESS) {
                consumer.forget();
            }
        }

        private void heartbeat(Consumer consumer) {
            BrokerError error = groups.heartbeat(consumer.generation, consumer.memberId, consumer.instanceId);
            if (error == BrokerError.REBALANCE_IN_PROGRESS) {
                consumer.stable = false;
            } else if (error != BrokerError.NONE) {
                consumer.forget();
            }
        }

        private void leave(Consumer consumer) {
            if (!consumer.memberId.isEmpty() && consumer.joining == null && consumer.syncing == null) {
                groups.leave(consumer.memberId, consumer.instanceId);
                consumer.forget();
            }
        }

        private void commit(Consumer consumer) {
            if (consumer.stable && consumer.instanceId == null) {
                groups.commit(consumer.generation, consumer.memberId, ++offset);
            }
        }

        /** What the member says now is on its way for longer than what it says next. */
        private void delay(Consumer consumer) {
            if (consumer.generation < 0 || consumer.instanceId != null) {
                return;
            }
            int generation = consumer.generation;
            String memberId = consumer.memberId;
            late.add(
                    switch (random.nextInt(3)) {
                        case 0 -> () -> check(groups.commit(generation, memberId, ++offset), generation, memberId);
                        case 1 -> () -> check(groups.heartbeat(generation, memberId, null), generation, memberId);
                        default -> () -> check(lateSync(generation, memberId), generation, memberId);
                    });
        }

        private BrokerError lateSync(int generation, String memberId) {
            Map<String, Bytes> wrong = Map.of(memberId, GroupFixture.bytes("of a leader of before"));
            Group group = groups.machine.groups().get(GroupFixture.GROUP);
            boolean leads = group != null && memberId.equals(group.leader);
            Answer answer = groups.sync(generation, memberId, null, leads ? Map.of() : wrong);
            return answer.waits() || answer.refusal != null
                    ? BrokerError.REBALANCE_IN_PROGRESS
                    : answer.synced().error();
        }

        private void deliver() {
            if (!late.isEmpty()) {
                late.remove(random.nextInt(late.size())).run();
            }
        }

        /** Only members of this very generation are heard. */
        private void check(BrokerError error, int generation, String memberId) {
            if (error == BrokerError.NONE) {
                Group group = groups.group();
                assertThat(group.generation).as("a fenced member is heard").isEqualTo(generation);
                assertThat(group.members).containsKey(memberId);
            }
        }

        private void moveNowAndThen() {
            if (random.nextInt(8) == 0) {
                consumers.forEach(consumer -> consumer.outlived = true);
                groups.reload();
                // What was being agreed on is lost with the old coordinator; numbers from then may be given out again.
                GroupSnapshot saved = groups.machine.savedGroups().get(GroupFixture.GROUP);
                int generation = saved == null ? 0 : saved.generation();
                leaders.keySet().removeIf(later -> later > generation);
                protocols.keySet().removeIf(later -> later > generation);
            }
        }

        private void checkOffsets() {
            long last = 0;
            long generation = 0;
            for (GroupFact fact : groups.log) {
                if (fact instanceof OffsetCommitted committed) {
                    assertThat(committed.committed().offset()).isGreaterThan(last);
                    last = committed.committed().offset();
                } else if (fact instanceof GroupChanged changed) {
                    assertThat((long) changed.snapshot().generation()).isGreaterThanOrEqualTo(generation);
                    generation = changed.snapshot().generation();
                }
            }
        }

        /** Left alone, all that want to be members become members of one generation. */
        private void settle() {
            for (int round = 0; round < 300; round++) {
                consumers.forEach(this::proceed);
                groups.advance(1_000);
            }
            Group group = groups.group();
            assertThat(group.state).isEqualTo(GroupState.STABLE);
            for (Consumer consumer : consumers) {
                assertThat(consumer.stable).isTrue();
                assertThat(consumer.generation).isEqualTo(group.generation);
                assertThat(group.members).containsKey(consumer.memberId);
            }
            assertThat(group.members).hasSize(consumers.size());
        }

        private void checkReload() {
            Map<String, GroupSnapshot> saved = groups.machine.savedGroups();
            Map<?, ?> offsets = groups.machine.offsets().copy();
            GroupSnapshot live = groups.group().snapshot();
            groups.reload();
            assertThat(groups.machine.savedGroups()).isEqualTo(saved);
            assertThat(groups.machine.offsets().copy()).isEqualTo(offsets);
            assertThat(groups.group().snapshot()).isEqualTo(live);
        }
    }
}
