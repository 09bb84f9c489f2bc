package io.robustmq.kafka.server;

import java.nio.ByteBuffer;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.record.internal.MemoryRecords;

/** Reads a request frame; records keep their position in it, so that the frame's own slice can be appended. */
final class RequestReader extends ByteBufferAccessor {
    /** {@code frame} must begin at position 0. */
    RequestReader(ByteBuffer frame) {
        super(frame);
    }

    @Override
    public MemoryRecords readRecords(int length) {
        if (length < 0) {
            return MemoryRecords.EMPTY;
        }
        ByteBuffer frame = buffer();
        int end = frame.position() + length;
        if (length > frame.remaining()) {
            throw new IllegalArgumentException("records of " + length + " bytes do not fit the request");
        }
        ByteBuffer records = frame.duplicate().limit(end);
        frame.position(end);
        return MemoryRecords.readableRecords(records);
    }
}
