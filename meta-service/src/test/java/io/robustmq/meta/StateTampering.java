package io.robustmq.meta;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;

/** Changes rows behind the store's back. */
final class StateTampering {
    private StateTampering() {}

    static void setFormat(Path state, int format) throws Exception {
        try (Options options = new Options();
                RocksDB database = RocksDB.open(options, state.toString())) {
            database.put(
                    new byte[] {1, 'f'}, ByteBuffer.allocate(4).putInt(format).array());
        }
    }
}
