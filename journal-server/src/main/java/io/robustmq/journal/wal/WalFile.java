package io.robustmq.journal.wal;

import io.netty.buffer.ByteBuf;
import io.robustmq.core.port.OverwritableFile;
import io.robustmq.core.port.SegmentStore;
import io.robustmq.journal.wal.WalCodec.Header;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * One of the files that alternate. It grows in its first use and is written over in later ones, which spares the file system
 * a change of its size per sync. Owned by the thread of the write-ahead log, {@link #checkpointed} excepted.
 *
 * <pre>
 *   free ──► current ──► full ──► checkpointed = free
 * </pre>
 */
public final class WalFile {
    final String name;
    final Header header;
    /** What must be forced before the file is used again. Not changed any more once the file is full. */
    final List<GuardedFile> covered = new ArrayList<>();

    private final OverwritableFile file;
    private final long bytesMax;
    private final ByteBuf[] one = new ByteBuf[1];
    private long position;
    private volatile boolean checkpointed;

    private WalFile(String name, OverwritableFile file, Header header, long bytesMax) {
        this.name = name;
        this.file = file;
        this.header = header;
        this.bytesMax = bytesMax;
    }

    static WalFile create(SegmentStore store, String name, Header header, long bytesMax) throws IOException {
        OverwritableFile file = (OverwritableFile) store.create(WriteAheadLog.SHARD, name);
        return new WalFile(name, file, header, bytesMax);
    }

    /** The same file for another round. */
    WalFile again(Header newHeader) {
        return new WalFile(name, file, newHeader, bytesMax);
    }

    boolean fits(int bytes) {
        return position + bytes <= bytesMax;
    }

    boolean isFresh() {
        return position == 0;
    }

    double filling() {
        return (double) position / bytesMax;
    }

    /** Borrows {@code bytes}, whole blocks; written, not yet durable. */
    void write(ByteBuf bytes) throws IOException {
        one[0] = bytes;
        file.overwrite(position, one, 1);
    }

    void force(int bytesWritten) throws IOException {
        file.force();
        position += bytesWritten;
    }

    /** Any thread: all that it covers is durable without it. */
    void checkpointed() {
        checkpointed = true;
    }

    boolean isCheckpointed() {
        return checkpointed;
    }

    void close() throws IOException {
        file.close();
    }
}
