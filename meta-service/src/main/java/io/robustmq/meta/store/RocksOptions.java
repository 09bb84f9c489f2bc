package io.robustmq.meta.store;

import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.CompressionType;
import org.rocksdb.FlushOptions;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.Options;
import org.rocksdb.WriteOptions;

/**
 * How RocksDB is opened: small. The state is read once, at start, and is kept in memory as the image; the database need
 * cache nothing and hardly ever has work to do. Owned by its MetaStore.
 */
final class RocksOptions implements AutoCloseable {
    final Options open;
    final WriteOptions write = new WriteOptions().setDisableWAL(true);
    final FlushOptions flush = new FlushOptions().setWaitForFlush(true);

    @SuppressWarnings("resource") // the setters return the same options
    RocksOptions() {
        this.open = new Options()
                .setCreateIfMissing(false)
                .setWriteBufferSize(512 << 10)
                .setArenaBlockSize(32 << 10)
                .setMaxWriteBufferNumber(2)
                .setMaxBackgroundJobs(1)
                .setMaxOpenFiles(32)
                .setTableFormatConfig(new BlockBasedTableConfig().setNoBlockCache(true))
                .setCompressionType(CompressionType.NO_COMPRESSION)
                .setTargetFileSizeBase(4 << 20)
                .setManifestPreallocationSize(16 << 10)
                .setMaxManifestFileSize(1 << 20)
                .setInfoLogLevel(InfoLogLevel.ERROR_LEVEL)
                .setKeepLogFileNum(1)
                .setStatsDumpPeriodSec(0)
                .setStatsPersistPeriodSec(0);
    }

    @Override
    public void close() {
        flush.close();
        write.close();
        open.close();
    }
}
