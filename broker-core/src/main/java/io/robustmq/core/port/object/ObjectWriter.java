package io.robustmq.core.port.object;

import java.io.IOException;
import java.nio.ByteBuffer;

/** An object that is being written. One thread at a time; the calls block. */
public interface ObjectWriter extends AutoCloseable {
    /**
     * Borrows {@code source} and takes its remaining bytes. After a RETRIABLE failure its position says what was taken: the
     * same call goes on from there, unless the writer is {@link #broken}.
     */
    void append(ByteBuffer source) throws IOException;

    /** Bytes taken so far. */
    long sizeInBytes();

    /**
     * Makes the object appear, whole and durable. May be repeated after a RETRIABLE failure; EXISTS if the name was taken by
     * another token.
     */
    void seal() throws IOException;

    /** Whether no further call can succeed, whatever the failure's kind: who wants the object begins again. */
    boolean broken();

    /** Unless sealed, leaves nothing behind; if that fails, {@link ObjectStore#sweep} does it later. */
    @Override
    void close() throws IOException;
}
