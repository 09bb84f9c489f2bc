package io.robustmq.core.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.robustmq.core.coordinator.CounterMachine.Command;
import io.robustmq.core.coordinator.CounterMachine.Counted;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.loop.SimLoop;
import io.robustmq.core.port.InMemoryJournal;
import io.robustmq.core.port.InMemoryMetaLog;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** Commands at random over a journal that fails, delays and changes its leader at random. */
class CoordinatorSimulationTest {
    private static final int SEEDS = 200;
    private static final int STEPS = 300;
    private static final String TOPIC = "__mqtt_sessions";
    private static final BrokerError[] FAULTS = {
        BrokerError.NOT_ENOUGH_REPLICAS, BrokerError.REQUEST_TIMED_OUT, BrokerError.STORAGE_FULL
    };

    private final Logger log = (Logger) LoggerFactory.getLogger(CoordinatorShard.class);
    private final Level level = log.getEffectiveLevel();

    @BeforeEach
    void thousandsOfFaultsAreNotLogged() {
        log.setLevel(Level.OFF);
    }

    @AfterEach
    void othersAreLoggedAgain() {
        log.setLevel(level);
    }

    @Test
    void whatWasAnsweredIsNeitherLostNorDoneTwice() {
        for (long seed = 0; seed < SEEDS; seed++) {
            try {
                new Simulation(seed).run();
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError("seed " + seed, e);
            }
        }
    }

    /** One run. */
    private static final class Simulation implements EffectSink<Command, String> {
        private final Random random;
        private final SimLoop loop = new SimLoop();
        private final InMemoryMetaLog meta = new InMemoryMetaLog(1);
        private final InMemoryJournal journal = new InMemoryJournal(1);
        private final CoordinatorService<Command, Counted, String> service;
        private final Map<String, Long> answered = new HashMap<>();
        private int submitted;
        private int answers;
        private int refusals;

        Simulation(long seed) {
            random = new Random(seed);
            CoordinatorSettings usual = CoordinatorSettings.compacted(TOPIC, 1, 2);
            service = new CoordinatorService<>(
                    random.nextBoolean() ? usual : usual.holdingWhileLoading(),
                    new CoordinatorKind<>(
                            partition -> new CounterMachine(),
                            new CounterMachine.Codec(),
                            this,
                            () -> new Command("tick", "")),
                    journal,
                    meta,
                    loop,
                    new UnpooledByteBufAllocator(false, true));
            meta.subscribe(journal);
            meta.subscribe(service);
        }

        @Override
        public void perform(String effect) {
            int equals = effect.indexOf('=');
            if (equals > 0) {
                answers++;
                // Every answer is one more than all answers before it: nothing lost, nothing told twice.
                long count = Long.parseLong(effect.substring(equals + 1));
                Long before = answered.put(effect.substring(0, equals), count);
                assertThat(count).isGreaterThan(before == null ? 0 : before);
            }
        }

        @Override
        public void refused(Command command, BrokerError error) {
            assertThat(error).isNotEqualTo(BrokerError.NONE);
            refusals++;
        }

        void run() {
            for (int step = 0; step < STEPS; step++) {
                switch (random.nextInt(12)) {
                    case 0 -> journal.failNext(FAULTS[random.nextInt(FAULTS.length)], random.nextBoolean());
                    case 1 -> journal.hold();
                    case 2 -> journal.release();
                    case 3 -> moveLeader();
                    case 4 -> loop.advance(random.nextInt(50));
                    case 5 -> fail();
                    default -> submit();
                }
                for (int tasks = random.nextInt(4); tasks > 0; tasks--) {
                    loop.runOne();
                }
            }
            settle();
        }

        private void submit() {
            String name = "c" + random.nextInt(5);
            submitted++;
            service.submit(name, new Command("add", name));
        }

        private void fail() {
            if (random.nextInt(10) == 0) {
                submitted++;
                service.submit("c0", new Command("no such verb", "c0"));
            }
        }

        private void moveLeader() {
            if (meta.image().topic(TOPIC) != null && random.nextInt(3) == 0) {
                meta.lead(TOPIC, random.nextInt(2), random.nextInt(3) == 0 ? 2 : 1);
            }
        }

        private void settle() {
            journal.release();
            loop.advance(60_000);
            assertThat(service.ensureTopic()).isCompletedWithValue(2);
            meta.lead(TOPIC, 0, 1);
            meta.lead(TOPIC, 1, 1);
            loop.advance(60_000);
            assertThat(answers + refusals).isEqualTo(submitted);
            Map<String, Long> before = Map.copyOf(answered);
            for (int i = 0; i < 5; i++) {
                submitted++;
                service.submit("c" + i, new Command("add", "c" + i));
                loop.advance(1_000);
            }
            // A fault may be left over for the last commands; whoever was answered was told more than before.
            before.forEach((name, count) -> assertThat(answered.get(name)).isGreaterThanOrEqualTo(count));
            assertThat(answers + refusals).isEqualTo(submitted);
        }
    }
}
