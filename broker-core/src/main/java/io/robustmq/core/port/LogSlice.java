package io.robustmq.core.port;

import io.netty.buffer.ByteBuf;
import java.io.IOException;

/**
 * A run of whole, committed batches in one segment, held open until closed: a segment that is deleted meanwhile stays
 * readable. The bytes are as stored, which is as they go over the wire. Used by one thread.
 */
public interface LogSlice extends AutoCloseable {
    int sizeInBytes();

    /**
     * What to write to a Netty channel: a FileRegion where the bytes are in a file and worth a sendfile of their own, else a ByteBuf. Ownership of the slice
     * passes to the returned object, whose release closes it; do not close the slice afterwards.
     */
    Object toOutbound();

    /** Reads the bytes into memory. The caller releases the buffer and still closes the slice. */
    ByteBuf toBuffer() throws IOException;

    @Override
    void close();
}
