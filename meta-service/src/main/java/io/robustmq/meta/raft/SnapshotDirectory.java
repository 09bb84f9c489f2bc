package io.robustmq.meta.raft;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.storage.FileInfo;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.statemachine.SnapshotInfo;
import org.apache.ratis.statemachine.SnapshotRetentionPolicy;
import org.apache.ratis.statemachine.StateMachineStorage;
import org.apache.ratis.statemachine.impl.FileListSnapshotInfo;
import org.jspecify.annotations.Nullable;

/** Snapshots, one directory each, named by term and index. Only the newest is kept. Thread-safe. */
public final class SnapshotDirectory implements StateMachineStorage {
    private static final Pattern NAME = Pattern.compile("snapshot\\.(\\d+)_(\\d+)");

    private final Path directory;
    private volatile @Nullable SnapshotInfo latest;

    private SnapshotDirectory(Path directory) {
        this.directory = directory;
    }

    /** Of the log that is there; need not exist. */
    public static SnapshotDirectory of(RaftLayout layout) throws IOException {
        SnapshotDirectory snapshots = new SnapshotDirectory(layout.snapshots());
        snapshots.refresh();
        return snapshots;
    }

    public Optional<Path> newest() throws IOException {
        return found().stream().findFirst().map(Found::path);
    }

    Path pathOf(TermIndex at) {
        return directory.resolve("snapshot." + at.getTerm() + "_" + at.getIndex());
    }

    void refresh() throws IOException {
        List<Found> found = found();
        latest = found.isEmpty() ? null : info(found.get(0));
    }

    @Override
    public void init(RaftStorage storage) throws IOException {
        Path expected = storage.getStorageDir().getStateMachineDir().toPath();
        if (!expected.toAbsolutePath().equals(directory.toAbsolutePath())) {
            throw new IOException("snapshots are expected in " + expected + ", not in " + directory);
        }
    }

    @Override
    public @Nullable SnapshotInfo getLatestSnapshot() {
        return latest;
    }

    @Override
    public void format() {
        // a new log has no snapshots
    }

    @Override
    public void cleanupOldSnapshots(SnapshotRetentionPolicy policy) throws IOException {
        List<Found> found = found();
        for (Found old : found.subList(Math.min(1, found.size()), found.size())) {
            delete(old.path);
        }
    }

    @Override
    public File getSnapshotDir() {
        return directory.toFile();
    }

    /** Newest first. */
    private List<Found> found() throws IOException {
        List<Found> found = new ArrayList<>();
        if (Files.isDirectory(directory)) {
            try (Stream<Path> paths = Files.list(directory)) {
                for (Path path : paths.toList()) {
                    Matcher name = NAME.matcher(path.getFileName().toString());
                    if (name.matches()) {
                        long term = Long.parseLong(name.group(1));
                        found.add(new Found(path, TermIndex.valueOf(term, Long.parseLong(name.group(2)))));
                    }
                }
            }
        }
        found.sort(Comparator.comparing(Found::at).reversed());
        return found;
    }

    private static SnapshotInfo info(Found snapshot) throws IOException {
        try (Stream<Path> files = Files.list(snapshot.path)) {
            return new FileListSnapshotInfo(
                    files.filter(file -> !isDigest(file))
                            .sorted()
                            .map(file -> new FileInfo(file, null))
                            .toList(),
                    snapshot.at);
        }
    }

    /** Ratis writes one beside each file of a snapshot that it received. */
    private static boolean isDigest(Path file) {
        return file.getFileName().toString().endsWith(".md5");
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(directory);
    }

    private record Found(Path path, TermIndex at) {}
}
