package io.robustmq.journal.wal;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.robustmq.journal.wal.WalCodec.Header;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one sync writes: entries behind room for a header. The bytes of the shards are read from their files, which are in
 * the page cache: one copy out of it and one back, and none on the way of an append. Reused; owned by the thread of the
 * write-ahead log.
 */
final class WalBatch {
    static final int BYTES_MAX = 1 << 20;

    private static final int FIRST = WalCodec.BLOCK_BYTES;

    private final ByteBuffer bytes;
    private final List<GuardedFile> files = new ArrayList<>();
    private long[] ends = new long[64];
    private long salt;
    private long sync;
    private int end = FIRST;

    WalBatch(int bytesMax) {
        this.bytes = ByteBuffer.allocateDirect(FIRST + bytesMax);
    }

    void begin(long entrySalt, long syncNumber) {
        salt = entrySalt;
        sync = syncNumber;
        files.clear();
        end = FIRST;
    }

    boolean isEmpty() {
        return end == FIRST;
    }

    /** Takes what is not durable of {@code file} below {@code fileEnd}; false when it does not fit any more. */
    boolean add(GuardedFile file, long fileEnd) throws IOException {
        long position = file.durableEnd();
        if (position >= fileEnd || file.isGone() || file.isClosed()) {
            return true;
        }
        int headBytes = WalCodec.headBytes(file.names);
        if (fileEnd - position > bytes.capacity() - end - headBytes - Long.BYTES) {
            return false;
        }
        int length = (int) (fileEnd - position);
        int at = end + headBytes;
        file.read(position, bytes.clear().limit(at + length).position(at));
        bytes.clear();
        WalCodec.zero(bytes, at + length, WalCodec.aligned(length) - length);
        WalCodec.writeHead(bytes, end, salt, sync, position, length, file.names);
        end = at + WalCodec.aligned(length);
        if (files.size() == ends.length) {
            ends = Arrays.copyOf(ends, ends.length * 2);
        }
        ends[files.size()] = fileEnd;
        files.add(file);
        return true;
    }

    void forget(byte[][] names) {
        WalCodec.writeHead(bytes, end, salt, sync, WalCodec.FORGET, 0, names);
        end += WalCodec.headBytes(names);
    }

    int mark() {
        return end;
    }

    int files() {
        return files.size();
    }

    /** Takes back what was added since. */
    void backTo(int mark, int fileCount) {
        end = mark;
        files.subList(fileCount, files.size()).clear();
    }

    GuardedFile file(int i) {
        return files.get(i);
    }

    long fileEnd(int i) {
        return ends[i];
    }

    /** Whole blocks to be written; with the header in front if one is given. */
    ByteBuf bytes(@Nullable Header header) {
        int blocksEnd = (end + WalCodec.BLOCK_BYTES - 1) / WalCodec.BLOCK_BYTES * WalCodec.BLOCK_BYTES;
        WalCodec.zero(bytes, end, blocksEnd - end);
        if (header != null) {
            WalCodec.writeHeader(bytes, header);
        }
        int from = header == null ? FIRST : 0;
        return Unpooled.wrappedBuffer(bytes.duplicate().limit(blocksEnd).position(from));
    }
}
