package io.robustmq.journal.home.sweep;

import io.robustmq.core.config.TopicSettings;
import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.meta.NodeImage;
import io.robustmq.core.meta.PartitionImage;
import io.robustmq.core.meta.TopicImage;
import io.robustmq.core.model.Partition;
import io.robustmq.core.port.StoreException;
import io.robustmq.core.port.StoreException.Kind;
import io.robustmq.journal.home.PackName;
import io.robustmq.journal.tier.NodeTier;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/** Finds out which packs there are and which of them are needed. Its calls block. Thread-safe. */
public final class PackCensus {
    private static final long ANSWER_MS_MAX = PacksLink.TIMEOUT_MS + 4_000;

    private final NodeTier tier;
    private final Supplier<MetaImage> image;
    private final int nodeId;
    private final long life;
    private final NodePacks here;
    private final PackPeers elsewhere;
    /** Of what there was the last time, so that the store is asked once. */
    private final Set<PackName> knownSealed = ConcurrentHashMap.newKeySet();

    /** @param life of this node's process, as {@link PackName} has it */
    public PackCensus(
            NodeTier tier, Supplier<MetaImage> image, int nodeId, long life, LivePacks here, PackPeers elsewhere) {
        this.tier = tier;
        this.image = image;
        this.nodeId = nodeId;
        this.life = life;
        this.here = new NodePacks(here);
        this.elsewhere = elsewhere;
    }

    /**
     * What there was, and what was needed after that.
     *
     * @param packs with their sizes
     * @param sealed those into which nothing more can come: an object is, a stream may be
     */
    record Counted(Map<PackName, Long> packs, Set<PackName> sealed, Set<PackName> live) {
        /** And never will be referred to. */
        Set<PackName> unreferenced() {
            Set<PackName> unreferenced = new HashSet<>(sealed);
            unreferenced.removeAll(live);
            return unreferenced;
        }

        Set<PackName> open() {
            Set<PackName> open = new HashSet<>(packs.keySet());
            open.removeAll(sealed);
            return open;
        }
    }

    /** Fails when the store does not answer, or not all partitions do. */
    Counted take() throws IOException {
        Map<PackName, Long> packs = packs();
        Set<PackName> sealed = sealed(packs.keySet());
        // Not before: what waited or was written when a pack was listed, and was sealed, still is, or nobody will write
        // it.
        return new Counted(packs, sealed, live());
    }

    private Set<PackName> sealed(Set<PackName> listed) throws IOException {
        Set<PackName> sealed = new HashSet<>();
        for (PackName pack : listed) {
            if (knownSealed.contains(pack) || isSealed(pack)) {
                sealed.add(pack);
            }
        }
        knownSealed.retainAll(sealed);
        knownSealed.addAll(sealed);
        return sealed;
    }

    private boolean isSealed(PackName pack) throws IOException {
        try {
            return tier.objects().isSealed(object(pack));
        } catch (StoreException e) {
            if (e.kind() == Kind.NOT_FOUND) {
                return false;
            }
            throw e;
        }
    }

    /** Whether the process is gone that wrote it. */
    boolean isAbandoned(PackName pack) {
        if (pack.node() == nodeId) {
            return pack.life() != life;
        }
        NodeImage node = image.get().nodes().get(pack.node());
        return node == null || node.fenced();
    }

    /** In the store, with their sizes: of streams that are not sealed, as of some time ago. */
    Map<PackName, Long> packs() throws IOException {
        String prefix = tier.prefix();
        Map<PackName, Long> packs = new TreeMap<>();
        tier.objects().list(PackName.directory(prefix), object -> {
            PackName pack = PackName.parse(prefix, object.name());
            if (pack != null) {
                packs.put(pack, object.sizeInBytes());
            }
        });
        return packs;
    }

    /** Now. */
    long sizeInBytes(PackName pack) throws IOException {
        return tier.objects().sizeInBytes(object(pack));
    }

    /** Whether packs are in streams, which are at least as long as what is referred to. */
    boolean inStreams() {
        return tier.objects().inStreams();
    }

    boolean isPack(String object) {
        return PackName.parse(tier.prefix(), object) != null;
    }

    String object(PackName pack) {
        return pack.object(tier.prefix());
    }

    int leader(Partition partition) {
        PartitionImage known = image.get().partition(partition);
        return known == null ? PartitionImage.NO_LEADER : known.leader();
    }

    boolean isHere(int leader) {
        return leader == nodeId;
    }

    private Set<PackName> live() throws IOException {
        Map<Integer, List<Partition>> byLeader = new TreeMap<>();
        for (TopicImage topic : image.get().topics()) {
            if (TopicSettings.of(topic.configs()).isHome()) {
                for (PartitionImage partition : topic.partitions()) {
                    byLeader.computeIfAbsent(partition.leader(), leader -> new ArrayList<>())
                            .add(topic.partition(partition.index()));
                }
            }
        }
        Set<PackName> live = new HashSet<>();
        for (Map.Entry<Integer, List<Partition>> each : byLeader.entrySet()) {
            List<Partition> partitions = each.getValue();
            for (int from = 0; from < partitions.size(); from += PackPeers.PARTITIONS_MAX) {
                int to = Math.min(partitions.size(), from + PackPeers.PARTITIONS_MAX);
                live.addAll(live(each.getKey(), partitions.subList(from, to)));
            }
        }
        return live;
    }

    /** What the partitions need that the node leads. */
    Set<PackName> live(int leader, List<Partition> partitions) throws IOException {
        CompletableFuture<PackPeers.Answer> answer = new CompletableFuture<>();
        if (leader == PartitionImage.NO_LEADER) {
            answer.complete(PackPeers.Answer.unknown(partitions.get(0)));
        } else if (leader == nodeId) {
            here.ask(partitions, answer::complete);
        } else {
            elsewhere.ask(leader, partitions, answer::complete);
        }
        Partition unknown;
        try {
            PackPeers.Answer told = answer.get(ANSWER_MS_MAX, TimeUnit.MILLISECONDS);
            unknown = told.unknown();
            if (unknown == null) {
                return told.packs();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } catch (ExecutionException | TimeoutException e) {
            throw new IOException("node " + leader + " does not say which packs " + partitions.get(0) + " needs", e);
        }
        throw new IOException("node " + leader + " does not say which packs " + unknown + " needs");
    }
}
