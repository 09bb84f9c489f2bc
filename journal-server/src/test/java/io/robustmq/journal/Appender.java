package io.robustmq.journal;

import io.robustmq.core.model.Partition;
import io.robustmq.core.port.AppendOptions;
import io.robustmq.storage.ssd.SsdStore;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/** A process that appends for ever and prints what was acknowledged, to be killed by a test. */
final class Appender {
    private Appender() {}

    /** Directory, and a number of partitions if more than one. */
    public static void main(String[] args) throws Exception {
        if (args.length > 1) {
            toMany(Path.of(args[0]), Integer.parseInt(args[1]));
        }
        try (SsdStore store = new SsdStore(Path.of(args[0]));
                JournalHarness harness = JournalHarness.open(store)) {
            for (int i = 0; ; i++) {
                String value = "v" + i;
                harness.journal.append(
                        JournalHarness.ORDERS,
                        Batches.idempotent(77, 0, i, value),
                        AppendOptions.DURABLE,
                        harness.loop(),
                        result -> System.out.println(result.error() + " " + result.baseOffset() + "=" + value));
                if (i % 50 == 49) {
                    harness.append(Batches.of("pause"));
                }
            }
        }
    }

    /** One append to each partition at a time, printed as partition:offset=value. */
    private static void toMany(Path directory, int partitions) throws Exception {
        try (SsdStore store = new SsdStore(directory);
                JournalHarness harness = new JournalHarness(store, Map.of("journal.flush.shared", "true"))) {
            harness.image(Images.topic(JournalHarness.ORDERS_ID, "orders", partitions, Map.of()));
            for (int round = 0; ; round++) {
                CountDownLatch answered = new CountDownLatch(partitions);
                String value = "v" + round;
                for (int i = 0; i < partitions; i++) {
                    int partition = i;
                    harness.journal.append(
                            new Partition(JournalHarness.ORDERS_ID, i),
                            Batches.of(value),
                            AppendOptions.DURABLE,
                            harness.loop(),
                            result -> {
                                System.out.println(
                                        result.error() + " " + partition + ":" + result.baseOffset() + "=" + value);
                                answered.countDown();
                            });
                }
                answered.await();
            }
        }
    }
}
