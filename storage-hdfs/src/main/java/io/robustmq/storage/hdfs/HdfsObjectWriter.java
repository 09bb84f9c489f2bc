package io.robustmq.storage.hdfs;

import io.robustmq.core.port.StoreException;
import io.robustmq.core.port.StoreException.Kind;
import io.robustmq.core.port.object.ObjectWriter;
import io.robustmq.storage.object.ObjectTrailer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.EnumSet;
import java.util.UUID;
import java.util.zip.CRC32C;
import org.apache.hadoop.fs.CreateFlag;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.permission.FsPermission;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A temporary file that gets its name when it is whole. One thread at a time. */
final class HdfsObjectWriter implements ObjectWriter {
    private static final Logger LOG = LoggerFactory.getLogger(HdfsObjectWriter.class);
    private static final int BUFFER_BYTES = 64 << 10;

    private enum State {
        WRITING,
        /** Everything is in the file and synced; only the name is missing. */
        SYNCED,
        SEALED,
        BROKEN
    }

    private final HdfsObjectStore store;
    private final FileSystem files;
    private final String name;
    private final UUID token;
    private final Path file;
    private final FSDataOutputStream out;
    private final CRC32C checksum = new CRC32C();
    private long sizeInBytes;
    private State state = State.WRITING;

    HdfsObjectWriter(HdfsObjectStore store, FileSystem files, String name, UUID token, Path file) throws IOException {
        this.store = store;
        this.files = files;
        this.name = name;
        this.token = token;
        this.file = file;
        try {
            // Each block is forced to disk when it ends; what hsync forces is the last one.
            this.out = files.create(
                    file,
                    FsPermission.getFileDefault(),
                    EnumSet.of(CreateFlag.CREATE, CreateFlag.SYNC_BLOCK),
                    BUFFER_BYTES,
                    files.getDefaultReplication(file),
                    files.getDefaultBlockSize(file),
                    null);
        } catch (IOException e) {
            throw HdfsFailures.of("create " + file, e);
        }
    }

    /** HDFS mends its pipeline itself; when it cannot, the file is lost. */
    @Override
    public void append(ByteBuffer source) throws IOException {
        if (state != State.WRITING) {
            throw new StoreException(Kind.FATAL, name + " takes no more");
        }
        int bytes = source.remaining();
        try {
            if (source.hasArray()) {
                out.write(source.array(), source.arrayOffset() + source.position(), bytes);
            } else {
                byte[] copy = new byte[bytes];
                source.duplicate().get(copy);
                out.write(copy);
            }
        } catch (IOException e) {
            state = State.BROKEN;
            throw HdfsFailures.of("write " + file, e);
        }
        checksum.update(source);
        sizeInBytes += bytes;
    }

    @Override
    public long sizeInBytes() {
        return sizeInBytes;
    }

    @Override
    public void seal() throws IOException {
        if (state == State.BROKEN) {
            throw new StoreException(Kind.FATAL, name + " cannot be sealed any more");
        }
        if (state == State.WRITING) {
            finish();
        }
        if (state == State.SYNCED) {
            try {
                store.publish(name, token, file, sizeInBytes);
            } catch (IOException e) {
                StoreException failure = HdfsFailures.of("seal " + name, e);
                if (failure.kind() != Kind.RETRIABLE && failure.kind() != Kind.FULL) {
                    state = State.BROKEN;
                }
                throw failure;
            }
            state = State.SEALED;
        }
    }

    @Override
    public boolean broken() {
        return state == State.BROKEN;
    }

    @Override
    public void close() throws IOException {
        if (state == State.SEALED) {
            // The file is gone by renaming, but for a creation that was found done before.
            delete();
            return;
        }
        boolean isOpen = state != State.SYNCED;
        state = State.BROKEN;
        try {
            if (isOpen) {
                closeFile();
            }
        } finally {
            delete();
        }
    }

    /** Also when it is broken: the client would keep the lease for as long as it lives. */
    private void closeFile() {
        try {
            out.close();
        } catch (IOException e) {
            LOG.debug("object={} file={} action=delete", name, file, e);
        }
    }

    private void finish() throws IOException {
        try {
            out.write(new ObjectTrailer((int) checksum.getValue(), sizeInBytes, token)
                    .toBytes()
                    .array());
            out.hsync();
            out.close();
            state = State.SYNCED;
        } catch (IOException e) {
            state = State.BROKEN;
            throw HdfsFailures.of("write " + file, e);
        }
    }

    private void delete() throws IOException {
        try {
            files.delete(file, false);
        } catch (IOException e) {
            throw HdfsFailures.of("delete " + file, e);
        }
    }
}
