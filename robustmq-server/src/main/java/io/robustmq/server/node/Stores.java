package io.robustmq.server.node;

import io.robustmq.core.config.Configuration;
import io.robustmq.core.port.SegmentStore;
import io.robustmq.journal.JournalConfig;
import io.robustmq.server.config.ServerConfig;
import io.robustmq.server.store.JournalDirectories;
import io.robustmq.storage.memory.MemoryStore;
import io.robustmq.storage.ssd.SsdStore;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/**
 * Where this node's partitions live.
 *
 * @param named by what a topic's {@code storage} says
 * @param directories further ones for {@code storage=ssd}
 */
record Stores(Map<String, SegmentStore> named, JournalDirectories directories) implements AutoCloseable {
    static Stores open(Path directory, ServerConfig config, Configuration values) throws IOException {
        JournalDirectories further = JournalDirectories.open(directory, values.get(JournalConfig.DIRECTORIES));
        try {
            SegmentStore files = new SsdStore(directory.resolve("journal"));
            return new Stores(Map.of("ssd", files, "memory", new MemoryStore(config.memoryBytesMax())), further);
        } catch (IOException | RuntimeException e) {
            further.close();
            throw e;
        }
    }

    @Override
    public void close() throws IOException {
        directories.close();
        for (SegmentStore store : named.values()) {
            store.close();
        }
    }
}
