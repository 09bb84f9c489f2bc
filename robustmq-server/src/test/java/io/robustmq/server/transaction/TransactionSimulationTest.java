package io.robustmq.server.transaction;

import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.core.group.GroupFact;
import io.robustmq.core.txn.TxnFact.TxnChanged;
import io.robustmq.core.txn.TxnState;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * Producers, zombies among them, over a network that loses, repeats and delays, and a broker that restarts: transactions
 * are atomic, nothing of them hangs, and who was fenced commits nothing.
 */
class TransactionSimulationTest {
    private static final int SEEDS = Integer.getInteger("robustmq.transaction.seeds", 100);
    private static final int STEPS = 1_500;
    private static final List<String> IDS = List.of("x", "y");

    @Test
    void transactionsAreAtomicAndEndWhateverHappens() {
        int commits = 0;
        for (long seed = 0; seed < SEEDS; seed++) {
            try {
                commits += new Run(seed).run();
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError("seed " + seed, e);
            }
        }
        assertThat(commits).as("else this test proves nothing").isGreaterThan(SEEDS);
    }

    /** One run. */
    private static final class Run {
        private final Random random;
        private final SimNetwork network;
        private final SimBroker broker;
        private final List<SimProducer> producers = new ArrayList<>();
        private final Map<String, Integer> started = new HashMap<>();
        private final Set<SimProducer.Told> committed = new HashSet<>();

        Run(long seed) {
            random = new Random(seed);
            network = new SimNetwork(random);
            broker = new SimBroker(network, random);
            IDS.forEach(this::start);
        }

        private void start(String id) {
            int incarnation = producers.size();
            producers.add(new SimProducer(id, incarnation, broker, network, random, this::onStart, this::onCommit));
        }

        private void onStart(SimProducer producer) {
            started.put(producer.transactionalId, producer.incarnation);
        }

        /** The answer may be given twice, but is decided once, and not after another producer got the id. */
        private void onCommit(SimProducer producer, SimProducer.Told told) {
            if (committed.add(told)) {
                assertThat(producer.incarnation)
                        .as("a fenced producer commits")
                        .isEqualTo(started.get(producer.transactionalId));
            }
        }

        int run() {
            for (int step = 0; step < STEPS; step++) {
                int dice = random.nextInt(100);
                if (dice < 15) {
                    producers.get(random.nextInt(producers.size())).nudge();
                } else if (dice < 16) {
                    start(IDS.get(random.nextInt(IDS.size())));
                } else if (dice < 17) {
                    broker.restart();
                } else if (dice < 25) {
                    network.nowMs += random.nextInt(1_000);
                    broker.tick();
                } else {
                    network.deliverOne();
                }
            }
            settle();
            check();
            return committed.size();
        }

        /** Everything arrives, every transaction ends or times out. */
        private void settle() {
            network.healed = true;
            producers.forEach(producer -> producer.dead = true);
            for (int round = 0; round < 400; round++) {
                while (network.deliverOne()) {}
                network.nowMs += 1_000;
                broker.tick();
            }
        }

        private void check() {
            Map<String, TxnState> states = new HashMap<>();
            broker.txnLog.forEach(fact -> {
                if (fact instanceof TxnChanged changed) {
                    states.put(fact.transactionalId(), changed.snapshot().state());
                }
            });
            assertThat(states.values())
                    .allMatch(state -> state != TxnState.ONGOING && !state.isPrepared(), "nothing is left to end");
            List<String> visible = new ArrayList<>();
            for (SimPartition partition : broker.partitions) {
                assertThat(partition.isStable()).as("no transaction hangs").isTrue();
                visible.addAll(partition.committed());
            }
            assertThat(visible).doesNotHaveDuplicates();
            Set<Long> offsets = checkOffsets();
            for (SimProducer producer : producers) {
                for (SimProducer.Told told : producer.transactions) {
                    checkAtomic(told, new HashSet<>(visible), offsets);
                }
            }
        }

        /** Offsets that were committed; nothing is pending any more. */
        private Set<Long> checkOffsets() {
            Set<Long> offsets = new HashSet<>();
            Set<String> open = new HashSet<>();
            for (GroupFact fact : broker.groupLog) {
                if (fact instanceof GroupFact.OffsetPending each) {
                    open.add(each.groupId() + each.producerId());
                } else if (fact instanceof GroupFact.PendingDropped each) {
                    open.remove(each.groupId() + each.producerId());
                } else if (fact instanceof GroupFact.OffsetCommitted each) {
                    offsets.add(each.committed().offset());
                }
            }
            assertThat(open).as("no offset hangs").isEmpty();
            return offsets;
        }

        private static void checkAtomic(SimProducer.Told told, Set<String> visible, Set<Long> offsets) {
            long seen = told.acked.stream().filter(visible::contains).count();
            assertThat(seen).as("all or nothing of %s", told.acked).isIn(0L, (long) told.acked.size());
            boolean committed = seen > 0;
            if (Boolean.TRUE.equals(told.outcome)) {
                assertThat(seen).as("committed %s", told.acked).isEqualTo(told.acked.size());
                committed = true;
            } else if (Boolean.FALSE.equals(told.outcome)) {
                assertThat(seen).as("aborted %s", told.acked).isZero();
                committed = false;
            }
            if (told.offsetsAcked && (!told.acked.isEmpty() || told.outcome != null)) {
                assertThat(offsets.contains(told.offset))
                        .as("offsets with the records of %s", told.acked)
                        .isEqualTo(committed);
            }
        }
    }
}
