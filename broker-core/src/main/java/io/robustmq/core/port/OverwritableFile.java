package io.robustmq.core.port;

import io.netty.buffer.ByteBuf;
import java.io.IOException;

/** A segment file whose bytes can be written again: what a write-ahead file and its replay need. */
public interface OverwritableFile extends SegmentFile {
    /**
     * Borrows {@code buffers} and writes their readable bytes from {@code position} on, over what is there and beyond the end
     * where they reach so far; {@code position} is at most the size. By the one writer. On an exception the size is as before,
     * and what the range below it holds is unknown.
     */
    void overwrite(long position, ByteBuf[] buffers, int count) throws IOException;
}
