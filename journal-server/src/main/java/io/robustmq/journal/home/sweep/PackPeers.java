package io.robustmq.journal.home.sweep;

import io.robustmq.core.model.Partition;
import io.robustmq.journal.home.PackName;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Asks nodes which packs the partitions need that they lead. Any thread. */
public interface PackPeers {
    /** Where there are no other nodes. */
    PackPeers NONE = new PackPeers() {
        @Override
        public void ask(int node, List<Partition> partitions, Consumer<Answer> done) {
            done.accept(Answer.unknown(partitions.get(0)));
        }

        @Override
        public CompletableFuture<PackCheck.Checked> check(int node, Partition partition, boolean reads) {
            return CompletableFuture.failedFuture(new IOException("nobody leads " + partition));
        }
    };

    /** In one question. */
    int PARTITIONS_MAX = 64;

    /** In one answer; a node that has more does not say. */
    int PACKS_MAX = 1 << 20;

    /** Tells {@code done} once, in any thread. */
    void ask(int node, List<Partition> partitions, Consumer<Answer> done);

    /** Has a partition checked that the node leads. */
    CompletableFuture<PackCheck.Checked> check(int node, Partition partition, boolean reads);

    /**
     * What all the partitions need.
     *
     * @param unknown one of which it is not known, so that nothing is; else null
     */
    record Answer(Set<PackName> packs, @Nullable Partition unknown) {
        static Answer known(Set<PackName> packs) {
            return new Answer(packs, null);
        }

        static Answer unknown(Partition partition) {
            return new Answer(Set.of(), partition);
        }
    }
}
