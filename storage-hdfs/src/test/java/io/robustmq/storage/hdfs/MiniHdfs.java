package io.robustmq.storage.hdfs;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.hdfs.MiniDFSCluster;

/** A name node and a data node in this process. */
final class MiniHdfs {
    static final int BLOCK_BYTES = 64 << 10;

    private final MiniDFSCluster cluster;

    MiniHdfs(Path directory) throws IOException {
        Configuration hadoop = new Configuration();
        hadoop.set(MiniDFSCluster.HDFS_MINIDFS_BASEDIR, directory.toString());
        hadoop.set("dfs.namenode.fs-limits.min-block-size", "4096");
        // By which data nodes hear that a lease is to be recovered.
        hadoop.set("dfs.heartbeat.interval", "1");
        cluster = new MiniDFSCluster.Builder(hadoop)
                .numDataNodes(1)
                .manageNameDfsDirs(true)
                .format(true)
                .build();
        cluster.waitActive();
    }

    MiniDFSCluster cluster() {
        return cluster;
    }

    /** Of a store in the directory {@code root}. */
    Map<String, String> settings(String root) {
        return Map.of(
                "uri",
                "hdfs://127.0.0.1:" + cluster.getNameNodePort(),
                "root",
                root,
                "hadoop.dfs.blocksize",
                String.valueOf(BLOCK_BYTES));
    }

    void stop() {
        cluster.shutdown(true);
    }
}
