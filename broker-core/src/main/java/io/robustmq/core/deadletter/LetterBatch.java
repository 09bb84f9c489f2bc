package io.robustmq.core.deadletter;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.port.LogSlice;
import io.robustmq.core.port.ReadResult;
import io.robustmq.core.record.BatchBuilder;
import io.robustmq.core.record.RecordBatch;
import io.robustmq.core.record.RecordHeader;
import io.robustmq.core.record.RecordReader;
import io.robustmq.core.record.RecordView;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One batch of a dead letter queue: a record for each that a group has given up, with headers that say where it was and
 * why, and with what it was if the group wants that. What cannot be read any more has the headers alone. Used once, by one
 * thread.
 */
final class LetterBatch {
    private static final Logger LOG = LoggerFactory.getLogger(LetterBatch.class);
    private static final int UNPACKED_BYTES_MAX = 64 << 20;
    /** Lengths, deltas and attributes of a record, and lengths of a header, at most. */
    private static final int RECORD_OVERHEAD_BYTES = 32;

    private static final int HEADER_OVERHEAD_BYTES = 10;

    private final DeadLetter letter;
    private final String sourceTopic;
    private final boolean copies;
    private final int bytesMax;
    private final long nowMs;
    private final BatchBuilder batch;
    private long next;

    LetterBatch(
            DeadLetter letter,
            String sourceTopic,
            boolean copies,
            int bytesMax,
            long nowMs,
            ByteBufAllocator allocator) {
        this.letter = letter;
        this.sourceTopic = sourceTopic;
        this.copies = copies;
        this.bytesMax = bytesMax;
        this.nowMs = nowMs;
        this.batch = new BatchBuilder(allocator, 512);
    }

    /**
     * Tells of records from {@code from} on, as many as were read there and one batch holds; returns where the next one
     * begins. Closes what was read.
     */
    long fill(ReadResult read, long from) {
        next = from;
        LogSlice slice = read.slice();
        if (slice == null) {
            boolean deleted = read.error() == BrokerError.OFFSET_OUT_OF_RANGE && read.logStartOffset() > from;
            addUnread(deleted ? Math.min(letter.last(), read.logStartOffset() - 1) : letter.last());
            return next;
        }
        try (slice) {
            ByteBuf batches = slice.toBuffer();
            try {
                copy(batches);
            } finally {
                batches.release();
            }
        } catch (IOException | IllegalArgumentException e) {
            LOG.warn("group={} partition={} offset={}: not readable", letter.groupId(), letter.source(), next, e);
            addUnread(letter.last());
        }
        return next;
    }

    boolean isEmpty() {
        return batch.count() == 0;
    }

    int count() {
        return batch.count();
    }

    /** The caller owns it. */
    ByteBuf build() {
        return batch.build();
    }

    void discard() {
        batch.discard();
    }

    /** Offsets that have no record get no letter. */
    private void copy(ByteBuf batches) {
        boolean[] full = {false};
        RecordReader.forEach(batches, UNPACKED_BYTES_MAX, (from, record) -> {
            long offset = record.offset();
            if (offset > letter.last()) {
                return false;
            }
            full[0] = offset >= next && !add(offset, record);
            return !full[0];
        });
        if (!full[0]) {
            RecordReader.forEachBatch(batches, from -> {
                next = Math.max(next, from.nextOffset());
                return true;
            });
        }
    }

    private void addUnread(long until) {
        boolean room = true;
        while (next <= until && room) {
            room = add(next, null);
        }
    }

    /** Whether there was room. A record that is too large for any batch gets a letter that does not contain it. */
    private boolean add(long offset, @Nullable RecordView record) {
        RecordView copied = copies ? record : null;
        List<RecordHeader> headers = headers(offset, copied);
        int bytes = bytes(copied, headers);
        if (copied != null && RecordBatch.HEADER_BYTES + bytes > bytesMax) {
            copied = null;
            headers = headers(offset, null);
            bytes = bytes(null, headers);
        }
        if (batch.count() > 0 && batch.sizeInBytes() + bytes > bytesMax) {
            return false;
        }
        batch.append(nowMs, copied == null ? null : copied.key(), copied == null ? null : copied.value(), headers);
        next = offset + 1;
        return true;
    }

    private List<RecordHeader> headers(long offset, @Nullable RecordView record) {
        List<RecordHeader> headers = new ArrayList<>(record == null ? List.of() : record.headers());
        headers.add(header("topic", sourceTopic));
        headers.add(header("partition", Integer.toString(letter.source().index())));
        headers.add(header("offset", Long.toString(offset)));
        headers.add(header("group", letter.groupId()));
        headers.add(header("delivery.count", Integer.toString(letter.deliveries())));
        headers.add(header("message", letter.cause().text()));
        return headers;
    }

    private static RecordHeader header(String name, String value) {
        return new RecordHeader("__dlq.errors." + name, value.getBytes(StandardCharsets.UTF_8));
    }

    private static int bytes(@Nullable RecordView record, List<RecordHeader> headers) {
        int bytes = RECORD_OVERHEAD_BYTES;
        for (RecordHeader header : headers) {
            byte[] value = header.value();
            bytes += HEADER_OVERHEAD_BYTES + ByteBufUtil.utf8Bytes(header.key()) + (value == null ? 0 : value.length);
        }
        return record == null ? bytes : bytes + size(record.key()) + size(record.value());
    }

    private static int size(@Nullable ByteBuf bytes) {
        return bytes == null ? 0 : bytes.readableBytes();
    }
}
