package io.robustmq.storage.directory;

import static java.nio.file.StandardOpenOption.READ;

import io.robustmq.core.fault.CrashPoint;
import io.robustmq.core.port.StoreException;
import io.robustmq.core.port.StoreException.Kind;
import io.robustmq.core.port.object.ObjectInfo;
import io.robustmq.core.port.object.ObjectNames;
import io.robustmq.core.port.object.ObjectPage;
import io.robustmq.core.port.object.ObjectStore;
import io.robustmq.core.port.object.ObjectWriter;
import io.robustmq.core.port.object.RequestKind;
import io.robustmq.core.port.object.RequestMeter;
import io.robustmq.storage.object.ObjectProbe;
import io.robustmq.storage.object.ObjectTrailer;
import io.robustmq.storage.object.ObjectTree;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Objects as files, {@code root/objects/name}, each with an {@link ObjectTrailer}. They are written in {@code root/temporary}
 * and come to their name by a hard link, which fails if the name is taken. Any thread; many processes may share the root.
 */
public final class DirectoryObjectStore implements ObjectStore {
    private static final Logger log = LoggerFactory.getLogger(DirectoryObjectStore.class);
    private static final int LINK_ATTEMPTS_MAX = 100;

    private final Path objects;
    private final Path temporary;
    private final RequestMeter meter;

    public DirectoryObjectStore(Path root, RequestMeter meter) throws IOException {
        this.objects = root.resolve("objects");
        this.temporary = root.resolve("temporary");
        this.meter = meter;
        try {
            Files.createDirectories(objects);
            Files.createDirectories(temporary);
            sync(root);
        } catch (IOException e) {
            throw DirectoryFailures.of("open " + root, e);
        }
    }

    @Override
    public void create(String name, UUID token, List<ByteBuffer> content) throws IOException {
        try (ObjectWriter writer = write(name, token)) {
            for (ByteBuffer part : content) {
                writer.append(part.duplicate());
            }
            writer.seal();
        }
    }

    @Override
    public ObjectWriter write(String name, UUID token) throws IOException {
        ObjectNames.checked(name);
        return new DirectoryObjectWriter(this, name, token, temporary.resolve(UUID.randomUUID() + ".tmp"));
    }

    @Override
    public void read(String name, long position, ByteBuffer target) throws IOException {
        int bytes = target.remaining();
        if (bytes == 0) {
            return;
        }
        meter.request(RequestKind.GET, bytes);
        try (FileChannel channel = FileChannel.open(path(name), READ)) {
            ObjectTrailer trailer = trailer(name, channel);
            trailer.checkRange(name, position, bytes);
            ByteBuffer content = target.duplicate();
            fill(name, channel, position, content);
            trailer.checkContent(name, content.flip().position(target.position()));
            target.position(target.position() + bytes);
        } catch (NoSuchFileException e) {
            throw missing(name);
        } catch (IOException e) {
            throw DirectoryFailures.of("read " + name, e);
        }
    }

    @Override
    public ObjectInfo info(String name) throws IOException {
        meter.request(RequestKind.HEAD, 0);
        try {
            return new ObjectInfo(name, ObjectTrailer.contentBytes(name, Files.size(path(name))));
        } catch (NoSuchFileException e) {
            throw missing(name);
        } catch (IOException e) {
            throw DirectoryFailures.of("look at " + name, e);
        }
    }

    @Override
    public ObjectPage list(String prefix, String after, int countMax) throws IOException {
        meter.request(RequestKind.LIST, 0);
        expectRoot();
        try {
            return ObjectTree.page(this::entries, prefix, after, Math.min(countMax, PAGE_COUNT_MAX));
        } catch (IOException e) {
            throw DirectoryFailures.of("list " + prefix, e);
        }
    }

    @Override
    public void delete(Collection<String> names) throws IOException {
        Set<Path> changed = new LinkedHashSet<>();
        try {
            int left = names.size();
            for (String name : names) {
                meter.request(RequestKind.DELETE, 0);
                Path path = path(name);
                if (Files.deleteIfExists(path)) {
                    changed.add(parent(path));
                }
                if (--left > 0) {
                    CrashPoint.OBJECT_DELETED.reached();
                }
            }
            expectRoot();
            for (Path directory : changed) {
                prune(directory);
            }
        } catch (IOException e) {
            throw DirectoryFailures.of("delete " + names, e);
        }
    }

    @Override
    public int sweep(long startedBeforeMs) throws IOException {
        int swept = 0;
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(temporary)) {
            for (Path entry : entries) {
                if (isOlder(entry, startedBeforeMs) && Files.deleteIfExists(entry)) {
                    swept++;
                }
            }
            return swept;
        } catch (DirectoryIteratorException e) {
            throw new StoreException(Kind.FATAL, "sweep " + temporary + ": " + e.getMessage(), e);
        } catch (IOException e) {
            throw DirectoryFailures.of("sweep " + temporary, e);
        }
    }

    @Override
    public void check() throws IOException {
        ObjectProbe.run(this);
    }

    @Override
    public boolean durable() {
        return true;
    }

    @Override
    public void close() {}

    /** Gives a file that is whole and forced its name, durably. */
    void publish(String name, UUID token, Path file, long bytes) throws IOException {
        meter.request(RequestKind.PUT, bytes);
        Path target = path(name);
        for (int attempt = 1; ; attempt++) {
            try {
                expectRoot();
                Files.createDirectories(parent(target));
                link(target, file, name, token);
                // The directories may be new, and be another process's that did not come to sync them.
                for (Path at = parent(target); ; at = parent(at)) {
                    sync(at);
                    if (at.equals(objects)) {
                        return;
                    }
                }
            } catch (NoSuchFileException | FileAlreadyExistsException e) {
                // Who deleted the last object beside it took the directory away meanwhile.
                if (attempt == LINK_ATTEMPTS_MAX || Files.notExists(file)) {
                    throw new StoreException(Kind.FATAL, "create " + name + ": " + e, e);
                }
            }
        }
    }

    private void link(Path target, Path file, String name, UUID token) throws IOException {
        try {
            Files.createLink(target, file);
        } catch (FileAlreadyExistsException e) {
            try (FileChannel channel = FileChannel.open(target, READ)) {
                if (!trailer(name, channel).token().equals(token)) {
                    throw new StoreException(Kind.EXISTS, name + " exists", e);
                }
            }
        } catch (UnsupportedOperationException e) {
            throw new StoreException(Kind.FATAL, objects + " is on a file system without hard links", e);
        }
    }

    private List<ObjectTree.Entry> entries(String directory) throws IOException {
        List<ObjectTree.Entry> found = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(objects.resolve(directory))) {
            for (Path entry : entries) {
                try {
                    BasicFileAttributes file = Files.readAttributes(entry, BasicFileAttributes.class);
                    found.add(new ObjectTree.Entry(
                            String.valueOf(entry.getFileName()),
                            file.isDirectory(),
                            ObjectTrailer.listedBytes(file.size())));
                } catch (NoSuchFileException e) {
                    log.trace("{} was deleted meanwhile", entry);
                }
            }
        } catch (NoSuchFileException | NotDirectoryException e) {
            return List.of();
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        return found;
    }

    /** Directories without objects go, up to the root. */
    private void prune(Path directory) throws IOException {
        for (Path at = directory; !at.equals(objects); at = parent(at)) {
            try {
                Files.deleteIfExists(at);
            } catch (DirectoryNotEmptyException e) {
                if (syncIfThere(at)) {
                    return;
                }
            }
        }
        sync(objects);
    }

    private static ObjectTrailer trailer(String name, FileChannel channel) throws IOException {
        long fileBytes = channel.size();
        ByteBuffer bytes = ByteBuffer.allocate(ObjectTrailer.BYTES);
        fill(name, channel, ObjectTrailer.contentBytes(name, fileBytes), bytes);
        return ObjectTrailer.of(name, fileBytes, bytes);
    }

    private static void fill(String name, FileChannel channel, long position, ByteBuffer target) throws IOException {
        long at = position;
        while (target.hasRemaining()) {
            int read = channel.read(target, at);
            if (read < 0) {
                throw new StoreException(Kind.CORRUPT, name + " ends at " + at);
            }
            at += read;
        }
    }

    /** That the directory is gone is a failure of its disk or mount, and does not mean that there are no objects. */
    private void expectRoot() throws IOException {
        if (!Files.isDirectory(objects)) {
            throw new StoreException(Kind.FATAL, objects + " is gone");
        }
    }

    private StoreException missing(String name) throws IOException {
        expectRoot();
        return new StoreException(Kind.NOT_FOUND, name + " does not exist");
    }

    private static boolean isOlder(Path entry, long timeMs) throws IOException {
        try {
            return Files.getLastModifiedTime(entry).toMillis() < timeMs;
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    private static boolean syncIfThere(Path directory) throws IOException {
        try {
            sync(directory);
            return true;
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    private static void sync(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, READ)) {
            channel.force(true);
        }
    }

    private Path path(String name) {
        return objects.resolve(ObjectNames.checked(name));
    }

    private static Path parent(Path path) {
        Path parent = path.getParent();
        if (parent == null) {
            throw new AssertionError(path);
        }
        return parent;
    }
}
