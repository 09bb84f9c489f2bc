package io.robustmq.storage.ssd;

import io.netty.channel.DefaultFileRegion;
import java.io.IOException;
import java.io.UncheckedIOException;

/** What a channel sends by sendfile. Its release gives the segment's reference back instead of closing the shared file. */
final class SegmentRegion extends DefaultFileRegion {
    private final SsdSegment segment;

    /** Takes over one reference to {@code segment}. */
    SegmentRegion(SsdSegment segment, long position, int sizeInBytes) {
        super(segment.channel(), position, sizeInBytes);
        this.segment = segment;
    }

    @Override
    protected void deallocate() {
        try {
            segment.release();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
