package io.robustmq.journal;

import com.sun.management.OperatingSystemMXBean;
import io.micrometer.core.instrument.Meter;
import io.netty.buffer.ByteBuf;
import io.robustmq.core.model.Partition;
import io.robustmq.core.port.AppendOptions;
import io.robustmq.storage.ssd.SsdStore;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Every partition has one append under way and sends the next when it is acknowledged. Run by hand: directory, partitions,
 * seconds, bytes of a record, then key=value of the journal's configuration.
 */
final class DurableAppendBench {
    private static final int SAMPLES_MAX = 4_000_000;

    private final JournalHarness harness;
    private final String value;
    private final AtomicLong appends = new AtomicLong();
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicInteger samples = new AtomicInteger();
    private final long[] latencyNs = new long[SAMPLES_MAX];
    private final CountDownLatch stopped;
    private volatile long measuredFromNs;
    private volatile boolean measuring;
    private volatile boolean stopping;

    private DurableAppendBench(JournalHarness harness, int partitions, int recordBytes) {
        this.harness = harness;
        this.value = "x".repeat(recordBytes);
        this.stopped = new CountDownLatch(partitions);
    }

    public static void main(String[] args) throws Exception {
        int partitions = Integer.parseInt(args[1]);
        long seconds = Long.parseLong(args[2]);
        Map<String, String> config = new HashMap<>(Map.of("journal.flush", "auto"));
        for (int i = 4; i < args.length; i++) {
            int equals = args[i].indexOf('=');
            config.put(args[i].substring(0, equals), args[i].substring(equals + 1));
        }
        try (SsdStore store = new SsdStore(Path.of(args[0]));
                JournalHarness harness = new JournalHarness(store, config)) {
            harness.image(Images.topic(JournalHarness.ORDERS_ID, "orders", partitions, Map.of()));
            harness.journal.recovered().get();
            new DurableAppendBench(harness, partitions, Integer.parseInt(args[3])).run(partitions, seconds);
        }
    }

    private void run(int partitions, long seconds) throws InterruptedException {
        CountDownLatch pause = new CountDownLatch(1);
        for (int i = 0; i < partitions; i++) {
            send(new Partition(JournalHarness.ORDERS_ID, i));
        }
        boolean early = pause.await(seconds / 2, java.util.concurrent.TimeUnit.SECONDS);
        measuredFromNs = System.nanoTime();
        measuring = !early;
        long cpu = cpuNs();
        long start = System.nanoTime();
        early = pause.await(seconds, java.util.concurrent.TimeUnit.SECONDS);
        measuring = early;
        double elapsed = (System.nanoTime() - start) / 1e9;
        double cpuSeconds = (cpuNs() - cpu) / 1e9;
        stopping = true;
        stopped.await();
        int count = Math.min(samples.get(), SAMPLES_MAX);
        Arrays.sort(latencyNs, 0, count);
        System.out.printf(
                "partitions=%d appends/s=%.0f MB/s=%.1f cpu-s/GB=%.1f cpu-s/M-appends=%.1f p50=%.2fms p99=%.2fms%n",
                partitions,
                appends.get() / elapsed,
                bytes.get() / elapsed / 1e6,
                cpuSeconds / (bytes.get() / 1e9),
                cpuSeconds / (appends.get() / 1e6),
                latencyNs[count / 2] / 1e6,
                latencyNs[(int) (count * 0.99)] / 1e6);
        for (Meter meter : harness.registry.getMeters()) {
            String name = meter.getId().getName();
            if (name.contains("flush") || name.contains("wal") || name.contains("checkpoint")) {
                System.out.println("  " + name + " " + meter.measure());
            }
        }
    }

    private void send(Partition partition) {
        ByteBuf batch = Batches.of(value);
        int size = batch.readableBytes();
        long start = System.nanoTime();
        harness.journal.append(partition, batch, AppendOptions.DURABLE, harness.loop(), result -> {
            if (!result.succeeded()) {
                System.out.println("refused: " + result.error());
            }
            // Not those sent before: the first append to each partition waits for a thousand files to be created.
            if (measuring && start >= measuredFromNs) {
                appends.incrementAndGet();
                bytes.addAndGet(size);
                int at = samples.getAndIncrement();
                if (at < SAMPLES_MAX) {
                    latencyNs[at] = System.nanoTime() - start;
                }
            }
            if (stopping || !result.succeeded()) {
                stopped.countDown();
            } else {
                send(partition);
            }
        });
    }

    private static long cpuNs() {
        return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime();
    }
}
