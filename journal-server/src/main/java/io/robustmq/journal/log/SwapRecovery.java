package io.robustmq.journal.log;

import io.robustmq.core.port.SegmentStore;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends what an interrupted compaction or deletion left, by the names alone. A compacted log counts from the moment its index is there,
 * which is written last, atomically, and durably: before it the log is forgotten, after it what it takes the place of is. What is beside
 * a log goes when that is not there.
 */
final class SwapRecovery {
    private static final Logger LOG = LoggerFactory.getLogger(SwapRecovery.class);

    private SwapRecovery() {}

    /** The names that are left. */
    static List<String> resolve(SegmentStore store, String shard, List<String> names) throws IOException {
        Map<Long, Integer> current = new TreeMap<>();
        for (String name : names) {
            int generation = FileNames.generation(name, FileNames.LOG);
            long base = generation < 0 ? 0 : FileNames.offset(name);
            boolean counts = generation == 0
                    || (generation > 0 && names.contains(FileNames.name(base, generation, FileNames.INDEX)));
            if (counts) {
                current.merge(base, generation, Math::max);
            }
        }
        List<String> left = new ArrayList<>(names.size());
        for (String name : names) {
            boolean leftover = isLeftover(name, FileNames.LOG, current)
                    || isLeftover(name, FileNames.INDEX, current)
                    || isLeftover(name, FileNames.ABORTED, current);
            if (leftover) {
                LOG.info("shard={} file={} action=delete reason=\"its segment is gone\"", shard, name);
                store.delete(shard, name);
            } else {
                left.add(name);
            }
        }
        return left;
    }

    private static boolean isLeftover(String name, String kind, Map<Long, Integer> current) {
        int generation = FileNames.generation(name, kind);
        if (generation < 0) {
            return false;
        }
        Integer wanted = current.get(FileNames.offset(name));
        return wanted == null || generation != wanted;
    }
}
