package io.robustmq.journal.wal;

import io.robustmq.core.port.SegmentFile;
import io.robustmq.journal.wal.WalCodec.Head;
import io.robustmq.journal.wal.WalCodec.Header;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the entries of a write-ahead file. Those that are whole count, whatever lies between: a torn end was never
 * acknowledged, and damage before it must not take what comes after. Used once, by one thread.
 */
final class WalReader {
    private static final Logger LOG = LoggerFactory.getLogger(WalReader.class);
    private static final int STEP_BYTES = 8;

    private final SegmentFile file;
    final String name;
    private final @Nullable Header header;
    private final ByteBuffer window;
    private long windowAt;
    private long newestSync;
    private long damagedSync = -1;
    private String damaged = "";

    /** Reads the header; {@link #header} is null when nothing in the file counts. */
    WalReader(String name, SegmentFile file) throws IOException {
        this.file = file;
        this.name = name;
        this.window = ByteBuffer.allocate((int) Math.min(2 * WalBatch.BYTES_MAX, file.size()));
        fill(0);
        this.header = WalCodec.readHeader(window, name);
    }

    /**
     * One entry.
     *
     * @param at where its bytes are in the write-ahead file
     * @param name empty for a shard
     */
    record Entry(SegmentFile source, long at, String shard, String name, long position, int length) {
        boolean forgets() {
            return position == WalCodec.FORGET;
        }
    }

    @Nullable
    Header header() {
        return header;
    }

    /** Adds the entries in the order in which they were written. */
    void read(List<Entry> entries) throws IOException {
        if (header == null) {
            return;
        }
        long at = WalCodec.BLOCK_BYTES;
        while (at < file.size()) {
            Head head = headAt(at, header.salt());
            if (head == null) {
                at += STEP_BYTES;
            } else {
                take(at, head, entries);
                at += head.entryBytes();
            }
        }
        if (damagedSync >= 0 && damagedSync < newestSync) {
            LOG.error(
                    "file={} entry={} action=skip reason=\"damaged, though what follows was synced after it\"",
                    name,
                    damaged);
        }
    }

    private @Nullable Head headAt(long at, long salt) throws IOException {
        // With its names, whose lengths are not known yet: a head that crosses the window's end would not be seen as
        // whole.
        ensure(at, WalCodec.HEAD_BYTES_MAX);
        Head head = WalCodec.readHead(window, (int) (at - windowAt), window.limit(), salt);
        if (head == null) {
            return null;
        }
        boolean fits = head.length() <= WalBatch.BYTES_MAX && at + head.headBytes() + head.length() <= file.size();
        return fits ? head : null;
    }

    private void take(long at, Head head, List<Entry> entries) throws IOException {
        if (head.sync() < newestSync) {
            // Left by a sync that failed and was written over in part.
            return;
        }
        ensure(at, head.headBytes() + head.length());
        int headAt = (int) (at - windowAt);
        int bytesAt = headAt + head.headBytes();
        String shard = text(headAt + WalCodec.FIXED_HEAD_BYTES, head.shardLength());
        String file = text(headAt + WalCodec.FIXED_HEAD_BYTES + head.shardLength(), head.nameLength());
        if (head.bytesCrc() != WalCodec.crc(window, bytesAt, head.length())) {
            damagedSync = head.sync();
            damaged = shard + '/' + file;
            return;
        }
        newestSync = head.sync();
        entries.add(new Entry(this.file, at + head.headBytes(), shard, file, head.position(), head.length()));
    }

    private String text(int at, int length) {
        return new String(window.array(), at, length, StandardCharsets.UTF_8);
    }

    /** Makes the window hold that many bytes from {@code at} on, or all there are. */
    private void ensure(long at, int bytes) throws IOException {
        long end = Math.min(file.size(), at + bytes);
        if (at < windowAt || end > windowAt + window.limit()) {
            fill(at);
        }
    }

    private void fill(long at) throws IOException {
        windowAt = at;
        int bytes = (int) Math.min(window.capacity(), file.size() - at);
        file.read(at, window.clear().limit(bytes));
        window.position(0);
    }
}
