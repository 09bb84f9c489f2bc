package io.robustmq.core.port.object;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/** The end of a stream. One thread at a time; the calls block. */
public interface ObjectStream extends AutoCloseable {
    /**
     * Borrows {@code content}, whose positions stay, and puts its remaining bytes behind what is there. Durable, and seen by every
     * reader, when it returns. After a failure the outcome is unknown: all, some or nothing of it may be there, and the stream takes
     * no more.
     *
     * @return where they begin
     */
    long append(List<ByteBuffer> content) throws IOException;

    /** Of what was appended. */
    long sizeInBytes();

    /** Seals the stream. If that fails, {@link ObjectStreams#seal} does it later. */
    @Override
    void close() throws IOException;
}
