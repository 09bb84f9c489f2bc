package io.robustmq.journal;

import io.robustmq.core.model.Partition;
import io.robustmq.core.port.AppendOptions;
import io.robustmq.storage.ssd.SsdStore;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/** One small append to each of many partitions, all at once: how long until all are acknowledged. Run by hand. */
final class ManyPartitionsBench {
    private ManyPartitionsBench() {}

    public static void main(String[] args) throws Exception {
        int partitions = Integer.parseInt(args[1]);
        Map<String, String> config = Map.of("journal.flush", args[2], "journal.flush.threads", args[3]);
        try (SsdStore store = new SsdStore(Path.of(args[0]));
                JournalHarness harness = new JournalHarness(store, config)) {
            harness.image(Images.topic(JournalHarness.ORDERS_ID, "orders", partitions, Map.of()));
            harness.journal.recovered().get();
            for (int round = 0; round < 8; round++) {
                CountDownLatch answered = new CountDownLatch(partitions);
                long start = System.nanoTime();
                for (int i = 0; i < partitions; i++) {
                    harness.journal.append(
                            new Partition(JournalHarness.ORDERS_ID, i),
                            Batches.of("value"),
                            AppendOptions.DURABLE,
                            harness.loop(),
                            result -> answered.countDown());
                }
                answered.await();
                System.out.println("round " + round + ": " + (System.nanoTime() - start) / 1_000_000 + " ms");
            }
        }
    }
}
