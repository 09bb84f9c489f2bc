package io.robustmq.journal;

import io.robustmq.core.model.Partition;
import io.robustmq.core.port.LogDirectory;
import io.robustmq.core.port.SegmentStore;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The directories that a node's partitions are spread over, each a store with a write-ahead file of its own. A partition stays
 * where it is found, a new one goes where fewest are. Placed in the meta service's thread, asked in any.
 *
 * <pre>
 *   in use ── a check fails ──► failed: its partitions are offline, nothing is placed there, until the next start
 * </pre>
 */
final class Directories {
    private static final Logger LOG = LoggerFactory.getLogger(Directories.class);

    private final List<Directory> all = new ArrayList<>();
    private boolean looked;
    private volatile boolean doubled;

    /** One of them. */
    private static final class Directory {
        private final String name;
        private final SegmentStore store;
        private final Set<Partition> placed = ConcurrentHashMap.newKeySet();
        /** What was there when the node started. Owned by the meta service's thread. */
        private final Set<String> found = new HashSet<>();

        private volatile boolean failed;

        private Directory(String name, SegmentStore store) {
            this.name = name;
            this.store = store;
        }
    }

    /** @param further by their names, in order */
    Directories(SegmentStore first, Map<String, SegmentStore> further) {
        all.add(new Directory(LogDirectory.FIRST, first));
        further.forEach((name, store) -> all.add(new Directory(name, store)));
    }

    List<LogDirectory> shown() {
        return all.stream()
                .map(directory -> new LogDirectory(directory.name, !directory.failed, of -> isIn(directory, of)))
                .toList();
    }

    /** What is in no file at all counts as in the first. */
    private boolean isIn(Directory directory, Partition partition) {
        return directory != all.get(0)
                ? directory.placed.contains(partition)
                : all.stream().skip(1).noneMatch(other -> other.placed.contains(partition));
    }

    int failedCount() {
        return (int) all.stream().filter(directory -> directory.failed).count();
    }

    /** Whether all that this node ever had is certainly what it has now. */
    boolean isWhole() {
        return failedCount() == 0 && !doubled;
    }

    /**
     * Where the partition is, or from now on will be. Waits for the replay of write-ahead files, which may bring partitions
     * back.
     *
     * @param known the partition may have been here before this process: if it is nowhere to be found, and a directory has
     *     failed, it is there
     */
    SegmentStore place(Partition partition, boolean known) {
        if (all.size() == 1) {
            return place(partition, all.get(0));
        }
        lookOnce();
        for (Directory directory : all) {
            if (directory.found.contains(partition.toString())) {
                return place(partition, directory);
            }
        }
        for (Directory directory : all) {
            if (known && directory.failed) {
                return place(partition, directory);
            }
        }
        return place(
                partition,
                all.stream()
                        .filter(directory -> !directory.failed)
                        .min(Comparator.comparingInt(directory -> directory.placed.size()))
                        .orElse(all.get(0)));
    }

    private static SegmentStore place(Partition partition, Directory directory) {
        directory.placed.add(partition);
        return directory.store;
    }

    /** The partition is deleted. */
    void forget(Partition partition) {
        for (Directory directory : all) {
            directory.placed.remove(partition);
            directory.found.remove(partition.toString());
        }
    }

    private void lookOnce() {
        if (looked) {
            return;
        }
        looked = true;
        for (Directory directory : all) {
            try {
                List<String> names = directory.store.shards();
                names.forEach(this::notTwice);
                directory.found.addAll(names);
            } catch (IOException e) {
                fail(directory, e);
            }
        }
    }

    /** One that was placed anew while its directory was away, and is back: the first that is found may be the older one. */
    private void notTwice(String name) {
        if (all.stream().anyMatch(directory -> directory.found.contains(name))) {
            doubled = true;
            LOG.warn("shard={} action=use the first reason=\"it is in two directories\"", name);
        }
    }

    /** In a disk thread: {@code lost} is told of each store that has failed since the last time, and why. */
    void check(BiConsumer<SegmentStore, IOException> lost) {
        if (all.size() == 1) {
            return;
        }
        for (Directory directory : all) {
            if (!directory.failed) {
                try {
                    directory.store.check();
                } catch (IOException e) {
                    fail(directory, e);
                    lost.accept(directory.store, e);
                }
            }
        }
    }

    private static void fail(Directory directory, IOException cause) {
        directory.failed = true;
        LOG.error("directory={} status=failed reason=\"{}\"", directory.name, cause.getMessage());
    }
}
