package io.robustmq.meta.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.rocksdb.NativeLibraryLoader;
import org.rocksdb.RocksDB;

/**
 * RocksDB's native library, 10 MB that have to be a file to be loaded. By default that is a new file in the system's
 * temporary directory, which a process that is killed leaves there; here it is one file, replaced by the next start.
 */
final class RocksLibrary {
    private RocksLibrary() {}

    /**
     * Loads it for the whole process, once.
     *
     * @param directory where its file goes; made if it is not there
     */
    static synchronized void loadFrom(Path directory) throws IOException {
        Files.createDirectories(directory);
        NativeLibraryLoader.getInstance().loadLibrary(directory.toString());
        RocksDB.loadLibrary();
    }
}
