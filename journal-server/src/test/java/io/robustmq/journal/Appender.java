package io.robustmq.journal;

import io.robustmq.core.port.AppendOptions;
import io.robustmq.storage.ssd.SsdStore;
import java.nio.file.Path;

/** A process that appends for ever and prints what was acknowledged, to be killed by a test. */
final class Appender {
    private Appender() {}

    public static void main(String[] args) throws Exception {
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
}
