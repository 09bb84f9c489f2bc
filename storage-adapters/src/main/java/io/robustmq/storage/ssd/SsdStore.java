package io.robustmq.storage.ssd;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.TRUNCATE_EXISTING;
import static java.nio.file.StandardOpenOption.WRITE;

import io.robustmq.core.fault.CrashPoint;
import io.robustmq.core.port.SegmentFile;
import io.robustmq.core.port.SegmentStore;
import io.robustmq.core.port.StoreException;
import io.robustmq.core.port.StoreException.Kind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Segments as files, {@code root/shard/name}. Any thread; the file system orders what happens to one name. A segment's
 * name is made durable by its first force, so that creating one costs no flush: what was never forced was never promised.
 */
public final class SsdStore implements SegmentStore {
    private static final Logger LOG = LoggerFactory.getLogger(SsdStore.class);

    /**
     * 1: segments and side files. 2: compacted segments, whose names a version that reads only 1 does not know; and the
     * journal may keep the last appends of many shards in the shard {@code wal}, which such a version would not replay, and
     * would delete as no topic's.
     */
    static final int FORMAT_VERSION = 2;

    static final String FORMAT_FILE = "format";
    private static final String CHECK_FILE = "check";

    private static final int FORMAT_VERSION_MIN = 1;
    private static final String FORMAT_PREFIX = "robustmq-ssd ";
    private static final String LOCK_FILE = "lock";
    private static final String TEMPORARY_SUFFIX = ".tmp";

    private final Path root;
    private final FileOpener opener;
    private final FileChannel lockChannel;
    private final Set<String> unsyncedShards = ConcurrentHashMap.newKeySet();

    /** Takes the directory for this process; refuses one that another process holds or that a newer version wrote. */
    public SsdStore(Path root) throws IOException {
        this(root, FileChannel::open);
    }

    SsdStore(Path root, FileOpener opener) throws IOException {
        this.root = root;
        this.opener = opener;
        int found = readFormat(root);
        Files.createDirectories(root);
        this.lockChannel = lock(root);
        try {
            if (found < FORMAT_VERSION) {
                writeFormat();
            }
            deleteUnnamed();
        } catch (IOException e) {
            lockChannel.close();
            throw e;
        }
    }

    /** What a process that was killed had not given its name yet. Nobody else writes here: the lock is held. */
    private void deleteUnnamed() throws IOException {
        try (DirectoryStream<Path> shards = Files.newDirectoryStream(root, Files::isDirectory)) {
            for (Path shard : shards) {
                deleteUnnamed(shard);
            }
        }
    }

    private static void deleteUnnamed(Path shard) {
        try (DirectoryStream<Path> unnamed = Files.newDirectoryStream(shard, "*" + TEMPORARY_SUFFIX)) {
            for (Path each : unnamed) {
                Files.deleteIfExists(each);
            }
        } catch (DirectoryIteratorException | IOException e) {
            // Whoever opens the shard meets the same failure, and there it counts.
            LOG.warn("directory={} action=leave unnamed files reason=\"{}\"", shard, e.toString());
        }
    }

    @Override
    public SegmentFile create(String shard, String name) throws IOException {
        Path directory = directory(shard);
        makeDirectory(shard, directory);
        Path path = file(directory, name);
        try {
            return new SsdSegment(this, shard, path, opener.open(path, CREATE_NEW, READ, WRITE), false);
        } catch (IOException e) {
            throw Failures.of("create " + path, e);
        }
    }

    @Override
    public SegmentFile open(String shard, String name) throws IOException {
        Path path = file(directory(shard), name);
        try {
            // The process that created it may have ended before the name was synced.
            return new SsdSegment(this, shard, path, opener.open(path, READ, WRITE), false);
        } catch (IOException e) {
            throw Failures.of("open " + path, e);
        }
    }

    @Override
    public void replace(String shard, String name, byte[] bytes) throws IOException {
        Path directory = directory(shard);
        Path target = file(directory, name);
        Path temporary = directory.resolve(name + TEMPORARY_SUFFIX);
        makeDirectory(shard, directory);
        try {
            try (FileChannel channel = opener.open(temporary, CREATE, WRITE, TRUNCATE_EXISTING)) {
                ByteBuffer source = ByteBuffer.wrap(bytes);
                while (source.hasRemaining()) {
                    channel.write(source);
                }
                channel.force(true);
            }
            CrashPoint.SIDE_FILE_UNNAMED.reached();
            Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            syncNames(shard);
        } catch (IOException e) {
            deleteQuietly(temporary);
            throw Failures.of("replace " + target, e);
        }
    }

    /** Never the root: that it is gone is a failure of its disk, and not to be made up for by another one. */
    private void makeDirectory(String shard, Path directory) throws IOException {
        try {
            if (Files.notExists(directory)) {
                Files.createDirectory(directory);
                unsyncedShards.add(shard);
            }
        } catch (FileAlreadyExistsException e) {
            unsyncedShards.add(shard);
        } catch (IOException e) {
            throw Failures.of("create " + directory, e);
        }
    }

    @Override
    public List<String> list(String shard) throws IOException {
        List<String> names = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory(shard))) {
            for (Path entry : entries) {
                String name = String.valueOf(entry.getFileName());
                if (!name.endsWith(TEMPORARY_SUFFIX)) {
                    names.add(name);
                }
            }
        } catch (NoSuchFileException | NotDirectoryException e) {
            return List.of();
        } catch (IOException e) {
            throw Failures.of("list " + shard, e);
        }
        Collections.sort(names);
        return names;
    }

    @Override
    public List<String> shards() throws IOException {
        List<String> shards = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(root, Files::isDirectory)) {
            for (Path entry : entries) {
                String shard = String.valueOf(entry.getFileName());
                if (!list(shard).isEmpty()) {
                    shards.add(shard);
                }
            }
        } catch (IOException e) {
            throw Failures.of("list " + root, e);
        }
        Collections.sort(shards);
        return shards;
    }

    @Override
    public void delete(String shard, String name) throws IOException {
        Path directory = directory(shard);
        try {
            if (Files.deleteIfExists(file(directory, name))) {
                syncDirectory(directory);
            }
        } catch (IOException e) {
            throw Failures.of("delete " + name + " of " + shard, e);
        }
    }

    @Override
    public void deleteShard(String shard) throws IOException {
        Path directory = directory(shard);
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            for (Path entry : entries) {
                Files.deleteIfExists(entry);
            }
            Files.deleteIfExists(directory);
            unsyncedShards.remove(shard);
            syncDirectory(root);
        } catch (NoSuchFileException e) {
            return;
        } catch (IOException e) {
            throw Failures.of("delete shard " + shard, e);
        }
    }

    @Override
    public void check() throws IOException {
        Path path = root.resolve(CHECK_FILE);
        try {
            if (readFormat(root) == 0) {
                throw new StoreException(Kind.FATAL, root + " is not the directory any more that it was");
            }
            try (FileChannel channel = opener.open(path, CREATE, WRITE, TRUNCATE_EXISTING)) {
                channel.write(ByteBuffer.wrap(new byte[] {1}));
                channel.force(true);
            }
        } catch (IOException e) {
            StoreException failure = Failures.of("check " + path, e);
            if (failure.kind() != Kind.FULL) {
                throw failure;
            }
        }
    }

    @Override
    public boolean durable() {
        return true;
    }

    @Override
    public boolean overwrites() {
        return true;
    }

    @Override
    public void close() throws IOException {
        lockChannel.close();
    }

    /** Makes the names inside the shard's directory, and the directory's own, survive a power cut. */
    void syncNames(String shard) throws IOException {
        syncDirectory(directory(shard));
        if (unsyncedShards.contains(shard)) {
            syncDirectory(root);
            unsyncedShards.remove(shard);
        }
    }

    private Path directory(String shard) {
        return root.resolve(checked(shard));
    }

    private static Path file(Path directory, String name) {
        return directory.resolve(checked(name));
    }

    private static String checked(String name) {
        if (name.isEmpty() || name.startsWith(".") || name.indexOf('/') >= 0 || name.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("not a name for a file: " + name);
        }
        return name;
    }

    private static void syncDirectory(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, READ)) {
            channel.force(true);
        }
    }

    private static void deleteQuietly(Path path) {
        try {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            // The failure that led here is what the caller must know; a leftover is ignored by list().
            return;
        }
    }

    /** 0 for a directory without one. */
    private static int readFormat(Path root) throws IOException {
        Path path = root.resolve(FORMAT_FILE);
        if (Files.notExists(path)) {
            return 0;
        }
        String text = Files.readString(path, StandardCharsets.UTF_8).trim();
        for (int version = FORMAT_VERSION_MIN; version <= FORMAT_VERSION; version++) {
            if (text.equals(FORMAT_PREFIX + version)) {
                return version;
            }
        }
        throw new StoreException(
                Kind.FATAL,
                path + " says '" + text + "'; this version reads '" + FORMAT_PREFIX + FORMAT_VERSION_MIN + "' to '"
                        + FORMAT_PREFIX + FORMAT_VERSION + "'");
    }

    private static FileChannel lock(Path root) throws IOException {
        FileChannel channel = FileChannel.open(root.resolve(LOCK_FILE), CREATE, WRITE);
        try {
            FileLock lock = channel.tryLock();
            if (lock != null) {
                return channel;
            }
        } catch (OverlappingFileLockException e) {
            channel.close();
            throw new StoreException(Kind.FATAL, root + " is in use by this process", e);
        }
        channel.close();
        throw new StoreException(Kind.FATAL, root + " is in use by another process");
    }

    /** Durable when it returns: before anything that an older version would misread. */
    private void writeFormat() throws IOException {
        Path path = root.resolve(FORMAT_FILE);
        Path temporary = root.resolve(FORMAT_FILE + TEMPORARY_SUFFIX);
        try (FileChannel channel = FileChannel.open(temporary, CREATE, WRITE, TRUNCATE_EXISTING)) {
            ByteBuffer source = StandardCharsets.UTF_8.encode(FORMAT_PREFIX + FORMAT_VERSION + "\n");
            while (source.hasRemaining()) {
                channel.write(source);
            }
            channel.force(true);
        }
        Files.move(temporary, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        syncDirectory(root);
    }
}
