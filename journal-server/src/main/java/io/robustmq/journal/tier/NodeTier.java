package io.robustmq.journal.tier;

import io.micrometer.core.instrument.MeterRegistry;
import io.robustmq.core.fault.CrashPoint;
import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.model.Partition;
import io.robustmq.core.port.StoreException;
import io.robustmq.core.port.object.ObjectInfo;
import io.robustmq.core.port.object.ObjectPage;
import io.robustmq.core.port.object.ObjectStore;
import io.robustmq.core.tier.TierCommand;
import io.robustmq.core.tier.TierConfig;
import io.robustmq.core.tier.TierManifests;
import io.robustmq.core.tier.TierObjects;
import io.robustmq.core.tier.TierSegment;
import io.robustmq.journal.log.TierSource;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A node's object store, and the threads that wait for it: for what is stored, for what is read, for what is listed, and for what is deleted, so
 * that none of them holds up the others. Any thread; nothing here blocks the caller.
 */
public final class NodeTier implements TierObjects, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(NodeTier.class);
    private static final int READS_MAX = 4_096;
    private static final int CLOSE_SECONDS_MAX = 10;

    final TierConfig config;
    final TierCache cache;
    final TierMetrics metrics;
    final ObjectStore store;
    private final Supplier<MetaImage> image;
    private final ExecutorService uploads;
    private final ExecutorService lateUploads;
    private final ExecutorService reads;
    private final ExecutorService lists;
    private final ExecutorService deletions;
    final Rate uploadRate;
    private final Rate fetchRate;
    /** Owned by the thread that lists. */
    private long sweptAtMs;

    private volatile TierManifests manifests = command -> {
        throw new IllegalStateException("the manifests are not there yet");
    };

    /** @param store not closed here */
    public NodeTier(TierConfig config, ObjectStore store, Supplier<MetaImage> image, MeterRegistry registry) {
        this.config = config;
        this.store = store;
        this.image = image;
        this.metrics = new TierMetrics(registry);
        // One segment of each partition at a time waits for these threads.
        this.lateUploads = Executors.newFixedThreadPool(config.uploadThreads(), named("tier-late-upload-"));
        this.uploads = Executors.newFixedThreadPool(
                config.uploadThreads(), NiceThreads.named("tier-upload-", config.uploadNice()));
        this.reads = new ThreadPoolExecutor(
                config.fetchThreads(),
                config.fetchThreads(),
                0,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(READS_MAX),
                named("tier-fetch-"));
        // One list of each partition at a time.
        this.lists = Executors.newSingleThreadExecutor(named("tier-list-"));
        this.deletions = Executors.newSingleThreadExecutor(named("tier-delete-"));
        this.uploadRate = new Rate(config.uploadBytesPerSecond());
        this.fetchRate = new Rate(config.fetchBytesPerSecond());
        this.cache = new TierCache(config.cacheBytesMax(), reads);
        metrics.gauge("robustmq.tier.cache.bytes", "Bytes of stored segments in memory, or on their way", cache::bytes);
    }

    /** Where it is kept what is in the store. Before the first partition is opened. */
    public void manifests(TierManifests where) {
        manifests = where;
    }

    public void submit(TierCommand.OfPartition command) {
        manifests.submit(command);
    }

    public TierConfig config() {
        return config;
    }

    public WholeObjects objects() {
        return new WholeObjects(this);
    }

    public int readAheadChunks() {
        return config.readAheadChunks();
    }

    /** Of the newest image that this node knows. */
    public long imageIndex() {
        return image.get().index();
    }

    /** Where a partition's objects are. */
    String prefix(Partition partition) {
        return TierSegment.prefix(image.get().clusterId(), partition);
    }

    /** Where all the cluster's objects are. */
    public String prefix() {
        return image.get().clusterId() + "/";
    }

    /** Of an upload. */
    public interface Uploaded {
        /** Both objects are in the store. */
        void stored(TierSegment segment);

        void failed(Throwable cause);
    }

    /** The name of the next upload of a leader; never given before. */
    public String name(Partition partition, long baseOffset, long term) {
        String random = UUID.randomUUID().toString().substring(0, 8);
        return ObjectName.of(prefix(partition), baseOffset, term, random);
    }

    /**
     * Stores a segment; {@code done} is told in a thread of this, which leaves the cores to others first unless the next segment waits, too.
     *
     * @param last the segment before, whose producer table this one goes on from
     */
    public void upload(
            TierSource source,
            String name,
            int leaderEpoch,
            int producersMax,
            @Nullable TierSegment last,
            Uploaded done) {
        execute(source.isBehind() ? lateUploads : uploads, () -> {
            try {
                TierSegment segment = new SegmentUpload(this, source, name, leaderEpoch, producersMax, last).run();
                metrics.storedSegments.increment();
                metrics.storedBytes.increment(segment.bytes());
                done.stored(segment);
            } catch (IOException | RuntimeException | Error e) {
                metrics.storeFailures.increment();
                done.failed(e);
            }
        });
    }

    /** What is beside a segment; {@code done} is told in a thread of this, with null when it cannot be read; at once, when too much waits. */
    public void side(TierSegment segment, Consumer<@Nullable TierSide> done) {
        boolean begun = execute(reads, () -> {
            TierSide side = null;
            try {
                side = readSide(segment);
            } catch (IOException | RuntimeException | Error e) {
                LOG.warn("object={} action=read later reason=\"{}\"", segment.sideName(), e.toString(), trace(e));
            }
            done.accept(side);
        });
        if (!begun) {
            done.accept(null);
        }
    }

    TierSide readSide(TierSegment segment) throws IOException {
        byte[] bytes = new byte[segment.sideBytes()];
        read(segment.sideName(), 0, bytes);
        return TierSide.decode(bytes, segment.sideName());
    }

    byte[] readChunk(TierSegment segment, TierSide.Chunk chunk) throws IOException {
        byte[] bytes = new byte[chunk.bytes()];
        read(segment.logName(), chunk.position(), bytes);
        if (SegmentUpload.crc(ByteBuffer.wrap(bytes)) != chunk.crc()) {
            throw new StoreException(
                    StoreException.Kind.CORRUPT, segment.logName() + " fails its checksum at " + chunk.position());
        }
        return bytes;
    }

    void read(String object, long position, byte[] target) throws IOException {
        read(store::read, object, position, target);
    }

    /** Reads of an object or a stream. */
    @FunctionalInterface
    interface Read {
        void read(String name, long position, ByteBuffer target) throws IOException;
    }

    void read(Read read, String name, long position, byte[] target) throws IOException {
        metrics.fetches.increment();
        fetchRate.take(target.length);
        try {
            read.read(name, position, ByteBuffer.wrap(target));
            metrics.fetchedBytes.increment(target.length);
        } catch (IOException e) {
            metrics.fetchFailures.increment();
            throw e;
        }
    }

    /** Runs what waits for the store; false when too much waits already. */
    boolean later(Runnable task) {
        return execute(reads, task);
    }

    /** What there is of the partition; told in a thread of this, with null when the store does not say. */
    public void list(Partition partition, Consumer<@Nullable List<String>> done) {
        execute(lists, () -> {
            List<String> names = null;
            try {
                names = listNow(partition);
            } catch (IOException | RuntimeException | Error e) {
                LOG.warn("shard={} action=list later reason=\"{}\"", partition, e.toString(), trace(e));
            }
            done.accept(names);
            sweepUnfinished(System.currentTimeMillis());
        });
    }

    /** No object is made of it, so no list shows it. Once for the node, whoever asks. */
    private void sweepUnfinished(long nowMs) {
        if (nowMs - sweptAtMs < config.sweepIntervalMs()) {
            return;
        }
        sweptAtMs = nowMs;
        try {
            int swept = store.sweep(nowMs - TierObjects.UPLOAD_MS_MAX);
            if (swept > 0) {
                LOG.info("uploads={} action=delete reason=\"they did not end\"", swept);
            }
        } catch (IOException | RuntimeException e) {
            LOG.warn("action=sweep later reason=\"{}\"", e.getMessage());
        }
    }

    /** Deletes what nothing refers to. */
    public void deleteOrphans(Partition partition, List<String> names) {
        execute(deletions, () -> {
            LOG.info("shard={} action=delete objects={} reason=\"nothing refers to them\"", partition, names.size());
            deleteNow(partition, names);
        });
    }

    @Override
    public void delete(Partition partition, List<TierSegment> segments, Consumer<Boolean> done) {
        List<String> names =
                segments.stream().flatMap(segment -> segment.objects().stream()).toList();
        Runnable task = () -> {
            boolean gone = deleteNow(partition, names);
            if (gone) {
                CrashPoint.OBJECTS_DELETED.reached();
            }
            done.accept(gone);
        };
        if (!execute(deletions, task)) {
            done.accept(false);
        }
    }

    @Override
    public void clear(Partition partition, long term, Consumer<Boolean> done) {
        Runnable task = () -> {
            try {
                List<String> names = listNow(partition);
                names.removeIf(name -> isLater(name, term));
                LOG.info("shard={} action=delete objects={} reason=\"the topic is gone\"", partition, names.size());
                boolean gone = deleteNow(partition, names);
                if (gone) {
                    CrashPoint.PARTITION_CLEARED.reached();
                }
                done.accept(gone);
            } catch (IOException | RuntimeException | Error e) {
                LOG.warn("shard={} action=clear later reason=\"{}\"", partition, e.toString(), trace(e));
                done.accept(false);
            }
        };
        if (!execute(deletions, task)) {
            done.accept(false);
        }
    }

    private static boolean isLater(String object, long term) {
        ObjectName name = ObjectName.parse(object);
        return name != null && name.term() > term;
    }

    private List<String> listNow(Partition partition) throws IOException {
        List<String> names = new ArrayList<>();
        listNow(prefix(partition), object -> names.add(object.name()));
        return names;
    }

    /** Takes an object of a list. */
    @FunctionalInterface
    interface Listed {
        void take(ObjectInfo object) throws IOException;
    }

    void listNow(String prefix, Listed listed) throws IOException {
        eachPage(store::list, prefix, listed);
    }

    /** Lists objects or streams. */
    @FunctionalInterface
    interface Pages {
        ObjectPage list(String prefix, String after, int countMax) throws IOException;
    }

    static void eachPage(Pages pages, String prefix, Listed listed) throws IOException {
        String after = "";
        ObjectPage page;
        do {
            page = pages.list(prefix, after, ObjectStore.PAGE_COUNT_MAX);
            for (ObjectInfo object : page.objects()) {
                listed.take(object);
                after = object.name();
            }
        } while (page.more());
    }

    private boolean deleteNow(Partition partition, List<String> names) {
        try {
            for (int from = 0; from < names.size(); from += ObjectStore.PAGE_COUNT_MAX) {
                int to = Math.min(names.size(), from + ObjectStore.PAGE_COUNT_MAX);
                store.delete(names.subList(from, to));
                metrics.deletedObjects.increment(to - from);
            }
            return true;
        } catch (IOException | RuntimeException | Error e) {
            LOG.warn("shard={} action=delete later reason=\"{}\"", partition, e.toString(), trace(e));
            return false;
        }
    }

    /** What is logged with its trace: nobody finds a bug without, and what a store says needs none. */
    public static @Nullable Error trace(Throwable failure) {
        return failure instanceof Error error ? error : null;
    }

    private static boolean execute(ExecutorService in, Runnable task) {
        try {
            in.execute(task);
            return true;
        } catch (RejectedExecutionException e) {
            return false;
        }
    }

    /** What is under way ends where it is: until the manifest has it, it counts for nothing. */
    @Override
    public void close() {
        for (ExecutorService each : List.of(uploads, lateUploads, reads, lists, deletions)) {
            each.shutdownNow();
        }
        try {
            for (ExecutorService each : List.of(uploads, lateUploads, reads, lists, deletions)) {
                if (!each.awaitTermination(CLOSE_SECONDS_MAX, TimeUnit.SECONDS)) {
                    LOG.warn("action=close reason=\"the object store does not answer\"");
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Daemons, numbered. */
    public static ThreadFactory named(String prefix) {
        AtomicInteger count = new AtomicInteger();
        return task -> {
            Thread thread = new Thread(task, prefix + count.getAndIncrement());
            thread.setDaemon(true);
            return thread;
        };
    }
}
