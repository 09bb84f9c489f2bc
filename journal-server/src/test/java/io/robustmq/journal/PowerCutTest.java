package io.robustmq.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.port.AppendOptions;
import io.robustmq.core.port.ReadResult;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Nothing acknowledged is lost when the power goes, and nothing a reader saw changes. */
class PowerCutTest {
    private static final long FORCE_NS = 300_000;
    private static final int ROUNDS = 4;
    private static final int APPENDS = 300;

    @ParameterizedTest
    @ValueSource(strings = {"auto", "always", "shared"})
    void whatWasAcknowledgedIsThereAfterThePowerCut(String policy) throws Exception {
        for (long seed = 1; seed <= 3; seed++) {
            int missing = run(policy, seed);
            assertThat(missing)
                    .as("acknowledged but lost, policy %s seed %d", policy, seed)
                    .isZero();
        }
    }

    @Test
    void withoutFlushingTheSameCutLosesSomething() throws Exception {
        int missing = 0;
        for (long seed = 1; seed <= 3; seed++) {
            missing += run("never", seed);
        }
        assertThat(missing).as("else this test proves nothing").isPositive();
    }

    @Test
    void failedFlushIsNotAnAcknowledgementAndThePartitionGoesOffline() throws Exception {
        LossyStore store = new LossyStore(0);
        try (JournalHarness harness = JournalHarness.open(store)) {
            assertThat(harness.append(Batches.of("a")).succeeded()).isTrue();
            store.failForces();
            assertThat(harness.append(Batches.of("b")).error()).isEqualTo(BrokerError.STORAGE_ERROR);
            assertThat(harness.append(Batches.of("c")).error()).isEqualTo(BrokerError.STORAGE_ERROR);
            assertThat(harness.read(0, 100).error()).isEqualTo(BrokerError.STORAGE_ERROR);
        }
    }

    /** Appends, cuts and recovers again and again; how many acknowledged records are not where they were said to be. */
    private static int run(String policy, long seed) throws Exception {
        Random random = new Random(seed);
        Map<Long, String> acked = new HashMap<>();
        LossyStore store = new LossyStore(FORCE_NS);
        int missing = 0;
        for (int round = 0; round < ROUNDS; round++) {
            Map<String, String> config = Map.of(
                    "journal.flush",
                    policy.equals("shared") ? "auto" : policy,
                    "journal.flush.shared",
                    String.valueOf(policy.equals("shared")),
                    "journal.flush.files.max",
                    "0",
                    "journal.flush.interval.ms",
                    "3600000",
                    "journal.retention.check.ms",
                    "3600000");
            LossyStore left;
            try (JournalHarness harness = JournalHarness.open(store, config, Map.of("segment.bytes", "16384"))) {
                missing += check(harness, acked);
                left = appendUntilCut(harness, store, random, "r" + round + "-", acked);
            }
            store = left;
        }
        try (JournalHarness harness = JournalHarness.open(store)) {
            return missing + check(harness, acked);
        }
    }

    private static LossyStore appendUntilCut(
            JournalHarness harness, LossyStore store, Random random, String prefix, Map<Long, String> acked)
            throws Exception {
        Map<Long, String> answered = new ConcurrentHashMap<>();
        CountDownLatch enough = new CountDownLatch(20 + random.nextInt(APPENDS - 40));
        for (int i = 0; i < APPENDS; i++) {
            String value = prefix + i + "x".repeat(random.nextInt(400));
            harness.journal.append(
                    JournalHarness.ORDERS, Batches.of(value), AppendOptions.DURABLE, harness.loop(), result -> {
                        if (result.succeeded()) {
                            answered.put(result.baseOffset(), value);
                            enough.countDown();
                        }
                    });
            if (random.nextInt(10) == 0) {
                LockSupport.parkNanos(random.nextInt(400_000));
            }
        }
        assertThat(enough.await(20, TimeUnit.SECONDS)).isTrue();
        acked.putAll(answered);
        return store.powerCut(random);
    }

    private static int check(JournalHarness harness, Map<Long, String> acked) throws Exception {
        Map<Long, String> stored = new HashMap<>();
        List<Long> offsets = new ArrayList<>();
        long at = 0;
        for (ReadResult result = harness.read(0, 100_000); result.slice() != null; result = harness.read(at, 100_000)) {
            ByteBuf bytes = result.slice().toBuffer();
            for (String record : Batches.read(bytes)) {
                int equals = record.indexOf('=');
                at = Long.parseLong(record.substring(0, equals)) + 1;
                stored.put(at - 1, record.substring(equals + 1));
                offsets.add(at - 1);
            }
            bytes.release();
            result.slice().close();
        }
        for (int i = 0; i < offsets.size(); i++) {
            assertThat(offsets.get(i)).as("offsets are dense").isEqualTo(i);
        }
        int missing = 0;
        var all = acked.entrySet().iterator();
        while (all.hasNext()) {
            Map.Entry<Long, String> expected = all.next();
            if (!expected.getValue().equals(stored.get(expected.getKey()))) {
                missing++;
                all.remove();
            }
        }
        return missing;
    }
}
