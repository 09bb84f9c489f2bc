package io.robustmq.e2e.nemesis;

import io.robustmq.e2e.BrokerProcess;
import io.robustmq.e2e.CommandLine;
import io.robustmq.e2e.DiskSpace;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** A file system of its own for each node's data, in memory and in this process's mount namespace, which ends with it. */
final class Disks {
    private static final String SIZE = "320m";

    private final Map<Integer, Path> fillers = new HashMap<>();
    private final boolean separate;

    Disks(boolean separate) {
        this.separate = separate;
    }

    boolean canBeFilled() {
        return separate;
    }

    void place(int id, BrokerProcess node) {
        try {
            Path disk = Files.createDirectories(node.dataDir());
            if (separate) {
                CommandLine.run("mount", "-t", "tmpfs", "-o", "size=" + SIZE, "tmpfs", disk.toString());
            }
            node.dataDir(disk.resolve("data"));
            fillers.put(id, disk.resolve("filler"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Until not a byte more fits. */
    void fill(int id) {
        try {
            DiskSpace.useUp(fillers.get(id));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void free(int id) {
        try {
            Files.deleteIfExists(fillers.get(id));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
