package io.robustmq.journal.log;

import io.robustmq.core.port.SegmentFile;
import io.robustmq.core.port.SegmentStore;
import io.robustmq.core.port.StoreException;
import io.robustmq.core.port.StoreException.Kind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * What is kept of a segment beside its bytes: the index, and how many bytes were forced and checked when it was written.
 * They need no scan when the shard opens.
 *
 * @param logBytes the trusted length of the log file
 */
record IndexFile(long logBytes, long nextOffset, long maxTimestamp, int count, int entriesCrc) {
    static final int VERSION = 1;
    static final int HEADER_BYTES = 48;
    static final int ENTRY_BYTES = 16;

    private static final int MAGIC = 0x524D5149;
    private static final int CHECKED_BYTES = HEADER_BYTES - Integer.BYTES;

    static byte[] encode(BatchIndex index, long logBytes, long nextOffset, long maxTimestamp) throws IOException {
        int count = index.count();
        ByteBuffer bytes = ByteBuffer.allocate(HEADER_BYTES + count * ENTRY_BYTES);
        bytes.position(HEADER_BYTES);
        for (int i = 0; i < count; i++) {
            bytes.putLong(index.place(i)).putLong(index.maxTimestampBefore(i));
        }
        int entriesCrc = SideFile.crc(bytes.array(), HEADER_BYTES, count * ENTRY_BYTES);
        bytes.position(0);
        bytes.putInt(MAGIC)
                .putInt(VERSION)
                .putLong(logBytes)
                .putLong(nextOffset)
                .putLong(maxTimestamp);
        bytes.putInt(count).putInt(entriesCrc).putInt(0);
        bytes.putInt(SideFile.crc(bytes.array(), 0, CHECKED_BYTES));
        return bytes.array();
    }

    /** Reads the header only; null when it is damaged, so that the segment is scanned instead. */
    static @Nullable IndexFile open(SegmentStore store, String shard, String name) throws IOException {
        try (SegmentFile file = store.open(shard, name)) {
            if (file.size() < HEADER_BYTES) {
                return null;
            }
            byte[] header = new byte[HEADER_BYTES];
            file.read(0, ByteBuffer.wrap(header));
            ByteBuffer bytes = ByteBuffer.wrap(header);
            if (bytes.getInt() != MAGIC) {
                return null;
            }
            SideFile.checkVersion(shard, name, bytes.getInt(), VERSION);
            IndexFile found =
                    new IndexFile(bytes.getLong(), bytes.getLong(), bytes.getLong(), bytes.getInt(), bytes.getInt());
            int crc = bytes.getInt(CHECKED_BYTES);
            boolean intact = crc == SideFile.crc(header, 0, CHECKED_BYTES)
                    && file.size() == HEADER_BYTES + (long) found.count * ENTRY_BYTES;
            return intact ? found : null;
        }
    }

    /** Reads all entries and checks them. */
    MemoryIndex load(SegmentStore store, String shard, String name) throws IOException {
        byte[] all = SideFile.readAll(store, shard, name);
        CRC32C crc = new CRC32C();
        crc.update(all, HEADER_BYTES, all.length - HEADER_BYTES);
        if ((int) crc.getValue() != entriesCrc) {
            throw new StoreException(Kind.CORRUPT, name + " of " + shard + " fails its checksum");
        }
        ByteBuffer bytes = ByteBuffer.wrap(all).position(HEADER_BYTES);
        MemoryIndex index = new MemoryIndex();
        for (int i = 0; i < count; i++) {
            long place = bytes.getLong();
            index.add((int) (place >>> 32), BatchIndex.position(place), bytes.getLong());
        }
        return index;
    }
}
