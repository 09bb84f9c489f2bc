package io.robustmq.server.node;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.netty.buffer.ByteBufAllocator;
import io.robustmq.core.loop.LoopGroup;
import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.meta.TopicImage;
import io.robustmq.core.model.TopicName;
import io.robustmq.core.port.Journal;
import io.robustmq.core.port.MetaLog;
import io.robustmq.core.port.object.RequestKind;
import io.robustmq.core.tier.TierConfig;
import io.robustmq.core.tier.TierObjects;
import io.robustmq.core.tier.TierService;
import io.robustmq.core.tier.link.TierLink;
import io.robustmq.journal.JournalService;
import io.robustmq.journal.home.HomeConfig;
import io.robustmq.journal.home.NodeHome;
import io.robustmq.journal.home.sweep.PackAudit;
import io.robustmq.journal.home.sweep.PackCensus;
import io.robustmq.journal.home.sweep.PackCheck;
import io.robustmq.journal.home.sweep.PackPeers;
import io.robustmq.journal.home.sweep.PackSweeper;
import io.robustmq.journal.home.sweep.PacksLink;
import io.robustmq.journal.home.sweep.PacksService;
import io.robustmq.journal.tier.NodeTier;
import io.robustmq.journal.tier.TierAudit;
import io.robustmq.server.admin.AdminApi;
import io.robustmq.server.admin.StorageCalls;
import io.robustmq.server.config.ConfigException;
import io.robustmq.server.link.LinkClient;
import io.robustmq.server.store.TierStore;
import io.robustmq.storage.retry.RequestCounts;
import io.robustmq.storage.retry.RetryingObjectStore;
import io.robustmq.storage.retry.StoreHealth;
import java.io.IOException;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Makes what keeps segments in an object store. Used by the thread that starts the node. */
final class TierParts {
    private final NodeParts node;
    private final TierConfig config;
    private final RequestCounts requests = new RequestCounts();
    private @Nullable NodeTier tier;
    private @Nullable StoreHealth health;
    private @Nullable NodeHome home;
    private @Nullable PackSweeper sweeper;
    private @Nullable PackAudit packs;

    TierParts(NodeParts node) {
        this.node = node;
        this.config = TierConfig.from(node.values);
    }

    /** Before the journal. Null when no store is configured. */
    @Nullable
    NodeTier openStore(MetaLog meta) throws IOException {
        if (!config.isOn()) {
            return null;
        }
        RequestCounts counts = requests;
        RetryingObjectStore store;
        try {
            store = node.parts.add("object store", TierStore.open(node.values, counts));
        } catch (IllegalArgumentException e) {
            throw new ConfigException("remote.storage.store=" + config.store() + ": " + e.getMessage());
        }
        measure(store.health(), counts);
        health = store.health();
        NodeTier opened = new NodeTier(config, store, meta::image, node.registry());
        tier = opened;
        return node.parts.add("segments in the object store", opened);
    }

    /** For topics whose records live in the store; before the journal. Null when no store is configured. */
    @Nullable
    NodeHome openHome() {
        NodeTier opened = tier;
        if (opened == null) {
            return null;
        }
        NodeHome made = new NodeHome(HomeConfig.from(node.values), opened, node.config.nodeId(), node.registry());
        home = made;
        return node.parts.add("records in the object store", made);
    }

    /**
     * What operators ask about the store, if there is one.
     *
     * @param everywhere asks each partition's leader
     */
    void serve(AdminApi api, MetaLog meta, JournalService journal, Journal everywhere, LoopGroup loops) {
        NodeTier opened = tier;
        StoreHealth known = health;
        PackAudit ofPacks = packs;
        PackSweeper ofNode = sweeper;
        if (opened != null && known != null && ofPacks != null && ofNode != null) {
            TierAudit.Leaders leaders =
                    (partition, done) -> everywhere.leaderState(partition, loops.loopFor(partition), done);
            TierAudit audit = node.parts.add("audit of the object store", new TierAudit(opened, leaders));
            Runnable sweep = () -> {
                journal.sweepTier();
                CompletableFuture<?> unused = ofNode.sweepNow();
            };
            api.serve(
                    "/api/v1/storage/",
                    new StorageCalls(
                            meta, new StorageCalls.Store(config.store(), known, requests, audit, ofPacks, sweep)));
        }
    }

    /** What other nodes ask about packs; behind the sweeper's start. */
    PacksService answerPacks(JournalService journal) {
        return new PacksService(journal::livePacks, packs);
    }

    /** Behind the journal, when that works. */
    void startSweeper(MetaLog meta, JournalService journal, Transport transport, @Nullable LinkClient link) {
        NodeTier opened = tier;
        NodeHome kept = home;
        if (opened == null || kept == null) {
            return;
        }
        int self = node.config.nodeId();
        PackPeers peers = link == null ? PackPeers.NONE : new PacksLink(link, transport.loops());
        PackCensus census = new PackCensus(opened, meta::image, self, kept.life(), journal::livePacks, peers);
        PackCheck check = new PackCheck(census, journal::references, kept.reads());
        packs = node.parts.add("audit of shared objects", new PackAudit(census, check, peers));
        PackSweeper sweeps = new PackSweeper(
                HomeConfig.from(node.values),
                opened,
                census,
                () -> sweeps(meta.image(), journal, self),
                System::nanoTime,
                node.registry());
        node.parts.add("sweeper of shared objects", sweeps).start();
        sweeper = sweeps;
    }

    /** One node of the cluster does; none before there is a manifest, which the first partition in the store has made. */
    private static boolean sweeps(MetaImage image, JournalService journal, int self) {
        TopicImage manifests = image.topic(TopicName.SEGMENTS);
        return manifests != null
                && image.leaderOf(TopicName.SEGMENTS, 0) == self
                && journal.isSureToLead(manifests.partition(0));
    }

    private void measure(StoreHealth health, RequestCounts counts) {
        for (RequestKind kind : RequestKind.values()) {
            FunctionCounter.builder("robustmq.tier.requests", counts, each -> (double) each.requests(kind))
                    .description("Requests to the object store, as they are billed")
                    .tag("kind", kind.name().toLowerCase(Locale.ROOT))
                    .register(node.registry());
        }
        Gauge.builder(
                        "robustmq.tier.store.down.seconds",
                        health,
                        each -> each.downForMs().orElse(0) / 1_000.0)
                .description("Since when nothing succeeds at the object store; 0 while something does")
                .register(node.registry());
    }

    /** Behind the journal. Also where no store is: other nodes may have one. */
    TierService makeManifests(MetaLog meta, Journal journal, Transport transport, @Nullable LinkClient link) {
        NodeTier opened = tier;
        TierService manifests = new TierService(
                config,
                node.config.nodeId(),
                journal,
                meta,
                transport.loops(),
                ByteBufAllocator.DEFAULT,
                opened == null ? TierObjects.NONE : opened);
        if (link != null) {
            manifests.joinCluster(new TierLink(link, transport.loops()));
        }
        if (opened != null) {
            opened.manifests(manifests);
        }
        manifests.start();
        return node.parts.add("manifests of segments", manifests);
    }
}
