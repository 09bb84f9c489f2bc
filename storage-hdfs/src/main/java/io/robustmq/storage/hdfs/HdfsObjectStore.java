package io.robustmq.storage.hdfs;

import io.robustmq.core.port.StoreException;
import io.robustmq.core.port.StoreException.Kind;
import io.robustmq.core.port.object.ObjectInfo;
import io.robustmq.core.port.object.ObjectNames;
import io.robustmq.core.port.object.ObjectPage;
import io.robustmq.core.port.object.ObjectStore;
import io.robustmq.core.port.object.ObjectStreams;
import io.robustmq.core.port.object.ObjectWriter;
import io.robustmq.core.port.object.RequestKind;
import io.robustmq.core.port.object.RequestMeter;
import io.robustmq.storage.object.ObjectProbe;
import io.robustmq.storage.object.ObjectTrailer;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.hdfs.DistributedFileSystem;

/**
 * Objects as files, {@code root/objects/name}, each with an {@link ObjectTrailer}. They are written in
 * {@code root/temporary}, synced, and renamed, which HDFS does in one step and not over a file that is there. Beside them are
 * {@link HdfsObjectStreams}. Any thread; many processes may share the root.
 */
final class HdfsObjectStore implements ObjectStore {
    private static final int RENAME_ATTEMPTS_MAX = 100;

    private final DistributedFileSystem files;
    private final HdfsTree objects;
    private final HdfsObjectStreams streams;
    private final Path temporary;
    private final RequestMeter meter;

    HdfsObjectStore(HdfsConfig config, RequestMeter meter) throws IOException {
        Configuration hadoop = new Configuration();
        config.hadoop().forEach(hadoop::set);
        // Closed by whoever opened the store, and not in the middle of its last calls.
        hadoop.setBoolean("fs.automatic.close", false);
        this.meter = meter;
        this.temporary = new Path(config.root(), "temporary");
        this.files = open(config, hadoop);
        this.objects = new HdfsTree(files, new Path(config.root(), "objects"), ObjectTrailer::listedBytes, meter);
        this.streams = new HdfsObjectStreams(files, new Path(config.root(), "streams"), meter);
    }

    private static DistributedFileSystem open(HdfsConfig config, Configuration hadoop) throws IOException {
        try {
            FileSystem opened = config.user() == null
                    ? FileSystem.newInstance(config.uri(), hadoop)
                    : FileSystem.newInstance(config.uri(), hadoop, config.user());
            if (opened instanceof DistributedFileSystem files) {
                return files;
            }
            opened.close();
            throw new IllegalArgumentException("hdfs does not work with " + config.uri());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoreException(Kind.RETRIABLE, "interrupted", e);
        } catch (IOException e) {
            throw HdfsFailures.of("open " + config.uri() + config.root(), e);
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
        return new HdfsObjectWriter(this, files, name, token, new Path(temporary, UUID.randomUUID() + ".tmp"));
    }

    @Override
    public void read(String name, long position, ByteBuffer target) throws IOException {
        int bytes = target.remaining();
        if (bytes == 0) {
            return;
        }
        meter.request(RequestKind.GET, bytes);
        Path path = objects.path(name);
        try (FSDataInputStream in = files.open(path)) {
            ObjectTrailer trailer = trailer(name, in, files.getFileStatus(path).getLen());
            trailer.checkRange(name, position, bytes);
            byte[] content = target.hasArray() ? target.array() : new byte[bytes];
            int offset = target.hasArray() ? target.arrayOffset() + target.position() : 0;
            in.readFully(position, content, offset, bytes);
            trailer.checkContent(name, ByteBuffer.wrap(content, offset, bytes));
            if (target.hasArray()) {
                target.position(target.position() + bytes);
            } else {
                target.put(content);
            }
        } catch (IOException e) {
            throw HdfsFailures.of("read " + name, e);
        }
    }

    @Override
    public ObjectInfo info(String name) throws IOException {
        meter.request(RequestKind.HEAD, 0);
        try {
            FileStatus file = files.getFileStatus(objects.path(name));
            if (file.isDirectory()) {
                throw new StoreException(Kind.NOT_FOUND, name + " does not exist");
            }
            return new ObjectInfo(name, ObjectTrailer.contentBytes(name, file.getLen()));
        } catch (IOException e) {
            throw HdfsFailures.of("look at " + name, e);
        }
    }

    @Override
    public ObjectPage list(String prefix, String after, int countMax) throws IOException {
        return objects.list(prefix, after, countMax);
    }

    @Override
    public void delete(Collection<String> names) throws IOException {
        objects.delete(names);
    }

    @Override
    public ObjectStreams streams() {
        return streams;
    }

    @Override
    public int sweep(long startedBeforeMs) throws IOException {
        int swept = 0;
        try {
            for (FileStatus file : files.listStatus(temporary)) {
                if (file.getModificationTime() < startedBeforeMs && files.delete(file.getPath(), false)) {
                    swept++;
                }
            }
            return swept;
        } catch (FileNotFoundException e) {
            // Nothing was ever created.
            return swept;
        } catch (IOException e) {
            throw HdfsFailures.of("sweep " + temporary, e);
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
    public void close() throws IOException {
        files.close();
    }

    /** For tests: as if the process ended now, what is open is not closed. */
    void abort() throws IOException {
        files.getClient().closeAllFilesBeingWritten(true);
        files.close();
    }

    /** Gives a file that is whole and synced its name. */
    void publish(String name, UUID token, Path file, long bytes) throws IOException {
        meter.request(RequestKind.PUT, bytes);
        Path target = objects.path(name);
        for (int attempt = 1; attempt <= RENAME_ATTEMPTS_MAX; attempt++) {
            // Says only that it did not: there is one, there is no directory, or it is done and the answer was lost.
            if (files.rename(file, target) || isOwn(name, token)) {
                return;
            }
            if (!files.exists(file)) {
                throw new StoreException(Kind.FATAL, "the beginning of " + name + " was swept");
            }
            files.mkdirs(HdfsTree.parent(target));
        }
        throw new StoreException(Kind.FATAL, "rename " + file + " to " + target + " is refused");
    }

    /** False if there is none; EXISTS if it is another's. */
    private boolean isOwn(String name, UUID token) throws IOException {
        Path path = objects.path(name);
        try (FSDataInputStream in = files.open(path)) {
            if (trailer(name, in, files.getFileStatus(path).getLen()).token().equals(token)) {
                return true;
            }
        } catch (FileNotFoundException e) {
            return false;
        }
        throw new StoreException(Kind.EXISTS, name + " exists");
    }

    private static ObjectTrailer trailer(String name, FSDataInputStream in, long fileBytes) throws IOException {
        byte[] bytes = new byte[ObjectTrailer.BYTES];
        in.readFully(ObjectTrailer.contentBytes(name, fileBytes), bytes);
        return ObjectTrailer.of(name, fileBytes, ByteBuffer.wrap(bytes));
    }
}
