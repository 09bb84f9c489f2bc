package io.robustmq.journal.wal;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.robustmq.core.port.OverwritableFile;
import io.robustmq.core.port.SegmentFile;
import io.robustmq.core.port.SegmentStore;
import io.robustmq.journal.wal.WalCodec.Header;
import io.robustmq.journal.wal.WalReader.Entry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings what only the write-ahead files hold into the segments, forces them, and deletes the files. May be cut off at any
 * point and run again. Used once, before any shard is open.
 */
final class WalReplay {
    private static final Logger LOG = LoggerFactory.getLogger(WalReplay.class);

    private final SegmentStore store;
    private final Map<String, Map<String, List<Entry>>> shards = new LinkedHashMap<>();
    private ByteBuffer bytes = ByteBuffer.allocate(1 << 16);
    private ByteBuffer present = ByteBuffer.allocate(1 << 16);
    private int written;
    private int entryCount;

    WalReplay(SegmentStore store) {
        this.store = store;
    }

    void run() throws IOException {
        List<WalReader> readers = new ArrayList<>();
        List<SegmentFile> files = new ArrayList<>();
        try {
            for (String name : store.list(WriteAheadLog.SHARD)) {
                SegmentFile file = store.open(WriteAheadLog.SHARD, name);
                files.add(file);
                readers.add(new WalReader(name, file));
            }
            readers.sort(Comparator.comparingLong(WalReplay::sequence));
            List<Entry> entries = new ArrayList<>();
            for (WalReader reader : readers) {
                reader.read(entries);
            }
            entries.forEach(this::sort);
            apply();
        } finally {
            for (SegmentFile file : files) {
                file.close();
            }
        }
        // The older first: what it holds may be void by what the newer says.
        for (WalReader reader : readers) {
            store.delete(WriteAheadLog.SHARD, reader.name);
        }
    }

    private static long sequence(WalReader reader) {
        Header header = reader.header();
        return header == null ? -1 : header.sequence();
    }

    private void sort(Entry entry) {
        if (entry.forgets() && entry.name().isEmpty()) {
            shards.remove(entry.shard());
        } else if (entry.forgets()) {
            shards.computeIfAbsent(entry.shard(), key -> new LinkedHashMap<>()).remove(entry.name());
        } else {
            shards.computeIfAbsent(entry.shard(), key -> new LinkedHashMap<>())
                    .computeIfAbsent(entry.name(), key -> new ArrayList<>())
                    .add(entry);
        }
    }

    private void apply() throws IOException {
        for (Map.Entry<String, Map<String, List<Entry>>> shard : shards.entrySet()) {
            List<String> names = store.list(shard.getKey());
            for (Map.Entry<String, List<Entry>> file : shard.getValue().entrySet()) {
                apply(shard.getKey(), file.getKey(), names.contains(file.getKey()), file.getValue());
            }
        }
        if (entryCount > 0) {
            LOG.info(
                    "shards={} entries={} written={} reason=\"replayed the write-ahead files after an unclean end\"",
                    shards.size(),
                    entryCount,
                    written);
        }
    }

    private void apply(String shard, String name, boolean exists, List<Entry> entries) throws IOException {
        if (!exists && entries.get(0).position() > 0) {
            LOG.warn("shard={} file={} action=skip reason=\"the segment is gone\"", shard, name);
            return;
        }
        try (SegmentFile file = exists ? store.open(shard, name) : store.create(shard, name)) {
            for (Entry entry : entries) {
                if (entry.position() > file.size()) {
                    LOG.error(
                            "shard={} file={} action=skip position={} size={} reason=\"what comes before it is missing\"",
                            shard,
                            name,
                            entry.position(),
                            file.size());
                } else {
                    apply(entry, (OverwritableFile) file);
                }
            }
            // What is equal may be so in memory only.
            file.force();
        }
    }

    private void apply(Entry entry, OverwritableFile file) throws IOException {
        entryCount++;
        bytes = read(bytes, entry.source(), entry.at(), entry.length());
        if (entry.position() + entry.length() <= file.size()) {
            present = read(present, file, entry.position(), entry.length());
            if (present.equals(bytes)) {
                return;
            }
        }
        written++;
        file.overwrite(entry.position(), new ByteBuf[] {Unpooled.wrappedBuffer(bytes)}, 1);
    }

    /** Into {@code target} or a larger one. */
    private static ByteBuffer read(ByteBuffer target, SegmentFile file, long at, int length) throws IOException {
        ByteBuffer room = length <= target.capacity() ? target : ByteBuffer.allocate(length);
        file.read(at, room.clear().limit(length));
        return room.flip();
    }
}
