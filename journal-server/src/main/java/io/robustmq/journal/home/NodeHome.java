package io.robustmq.journal.home;

import io.micrometer.core.instrument.MeterRegistry;
import io.robustmq.journal.tier.NodeTier;
import java.util.UUID;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** What a node needs for topics whose records live in the object store. Any thread. */
public final class NodeHome implements AutoCloseable {
    private final HomeConfig config;
    private final Packer packer;
    private final ThreadPoolExecutor readers;
    private final PackedReads reads;
    private final long life;

    /** @param tier not closed here */
    public NodeHome(HomeConfig config, NodeTier tier, int nodeId, MeterRegistry registry) {
        this.config = config;
        this.life = UUID.randomUUID().getMostSignificantBits();
        this.packer = new Packer(config, tier.objects(), nodeId, life, tier::prefix, registry);
        this.readers = new ThreadPoolExecutor(
                config.rewriteThreads(),
                config.rewriteThreads(),
                1,
                TimeUnit.MINUTES,
                // No more than the threads that store again have asked for.
                new LinkedBlockingQueue<>(),
                task -> {
                    Thread thread = new Thread(task, "home-rewrite");
                    thread.setDaemon(true);
                    return thread;
                });
        readers.allowCoreThreadTimeOut(true);
        this.reads = new PackedReads(tier.objects(), tier::prefix, tier.readAheadChunks(), readers);
    }

    public HomeConfig config() {
        return config;
    }

    /** Of this process, among all that ever were of any node. */
    public long life() {
        return life;
    }

    public PackedReads reads() {
        return reads;
    }

    /** As {@link Packer#add}. */
    public boolean pack(PackEntry entry) {
        return packer.add(entry);
    }

    /** After the journal. */
    @Override
    public void close() {
        packer.close();
        readers.shutdownNow();
    }
}
