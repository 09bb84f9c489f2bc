package io.robustmq.storage.hdfs;

import io.robustmq.core.port.object.ObjectStore;
import io.robustmq.core.port.object.RequestMeter;
import io.robustmq.storage.object.ObjectListContract;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** The whole contract, with a name node that restarts: more than a minute, so in the profile full. */
@EnabledIfSystemProperty(named = "robustmq.full", matches = "true", disabledReason = "in the profile full only")
class HdfsObjectStoreTest implements ObjectListContract {
    @TempDir
    static Path directory;

    private static MiniHdfs hdfs;
    private static int stores;

    private final String root = "/robustmq/cluster-" + stores++;
    private ObjectStore store;

    @BeforeAll
    static void start() throws IOException {
        hdfs = new MiniHdfs(directory);
    }

    @AfterAll
    static void stop() {
        hdfs.stop();
    }

    @BeforeEach
    void open() throws IOException {
        store = new HdfsProvider().open(hdfs.settings(root), RequestMeter.NONE);
    }

    @AfterEach
    void close() throws IOException {
        store.close();
    }

    @Override
    public ObjectStore store() {
        return store;
    }

    @Override
    public ObjectStore reopened() throws IOException {
        store.close();
        hdfs.cluster().restartNameNode(true);
        open();
        return store;
    }

    @Override
    public int partBytes() {
        return MiniHdfs.BLOCK_BYTES;
    }

    /** Each is forced to disk by the data node: 100,000 would take an hour. */
    @Override
    public int manyObjects() {
        return 1_010;
    }
}
