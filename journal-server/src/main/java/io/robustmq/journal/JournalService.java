package io.robustmq.journal;

import io.micrometer.core.instrument.MeterRegistry;
import io.netty.buffer.ByteBuf;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.loop.Cancellable;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.loop.LoopGroup;
import io.robustmq.core.meta.MetaDelta;
import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.meta.MetaListener;
import io.robustmq.core.model.Partition;
import io.robustmq.core.port.AppendOptions;
import io.robustmq.core.port.AppendResult;
import io.robustmq.core.port.EpochEnd;
import io.robustmq.core.port.Isolation;
import io.robustmq.core.port.Journal;
import io.robustmq.core.port.LogDirectory;
import io.robustmq.core.port.MetaLog;
import io.robustmq.core.port.NodeLink;
import io.robustmq.core.port.PartitionState;
import io.robustmq.core.port.ProducerState;
import io.robustmq.core.port.ReadResult;
import io.robustmq.core.port.SegmentStore;
import io.robustmq.core.port.TimestampedOffset;
import io.robustmq.core.record.BatchPacker;
import io.robustmq.journal.flush.GroupCommit;
import io.robustmq.journal.home.NodeHome;
import io.robustmq.journal.home.PackName;
import io.robustmq.journal.log.ReferenceScan;
import io.robustmq.journal.replica.FetchService;
import io.robustmq.journal.replica.ReplicaThrottle;
import io.robustmq.journal.tier.NodeTier;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The journal of one node: a {@link Shard} for each partition that the image places here. Any thread; each shard is owned by
 * the loop of its partition. Files are handled by disk threads, flushes by those of {@link GroupCommit}.
 */
public final class JournalService implements Journal, MetaListener, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(JournalService.class);
    private static final int CLOSE_SECONDS_MAX = 60;
    private static final int OFFLINE_CHECK_MS = 250;
    /** As often partitions in memory are checked against their retention. */
    private static final long MEMORY_CHECK_MS = 1_000;

    private final JournalConfig config;
    private final @Nullable NodeTier tier;
    private final LoopGroup loops;
    private final DiskThreads disks;
    private final Flushes flushes;
    private final Inflight inflight;
    private final Directories directories;
    private final Shards shards;
    private final TimeSearch times;
    private volatile boolean metadataReadAlone;
    private final Replication replication;
    private final List<Ticker> tickers = new ArrayList<>();
    private volatile boolean closedCleanly;
    /** In the thread that images come in. */
    private boolean ratesKnown;

    /**
     * @param stores by the name that a topic's {@code storage} gives; not closed by the journal
     * @param nodeId which replicas are this node's
     */
    public JournalService(
            JournalConfig config,
            LoopGroup loops,
            Map<String, SegmentStore> stores,
            int nodeId,
            MeterRegistry registry) {
        this(config, loops, stores, Map.of(), nodeId, registry);
    }

    /** @param further stores of partitions with {@code storage=ssd}, by the names of their directories */
    public JournalService(
            JournalConfig config,
            LoopGroup loops,
            Map<String, SegmentStore> stores,
            Map<String, SegmentStore> further,
            int nodeId,
            MeterRegistry registry) {
        this(config, loops, stores, further, nodeId, registry, null, null);
    }

    /**
     * @param tier the object store for topics with {@code remote.storage.enable}; null when there is none. Not closed here
     * @param home the same for topics with {@code storage=s3|hdfs}
     */
    public JournalService(
            JournalConfig config,
            LoopGroup loops,
            Map<String, SegmentStore> stores,
            Map<String, SegmentStore> further,
            int nodeId,
            MeterRegistry registry,
            @Nullable NodeTier tier,
            @Nullable NodeHome home) {
        this.tier = tier;
        this.config = config;
        this.loops = loops;
        JournalMetrics metrics = new JournalMetrics(registry);
        this.disks = new DiskThreads(config.diskThreads());
        Map<String, SegmentStore> all = new LinkedHashMap<>(stores);
        all.putAll(further);
        this.flushes = new Flushes(all, config.flushing(), metrics.flush);
        this.directories = directories(flushes.stores(), further.keySet());
        this.inflight = new Inflight(config.inflightBytesMax());
        this.replication = new Replication(nodeId, config.replicaLagMs(), new ReplicaThrottle(metrics.throttle), loops);
        ShardContext context = new ShardContext(
                config,
                flushes,
                disks.upkeep(),
                inflight,
                metrics,
                new Cleaner(config.cleanerMapBytes()),
                new Rooms(),
                replication,
                tier,
                home,
                new MemoryRing(flushes.stores()));
        this.shards = new Shards(context, loops, flushes.stores(), directories, nodeId);
        this.times = new TimeSearch(shards::get, disks, config.decompressedBytesMax());
        metrics.gauge("robustmq.journal.inflight.bytes", "Bytes of appends not answered yet", inflight::used);
        metrics.gauge("robustmq.journal.shards", "Partitions of this node", shards::count);
        metrics.gauge(
                "robustmq.journal.shards.offline", "Partitions of this node that it cannot use", () -> shards.offline()
                        .size());
        metrics.gauge(
                "robustmq.journal.directories.failed", "Directories that cannot be used", directories::failedCount);
        metrics.gauge(
                "robustmq.journal.wal.segments",
                "Segments whose end the write-ahead files may hold",
                flushes::coveredCount);
    }

    /** There are other nodes to replicate to and from. Before the first image. */
    public void joinCluster(MetaLog meta, NodeLink link) {
        replication.join(meta, link);
        Loop loop = loops.loops().get(0);
        tickers.add(new Ticker(loop, Math.max(1, config.replicaLagMs() / 10), shards::checkInSync));
        tickers.add(new Ticker(loop, OFFLINE_CHECK_MS, () -> {
            replication.tellOffline(shards.offline());
            replication.tellFull(shards.full(loop.nanoTime()));
        }));
    }

    /** The store by the name of {@code storage=ssd} comes first; without it there is nothing to place. */
    private static Directories directories(Map<String, SegmentStore> stores, Set<String> further) {
        Map<String, SegmentStore> guarded = new LinkedHashMap<>();
        further.forEach(name -> guarded.put(name, Objects.requireNonNull(stores.get(name))));
        SegmentStore first =
                stores.getOrDefault(Shards.FILES, stores.values().iterator().next());
        return new Directories(first, guarded);
    }

    /** Whether every directory can be used, and is the only one with what is in it. */
    public boolean hasAll() {
        return directories.isWhole();
    }

    @Override
    public boolean isSureToLead(Partition partition) {
        Shard shard = shards.get(partition);
        return shard != null && shard.replicas.isSureToLead();
    }

    @Override
    public boolean isMetadataCurrent() {
        return metadataReadAlone || shards.hasJoined();
    }

    /** On the only node, which has read all that was decided before it began. */
    public void metadataReadAlone() {
        metadataReadAlone = true;
    }

    @Override
    public List<LogDirectory> directories() {
        return directories.shown();
    }

    /** The meta service knows this process: it may lead and follow. In the thread that images come in. */
    public void registered(long incarnationEpoch) {
        replication.registered(incarnationEpoch);
        shards.join(loops.loops().get(0).nowMs());
    }

    /** Until then, by the clock of {@link Loop#nanoTime}, nobody takes this process for dead. Any thread. */
    public void leased(long untilNanos) {
        replication.leased(untilNanos);
    }

    /** What other nodes' fetches are answered by. */
    public NodeLink.Service fetchService() {
        return new FetchService(
                partition -> {
                    Shard shard = shards.get(partition);
                    return shard == null ? null : shard.replicas;
                },
                replication.throttle,
                config.replicaPaceMs());
    }

    /** What this node has of partitions, whether it leads them or not. */
    public LocalReplicas replicas() {
        return new LocalReplicas(shards);
    }

    /** In which life the cluster knows this node; negative before it does. Any thread. */
    public long incarnation() {
        return replication.incarnation();
    }

    public long inflightBytesMax() {
        return config.inflightBytesMax();
    }

    /** Begins the periodic work. */
    public void start() {
        shards.started();
        Loop loop = loops.loops().get(0);
        tickers.add(new Ticker(loop, config.directoryCheckMs(), shards::checkDirectories));
        tickers.add(new Ticker(loop, config.retentionCheckMs(), () -> shards.checkRetention(loop.nowMs())));
        tickers.add(new Ticker(loop, Math.min(MEMORY_CHECK_MS, config.retentionCheckMs()), shards::checkMemory));
        tickers.add(new Ticker(loop, config.cleanerCheckMs(), shards::checkCompaction));
        tickers.add(new Ticker(loop, config.flushIntervalMs(), shards::flushDirty));
        if (tier != null) {
            tickers.add(new Ticker(loop, tier.config().checkMs(), shards::checkTier));
        }
        tickers.forEach(Ticker::start);
    }

    /** Completes when the shards of the first image with a cluster are open; fails when a newer version wrote one. */
    public CompletableFuture<@Nullable Void> recovered() {
        return shards.recovered().thenCombine(flushes.recovered(), (opened, replayed) -> null);
    }

    @Override
    public void onImage(MetaDelta delta, MetaImage image) {
        if (delta.nodeConfigsChanged() || !ratesKnown) {
            ratesKnown = true;
            ReplicaThrottle.Rates rates = ReplicationRates.of(image, config, replication.nodeId);
            replication.throttle.rates(rates, loops.loops().get(0).nanoTime());
        }
        shards.onImage(delta, image, loops.loops().get(0).nowMs());
    }

    @Override
    public void append(
            Partition partition, ByteBuf batches, AppendOptions options, Loop loop, Consumer<AppendResult> reply) {
        Shard shard = shards.get(partition);
        if (shard == null) {
            batches.release();
            loop.run(() -> reply.accept(AppendResult.refused(BrokerError.UNKNOWN_TOPIC_OR_PARTITION)));
            return;
        }
        shard.submit(new AppendRequest(packed(shard, batches, options), options, loop, reply, shard.loop.nanoTime()));
    }

    @Override
    public ReadResult read(
            Partition partition, long offset, int maxBytes, boolean atLeastOneBatch, Isolation isolation) {
        Shard shard = shards.get(partition);
        return shard == null
                ? ReadResult.refused(BrokerError.UNKNOWN_TOPIC_OR_PARTITION)
                : shard.window.read(offset, maxBytes, atLeastOneBatch, isolation);
    }

    @Override
    public Cancellable onAdvance(Partition partition, long offset, Isolation isolation, Loop loop, Runnable task) {
        Shard shard = shards.get(partition);
        if (shard == null) {
            loop.execute(task);
            return Cancellable.NOTHING;
        }
        return shard.window.onAdvance(offset, isolation, loop, task);
    }

    @Override
    public @Nullable PartitionState state(Partition partition) {
        Shard shard = shards.get(partition);
        return shard == null ? null : shard.window.view().state();
    }

    @Override
    public boolean isHere(Partition partition, long offset) {
        Shard shard = shards.get(partition);
        return shard == null || shard.window.isHere(offset);
    }

    /**
     * The packs that a partition needs of a topic whose records live in the object store: of what is written, and of what waits to be.
     * {@code done} is told once, in any thread; null when this node does not lead it for sure.
     */
    public void livePacks(Partition partition, Consumer<@Nullable Set<PackName>> done) {
        Shard shard = shards.get(partition);
        ShardHome home = shard == null ? null : shard.home;
        if (home == null) {
            done.accept(null);
        } else {
            home.livePacks(done);
        }
    }

    /** What a partition's log refers to in packs, told in any thread; null when this node does not lead it for sure. */
    public void references(Partition partition, Consumer<@Nullable ReferenceScan> done) {
        Shard shard = shards.get(partition);
        ShardHome home = shard == null ? null : shard.home;
        if (home == null) {
            done.accept(null);
        } else {
            home.references(done);
        }
    }

    /** What this node leads of topics in the object store is looked through soon for objects that nothing refers to. */
    public void sweepTier() {
        shards.sweepTier();
    }

    @Override
    public void offsetForTime(
            Partition partition, long timestampMs, Isolation isolation, Loop loop, Consumer<TimestampedOffset> reply) {
        times.first(partition, timestampMs, isolation, loop, reply);
    }

    @Override
    public void offsetForMaxTimestamp(Partition partition, Loop loop, Consumer<TimestampedOffset> reply) {
        times.newest(partition, loop, reply);
    }

    @Override
    public EpochEnd endOfEpoch(Partition partition, int leaderEpoch) {
        Shard shard = shards.get(partition);
        return shard == null ? EpochEnd.UNKNOWN : shard.window.endOfEpoch(leaderEpoch);
    }

    @Override
    public void producers(Partition partition, Loop loop, Consumer<List<ProducerState>> reply) {
        Shard shard = shards.get(partition);
        if (shard == null) {
            loop.run(() -> reply.accept(List.of()));
            return;
        }
        shard.loop.run(() -> {
            boolean open = shard.window.refusal() == BrokerError.NONE;
            List<ProducerState> states = open ? shard.producers.states() : List.of();
            loop.run(() -> reply.accept(states));
        });
    }

    @Override
    public void deleteRecords(Partition partition, long beforeOffset, Loop loop, Consumer<AppendResult> reply) {
        Shard shard = shards.get(partition);
        if (shard == null) {
            loop.run(() -> reply.accept(AppendResult.refused(BrokerError.UNKNOWN_TOPIC_OR_PARTITION)));
            return;
        }
        shard.deleteRecords(beforeOffset, result -> loop.run(() -> reply.accept(result)));
    }

    /** Answers what is being flushed, refuses the rest, and leaves every log ready to open without a scan. */
    @Override
    public void close() {
        tickers.forEach(Ticker::close);
        try {
            closedCleanly = shards.closeAll().get(CLOSE_SECONDS_MAX, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            LOG.warn(
                    "action=close reason=\"not every partition closed cleanly; they are scanned at the next start\"",
                    e);
        }
        // Disk threads may still take segments out of the write-ahead files.
        disks.close();
        flushes.close();
    }

    /** After {@link #close}: whether every partition of this node is on disk as a whole. */
    public boolean closedCleanly() {
        return closedCleanly;
    }

    /** In the caller's thread, which no other partition waits for. Takes {@code batches}. */
    private ByteBuf packed(Shard shard, ByteBuf batches, AppendOptions options) {
        return options.origin().isClient()
                ? BatchPacker.pack(batches, shard.compress(), config.decompressedBytesMax())
                : batches;
    }
}
