package io.robustmq.server.store;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Makes sure that the directory is this node's, of a version that this program reads, and used by no other process. Nothing
 * is created or changed in a directory that is refused. Owned by the starting thread, closed by the stopping one.
 */
public final class DataDirectory implements AutoCloseable {
    static final int VERSION = 1;
    static final String PROPERTIES = "robustmq.properties";
    private static final String PROPERTIES_NEW = PROPERTIES + AtomicFile.UNFINISHED;
    static final String LOCK = ".lock";

    /** What an empty directory may hold: our own files from a start that was cut off, and what mkfs leaves. */
    private static final Set<String> IGNORED = Set.of(LOCK, PROPERTIES_NEW, "lost+found");

    /** What a start script puts beside them. */
    private static final Set<String> IGNORED_KINDS = Set.of("log", "out", "pid");

    private final Path path;
    private final int nodeId;
    private final FileChannel lockFile;
    private String clusterId;

    private DataDirectory(Path path, int nodeId, FileChannel lockFile, String clusterId) {
        this.path = path;
        this.nodeId = nodeId;
        this.lockFile = lockFile;
        this.clusterId = clusterId;
    }

    /** Throws RefusedException with one sentence for the operator. */
    public static DataDirectory open(Path path, int nodeId) {
        try {
            check(path, nodeId);
            Files.createDirectories(path);
            FileChannel lockFile = lock(path);
            try {
                // Again, now that nobody else can change it.
                Optional<Properties> properties = check(path, nodeId);
                String clusterId =
                        properties.map(p -> p.getProperty("cluster.id", "")).orElse("");
                DataDirectory directory = new DataDirectory(path, nodeId, lockFile, clusterId);
                if (properties.isEmpty()) {
                    directory.write();
                }
                return directory;
            } catch (IOException | RuntimeException e) {
                lockFile.close();
                throw e;
            }
        } catch (IOException e) {
            throw new RefusedException("the data directory " + path + " cannot be used: " + e);
        }
    }

    public Path path() {
        return path;
    }

    /** Empty until the cluster has formed. */
    public String clusterId() {
        return clusterId;
    }

    /** Remembers the cluster that this data belongs to. Throws RefusedException when it is another one than before. */
    public void joined(String formedClusterId) {
        if (clusterId.equals(formedClusterId)) {
            return;
        }
        if (!clusterId.isEmpty()) {
            throw new RefusedException(
                    "the data directory " + path + " belongs to cluster " + clusterId + ", not to " + formedClusterId);
        }
        clusterId = formedClusterId;
        try {
            write();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Lets another process use the directory. */
    @Override
    public void close() throws IOException {
        lockFile.close();
    }

    /** Reads the properties, empty when the directory is new. */
    private static Optional<Properties> check(Path path, int nodeId) throws IOException {
        Path file = path.resolve(PROPERTIES);
        if (!Files.exists(file)) {
            refuseForeign(path);
            return Optional.empty();
        }
        Properties properties = new Properties();
        try (InputStream in = Files.newInputStream(file)) {
            properties.load(in);
        } catch (IllegalArgumentException e) {
            throw new RefusedException(file + " cannot be read: " + e.getMessage());
        }
        int version = number(file, properties, "version");
        if (version > VERSION) {
            throw new RefusedException("the data directory " + path + " has version " + version
                    + ", written by a newer release; this one reads up to " + VERSION);
        }
        int owner = number(file, properties, "node.id");
        if (owner != nodeId) {
            throw new RefusedException("the data directory " + path + " belongs to node.id=" + owner
                    + " and this node has node.id=" + nodeId);
        }
        return Optional.of(properties);
    }

    private static int number(Path file, Properties properties, String key) {
        String text = properties.getProperty(key, "").trim();
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw new RefusedException(file + " is damaged: " + key + "=" + text + " is no number");
        }
    }

    private static void refuseForeign(Path path) throws IOException {
        if (!Files.exists(path)) {
            return;
        }
        if (!Files.isDirectory(path)) {
            throw new RefusedException("the data directory " + path + " is a file");
        }
        try (Stream<Path> entries = Files.list(path)) {
            Optional<String> foreign = entries.map(entry -> entry.getFileName().toString())
                    .filter(name -> !IGNORED.contains(name)
                            && !IGNORED_KINDS.contains(name.substring(name.lastIndexOf('.') + 1)))
                    .findFirst();
            if (foreign.isPresent()) {
                throw new RefusedException("the directory " + path + " holds " + foreign.get() + " but no " + PROPERTIES
                        + ": it is not a data directory; choose an empty one with --data-dir");
            }
        }
    }

    private static FileChannel lock(Path path) throws IOException {
        FileChannel channel = FileChannel.open(path.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        if (!tryLock(channel)) {
            channel.close();
            throw new RefusedException("the data directory " + path + " is in use by another process");
        }
        return channel;
    }

    private static boolean tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock() != null;
        } catch (OverlappingFileLockException e) {
            // Held by this very process.
            return false;
        }
    }

    /** Replaces the file in one step, so that a crash leaves the old one or the new one. */
    private void write() throws IOException {
        String text = "# Written by RobustMQ. Do not edit.\nversion=" + VERSION + "\nnode.id=" + nodeId + "\n"
                + (clusterId.isEmpty() ? "" : "cluster.id=" + clusterId + "\n");
        AtomicFile.replace(path.resolve(PROPERTIES), text.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** The directory must not be used. The message is one sentence for the operator. */
    public static final class RefusedException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        RefusedException(String sentence) {
            super(sentence, null, false, false);
        }
    }
}
