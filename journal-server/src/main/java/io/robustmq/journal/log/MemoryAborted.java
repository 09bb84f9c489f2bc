package io.robustmq.journal.log;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.robustmq.journal.shard.AbortedRange;
import java.util.Arrays;

/** The aborted transactions of a segment that still grows. One writer; readers see a prefix, since the count is published last. */
final class MemoryAborted implements AbortedIndex {
    /** Of a segment without any; nothing is ever added to it. */
    static final MemoryAborted NONE = new MemoryAborted();

    private volatile AbortedRange[] entries = new AbortedRange[4];
    private volatile int count;

    void add(AbortedRange range) {
        int at = count;
        AbortedRange[] now = entries;
        if (at == now.length) {
            now = Arrays.copyOf(now, at * 2);
        }
        now[at] = range;
        entries = now;
        count = at + 1;
    }

    @Override
    public int count() {
        return count;
    }

    @Override
    public AbortedRange entry(int index) {
        return entries[index];
    }

    /** The content of the side file. */
    ByteBuf encode() {
        int entryCount = count;
        ByteBuf content = Unpooled.buffer(entryCount * AbortedRange.BYTES);
        for (int i = 0; i < entryCount; i++) {
            AbortedRange range = entries[i];
            content.writeLong(range.producerId())
                    .writeLong(range.firstOffset())
                    .writeLong(range.lastOffset())
                    .writeLong(range.stableOffset());
        }
        return content;
    }

    /** Reads what {@link #encode} wrote. */
    static MemoryAborted decode(ByteBuf content) {
        MemoryAborted index = new MemoryAborted();
        while (content.isReadable()) {
            index.add(new AbortedRange(content.readLong(), content.readLong(), content.readLong(), content.readLong()));
        }
        return index;
    }
}
