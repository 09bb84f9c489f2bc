package io.robustmq.journal.home.sweep;

import io.robustmq.core.model.Partition;
import io.robustmq.journal.home.PackName;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Puts together what partitions of this node need: one after the other, until one does not say. Any thread. */
final class NodePacks {
    private final LivePacks live;
    private final int packsMax;

    NodePacks(LivePacks live) {
        this(live, PackPeers.PACKS_MAX);
    }

    NodePacks(LivePacks live, int packsMax) {
        this.live = live;
        this.packsMax = packsMax;
    }

    void ask(List<Partition> partitions, Consumer<PackPeers.Answer> done) {
        askNext(partitions, 0, new HashSet<>(), done);
    }

    private void askNext(List<Partition> partitions, int index, Set<PackName> all, Consumer<PackPeers.Answer> done) {
        if (index == partitions.size()) {
            done.accept(PackPeers.Answer.known(all));
            return;
        }
        Partition partition = partitions.get(index);
        live.of(partition, packs -> {
            if (add(packs, all)) {
                askNext(partitions, index + 1, all, done);
            } else {
                done.accept(PackPeers.Answer.unknown(partition));
            }
        });
    }

    private boolean add(@Nullable Set<PackName> packs, Set<PackName> all) {
        if (packs == null) {
            return false;
        }
        all.addAll(packs);
        return all.size() <= packsMax;
    }
}
