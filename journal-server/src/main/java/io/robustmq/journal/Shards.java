package io.robustmq.journal;

import io.robustmq.core.config.TopicSettings;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.loop.LoopGroup;
import io.robustmq.core.loop.SerialLoop;
import io.robustmq.core.meta.FullReplicas;
import io.robustmq.core.meta.MetaDelta;
import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.meta.NodeImage;
import io.robustmq.core.meta.PartitionImage;
import io.robustmq.core.meta.TopicImage;
import io.robustmq.core.model.Partition;
import io.robustmq.core.model.TopicId;
import io.robustmq.core.port.SegmentStore;
import io.robustmq.journal.Standing.Sharing;
import io.robustmq.journal.log.NewerFormatException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The shards of this node, made to match each image, one at a time. Shards are looked up in any thread.
 */
final class Shards {
    private static final Logger LOG = LoggerFactory.getLogger(Shards.class);

    static final String FILES = "ssd";

    private final ShardContext context;
    private final LoopGroup loops;
    private final Map<String, SegmentStore> stores;
    private final int nodeId;
    private final Map<Partition, Shard> shards = new ConcurrentHashMap<>();
    private final Map<TopicId, Set<Partition>> byTopic = new ConcurrentHashMap<>();
    private final Map<Partition, Shard> closing = new ConcurrentHashMap<>();
    private final CompletableFuture<@Nullable Void> recovered = new CompletableFuture<>();
    private final AtomicBoolean sweeping = new AtomicBoolean();
    private final AtomicBoolean checking = new AtomicBoolean();
    private final Directories directories;
    private volatile boolean started;
    private boolean formed;
    private volatile boolean joined;
    private volatile long formedAtMs;
    private volatile @Nullable MetaImage newest;
    private volatile boolean orphansSwept;

    /** @param directories where partitions with {@code storage=ssd} are */
    Shards(
            ShardContext context,
            LoopGroup loops,
            Map<String, SegmentStore> stores,
            Directories directories,
            int nodeId) {
        this.directories = directories;
        this.context = context;
        this.loops = loops;
        this.stores = Map.copyOf(stores);
        this.nodeId = nodeId;
    }

    @Nullable
    Shard get(Partition partition) {
        return shards.get(partition);
    }

    int count() {
        return shards.size();
    }

    CompletableFuture<@Nullable Void> recovered() {
        return recovered;
    }

    /** Returns before the shards are open; what is appended meanwhile waits in their queues. */
    synchronized void onImage(MetaDelta delta, MetaImage image, long nowMs) {
        for (TopicId id : delta.topics()) {
            TopicImage topic = image.topic(id);
            if (topic != null) {
                match(topic, image);
            } else if (!image.clusterId().isEmpty()) {
                deleteTopic(id);
            }
        }
        newest = image;
        if (!joined && isRegistered(image)) {
            joined = true;
            image.topics().forEach(topic -> match(topic, image));
        } else if (joined && (!delta.nodes().isEmpty() || delta.nodeConfigsChanged())) {
            // Who is alive may be in sync.
            image.topics().forEach(topic -> match(topic, image));
        }
        if (!formed && !image.clusterId().isEmpty()) {
            formed = true;
            formedAtMs = nowMs;
            image.topics().forEach(topic -> match(topic, image));
            completeWhenOpen();
        }
    }

    boolean hasJoined() {
        return joined;
    }

    private boolean isRegistered(MetaImage image) {
        NodeImage node = image.nodes().get(nodeId);
        return node != null && node.incarnationEpoch() == context.replication().incarnation();
    }

    /** This process is the node's present life: from now on it leads and follows. */
    synchronized void join(long nowMs) {
        MetaImage image = newest;
        if (image != null) {
            onImage(MetaDelta.NOTHING, image, nowMs);
        }
    }

    void checkInSync() {
        whenOpen(shard -> shard.replicas.check());
    }

    void checkRetention(long nowMs) {
        whenOpen(shard -> shard.upkeep.checkRetention(shard.loop.nowMs()));
        MetaImage image = newest;
        boolean due = image != null
                && !image.clusterId().isEmpty()
                && nowMs - formedAtMs >= context.config().orphanDelayMs();
        if (due && !orphansSwept && sweeping.compareAndSet(false, true)) {
            context.disk().execute(this::sweepOrphans);
        }
    }

    void checkMemory() {
        context.ring().checkRetention();
    }

    /** From now on, what is not found on a disk is new. */
    void started() {
        started = true;
    }

    /** Partitions that cannot be used; empty until all are open or have failed to. */
    Set<Partition> offline() {
        Set<Partition> offline = new HashSet<>();
        if (recovered.isDone()) {
            shards.forEach((partition, shard) -> {
                if (shard.window.refusal() == BrokerError.STORAGE_ERROR) {
                    offline.add(partition);
                }
            });
        }
        return offline;
    }

    /** Partitions that others have too, and nothing can be appended to here for want of room. */
    Set<Partition> full(long nowNs) {
        Set<Partition> full = new HashSet<>();
        if (!context.rooms().neverFull()) {
            shards.forEach((partition, shard) -> {
                if (shard.replicas.shared() && context.rooms().isFull(shard.store, nowNs)) {
                    full.add(partition);
                }
            });
        }
        return full;
    }

    void checkDirectories() {
        if (checking.compareAndSet(false, true)) {
            context.disk().execute(() -> {
                try {
                    directories.check(this::lost);
                } finally {
                    checking.set(false);
                }
            });
        }
    }

    private void lost(SegmentStore store, IOException cause) {
        for (Shard shard : shards.values()) {
            if (shard.store == store) {
                shard.loop.run(() -> shard.goOffline("use its directory", cause));
            }
        }
    }

    void checkTier() {
        for (Shard shard : shards.values()) {
            ShardTier tier = shard.tier;
            if (tier != null && tier.isConcerned()) {
                shard.whenOpen(open -> tier.check(open.loop.nowMs()));
            }
        }
    }

    void sweepTier() {
        for (Shard shard : shards.values()) {
            ShardTier tier = shard.tier;
            if (tier != null && shard.settings().tiering().stores()) {
                shard.whenOpen(open -> tier.sweepSoon());
            }
        }
    }

    private void whenOpen(Consumer<Shard> task) {
        shards.values().forEach(shard -> shard.whenOpen(task));
    }

    void checkCompaction() {
        whenOpen(shard -> shard.upkeep.checkCompaction(shard.settings(), shard.loop.nowMs()));
    }

    void flushDirty() {
        for (Shard shard : shards.values()) {
            if (shard.flush.isDirty()) {
                shard.whenOpen(open -> open.flush.request());
            }
        }
    }

    /** Whether all that is here was closed with nothing missing. */
    CompletableFuture<Boolean> closeAll() {
        List<CompletableFuture<Boolean>> closing = new ArrayList<>();
        for (Shard shard : shards.values()) {
            shard.close(false);
            closing.add(shard.closed);
        }
        return all(List.copyOf(closing)).thenApply(done -> closing.stream().allMatch(CompletableFuture::join));
    }

    private void match(TopicImage topic, MetaImage all) {
        TopicSettings settings = settings(topic);
        for (PartitionImage image : topic.partitions()) {
            Partition partition = topic.partition(image.index());
            Shard present = shards.get(partition);
            if (!image.replicas().contains(nodeId)) {
                if (present != null) {
                    LOG.info("shard={} action=delete reason=\"no replica here any more\"", partition);
                    shards.remove(partition);
                    directories.forget(partition);
                    closing.put(partition, present);
                    present.close(true);
                }
                continue;
            }
            Standing standing = standing(topic.id(), image, all, settings);
            if (present != null) {
                present.update(standing, settings);
            } else {
                open(partition, settings, standing, topic.name());
            }
        }
    }

    /** With other replicas a node takes part in its present life only: the image may still speak of an earlier one. */
    private Standing standing(TopicId topicId, PartitionImage image, MetaImage all, TopicSettings settings) {
        int inSync = Math.max(1, image.isr().size());
        int minInSync = image.minInSync(settings.minInsyncReplicas());
        if (image.replicas().size() == 1) {
            return new Standing(image.leader() == nodeId, image.leaderEpoch(), inSync, minInSync);
        }
        boolean takesPart = joined;
        Sharing sharing = new Sharing(
                takesPart ? image.leader() : PartitionImage.NO_LEADER,
                image.partitionEpoch(),
                image.replicas(),
                image.isr(),
                image.adding(),
                alive(topicId, image, all));
        return new Standing(takesPart && image.leader() == nodeId, image.leaderEpoch(), inSync, minInSync, sharing);
    }

    /** Who may join those in sync. */
    private static Map<Integer, Long> alive(TopicId topicId, PartitionImage image, MetaImage all) {
        Map<Integer, Long> alive = new HashMap<>();
        for (int replica : image.replicas()) {
            NodeImage node = all.nodes().get(replica);
            if (node != null && !node.fenced() && !FullReplicas.has(all, replica, topicId, image.index())) {
                alive.put(replica, node.incarnationEpoch());
            }
        }
        return alive;
    }

    /** Whether a partition may have been here in an earlier life: what a cluster has decided since comes bit by bit. */
    private boolean mayBeOld() {
        return !started || (!joined && context.replication().isCluster());
    }

    private void open(Partition partition, TopicSettings settings, Standing standing, String topic) {
        SegmentStore store = settings.storage().equals(FILES) || settings.isHome()
                ? directories.place(partition, mayBeOld())
                : stores.get(settings.storage());
        if (store == null || (settings.isHome() && context.home() == null)) {
            LOG.error(
                    "topic={} partition={} action=leave closed reason=\"storage={} is not configured here\"",
                    topic,
                    partition,
                    settings.storage());
            return;
        }
        Shard shard = new Shard(
                partition, new SerialLoop(loops, loops.loopFor(partition)), store, settings, standing, context);
        byTopic.computeIfAbsent(partition.topicId(), id -> ConcurrentHashMap.newKeySet())
                .add(partition);
        shards.put(partition, shard);
        Shard before = closing.remove(partition);
        if (before == null) {
            shard.open();
        } else {
            // One owner of the files at a time.
            CompletableFuture<?> unused = before.closed.whenComplete((done, failure) -> shard.open());
        }
    }

    private void deleteTopic(TopicId id) {
        Set<Partition> partitions = byTopic.remove(id);
        if (partitions == null) {
            return;
        }
        for (Partition partition : partitions) {
            Shard shard = shards.remove(partition);
            if (shard != null) {
                directories.forget(partition);
                shard.close(true);
            }
        }
        LOG.info("topic={} partitions={} action=delete reason=\"the topic is gone\"", id, partitions.size());
    }

    private void completeWhenOpen() {
        List<CompletableFuture<?>> opening = new ArrayList<>();
        for (Shard shard : shards.values()) {
            opening.add(shard.opened.exceptionally(failure -> refuseNewerFormat(failure)));
        }
        CompletableFuture<?> unused = all(opening).whenComplete((done, failure) -> {
            if (failure == null) {
                recovered.complete(null);
            } else {
                recovered.completeExceptionally(failure);
            }
        });
    }

    /** One broken partition does not keep a node from starting; a newer format does. */
    private static @Nullable Void refuseNewerFormat(Throwable failure) {
        if (failure instanceof NewerFormatException newer) {
            throw new CompletionException(newer);
        }
        return null;
    }

    private TopicSettings settings(TopicImage topic) {
        try {
            return context.ring().settings(TopicSettings.of(topic.configs()));
        } catch (IllegalArgumentException e) {
            LOG.error("topic={} action=use defaults reason=\"{}\"", topic.name(), e.getMessage());
            return TopicSettings.DEFAULTS;
        }
    }

    /** What no topic claims was left by a deletion that this node missed. Once, and only long after the start. */
    private void sweepOrphans() {
        try {
            for (SegmentStore store : stores.values()) {
                for (String name : store.shards()) {
                    sweep(store, name);
                }
            }
            orphansSwept = true;
        } catch (IOException | RuntimeException e) {
            LOG.warn("action=sweep orphans later reason=\"{}\"", e.getMessage());
        } finally {
            sweeping.set(false);
        }
    }

    private void sweep(SegmentStore store, String name) throws IOException {
        int dash = name.lastIndexOf('-');
        MetaImage image = newest;
        if (dash <= 0 || image == null) {
            return;
        }
        TopicId id;
        try {
            id = TopicId.parse(name.substring(0, dash));
        } catch (IllegalArgumentException e) {
            LOG.warn("shard={} action=leave alone reason=\"not a partition's name\"", name);
            return;
        }
        if (image.topic(id) == null && byTopic.get(id) == null) {
            LOG.info("shard={} action=delete reason=\"no topic claims it\"", name);
            store.deleteShard(name);
        }
    }

    private static CompletableFuture<@Nullable Void> all(List<CompletableFuture<?>> futures) {
        return CompletableFuture.allOf(futures.toArray(new CompletableFuture<?>[0]));
    }
}
