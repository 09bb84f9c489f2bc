package io.robustmq.storage.directory;

import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.WRITE;

import io.robustmq.core.port.StoreException;
import io.robustmq.core.port.StoreException.Kind;
import io.robustmq.core.port.object.ObjectWriter;
import io.robustmq.storage.object.ObjectTrailer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import java.util.zip.CRC32C;

/** A temporary file that gets its name when it is whole. One thread at a time. */
final class DirectoryObjectWriter implements ObjectWriter {
    private enum State {
        WRITING,
        /** Everything is in the file and forced; only the name is missing. */
        FORCED,
        SEALED,
        BROKEN
    }

    private final DirectoryObjectStore store;
    private final String name;
    private final UUID token;
    private final Path file;
    private final FileChannel channel;
    private final CRC32C checksum = new CRC32C();
    private long sizeInBytes;
    private State state = State.WRITING;

    DirectoryObjectWriter(DirectoryObjectStore store, String name, UUID token, Path file) throws IOException {
        this.store = store;
        this.name = name;
        this.token = token;
        this.file = file;
        try {
            this.channel = FileChannel.open(file, CREATE_NEW, WRITE);
        } catch (IOException e) {
            throw DirectoryFailures.of("create " + file, e);
        }
    }

    @Override
    public void append(ByteBuffer source) throws IOException {
        if (state != State.WRITING) {
            throw new StoreException(Kind.FATAL, name + " takes no more");
        }
        int start = source.position();
        try {
            long at = sizeInBytes;
            while (source.hasRemaining()) {
                at += channel.write(source, at);
            }
        } catch (IOException e) {
            throw failed("write " + file, e);
        } finally {
            sizeInBytes += source.position() - start;
            checksum.update(source.duplicate().flip().position(start));
        }
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
        if (state == State.FORCED) {
            try {
                store.publish(name, token, file, sizeInBytes);
            } catch (IOException e) {
                throw failed("seal " + name, e);
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
        if (state != State.SEALED) {
            state = State.BROKEN;
        }
        try {
            channel.close();
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw DirectoryFailures.of("delete " + file, e);
        }
    }

    private void finish() throws IOException {
        ByteBuffer trailer = new ObjectTrailer((int) checksum.getValue(), sizeInBytes, token).toBytes();
        try {
            long at = sizeInBytes;
            while (trailer.hasRemaining()) {
                at += channel.write(trailer, at);
            }
            channel.force(true);
            state = State.FORCED;
        } catch (IOException e) {
            throw failed("write " + file, e);
        }
    }

    /** For want of room, what was written stays good; a failed flush, or a closed channel, cannot be made good. */
    private StoreException failed(String what, IOException cause) {
        StoreException failure = DirectoryFailures.of(what, cause);
        boolean namingFailed = state == State.FORCED && failure.kind() == Kind.RETRIABLE;
        if (failure.kind() != Kind.FULL && !namingFailed) {
            state = State.BROKEN;
        }
        return failure;
    }
}
