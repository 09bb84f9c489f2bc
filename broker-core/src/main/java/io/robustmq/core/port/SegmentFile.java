package io.robustmq.core.port;

import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * One append-only run of bytes in a store. One writer; any number of readers of what was written before. Reference
 * counted: slices keep it readable after {@link #close} and after deletion.
 */
public interface SegmentFile extends AutoCloseable {
    /** Bytes written so far. */
    long size();

    /**
     * Borrows {@code buffers} and appends their readable bytes, all or nothing: on an exception the size is as before and
     * what may have been written beyond it is overwritten by the next append.
     */
    void append(ByteBuf[] buffers, int count) throws IOException;

    /** Fills {@code target} from {@code position}; fewer bytes than asked is a CORRUPT StoreException. */
    void read(long position, ByteBuffer target) throws IOException;

    /** The bytes must have been written before. */
    LogSlice slice(long position, int sizeInBytes);

    /** Cuts the tail: used on recovery and by a follower that diverged. */
    void truncate(long size) throws IOException;

    /** Returns when everything appended before the call survives a power cut. May run in another thread than the writer's. */
    void force() throws IOException;

    @Override
    void close() throws IOException;
}
