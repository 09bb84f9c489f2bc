package io.robustmq.storage.s3;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.robustmq.core.port.StoreException;
import io.robustmq.core.port.StoreException.Kind;
import io.robustmq.core.port.object.ObjectWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.s3.model.CompletedPart;

/**
 * An upload in parts; what fits in one part is one PUT. Holds one part in memory, outside the heap, where arrays of that size would have
 * the collector begin a cycle for each. Every step can be repeated: a part that is
 * sent again takes the place of the one before. One thread at a time.
 */
final class S3ObjectWriter implements ObjectWriter {
    private static final int PARTS_MAX = 10_000;
    private static final int BUFFER_BYTES_MIN = 64 << 10;

    private enum State {
        WRITING,
        SEALED,
        BROKEN
    }

    private final S3ObjectStore store;
    private final S3Calls calls;
    private final String name;
    private final UUID token;
    private final int partBytes;
    private final List<CompletedPart> parts = new ArrayList<>();
    private final ByteBuf buffer;
    private @Nullable String uploadId;
    private long sizeInBytes;
    private State state = State.WRITING;
    private boolean closed;

    S3ObjectWriter(S3ObjectStore store, S3Calls calls, String name, UUID token, int partBytes) {
        this.store = store;
        this.calls = calls;
        this.name = name;
        this.token = token;
        this.partBytes = partBytes;
        this.buffer = PooledByteBufAllocator.DEFAULT.directBuffer(Math.min(partBytes, BUFFER_BYTES_MIN), partBytes);
    }

    @Override
    public void append(ByteBuffer source) throws IOException {
        if (state != State.WRITING) {
            throw new StoreException(Kind.FATAL, name + " takes no more");
        }
        while (source.hasRemaining()) {
            if (buffer.writerIndex() == partBytes) {
                sendPart();
            }
            int bytes = Math.min(source.remaining(), partBytes - buffer.writerIndex());
            buffer.writeBytes(source.duplicate().limit(source.position() + bytes));
            source.position(source.position() + bytes);
            sizeInBytes += bytes;
        }
    }

    @Override
    public long sizeInBytes() {
        return sizeInBytes;
    }

    @Override
    public void seal() throws IOException {
        if (state == State.SEALED) {
            return;
        }
        if (state == State.BROKEN) {
            throw new StoreException(Kind.FATAL, name + " cannot be sealed any more");
        }
        if (uploadId == null) {
            store.create(name, token, List.of(buffer.nioBuffer()));
        } else {
            if (buffer.isReadable()) {
                sendPart();
            }
            complete(uploadId);
        }
        state = State.SEALED;
    }

    @Override
    public boolean broken() {
        return state == State.BROKEN;
    }

    @Override
    public void close() throws IOException {
        if (!closed) {
            closed = true;
            buffer.release();
        }
        if (state == State.SEALED) {
            return;
        }
        state = State.BROKEN;
        String open = uploadId;
        if (open != null) {
            store.dropUpload(calls.key(name), open);
            uploadId = null;
        }
    }

    private void sendPart() throws StoreException {
        if (parts.size() == PARTS_MAX) {
            state = State.BROKEN;
            throw new StoreException(
                    Kind.FATAL, name + " is larger than " + PARTS_MAX + " parts of " + partBytes + " bytes");
        }
        try {
            if (uploadId == null) {
                uploadId = calls.beginUpload(name, token);
            }
            parts.add(calls.uploadPart(name, uploadId, parts.size() + 1, buffer.nioBuffer()));
            buffer.clear();
        } catch (StoreException e) {
            throw unlessDropped(e);
        }
    }

    private void complete(String id) throws StoreException {
        if (!store.sealsConditionally() && isThere()) {
            return;
        }
        try {
            calls.completeUpload(name, id, parts);
        } catch (StoreException e) {
            boolean endedBefore = e.kind() == Kind.EXISTS || e.kind() == Kind.NOT_FOUND;
            if (!endedBefore || !isThere()) {
                throw unlessDropped(e);
            }
        }
    }

    /** Whether this creation is done, its answer having been lost; EXISTS if another one was first. */
    private boolean isThere() throws StoreException {
        try {
            if (calls.token(name).filter(token::equals).isPresent()) {
                return true;
            }
        } catch (StoreException e) {
            if (e.kind() == Kind.NOT_FOUND) {
                return false;
            }
            throw e;
        }
        throw new StoreException(Kind.EXISTS, name + " exists");
    }

    /** That there is no such upload means that it was swept. */
    private StoreException unlessDropped(StoreException failure) {
        if (failure.kind() != Kind.NOT_FOUND) {
            return failure;
        }
        state = State.BROKEN;
        return new StoreException(Kind.FATAL, "the upload of " + name + " was dropped", failure);
    }
}
