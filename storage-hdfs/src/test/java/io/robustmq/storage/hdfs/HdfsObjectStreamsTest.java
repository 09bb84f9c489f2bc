package io.robustmq.storage.hdfs;

import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.core.port.object.ObjectStore;
import io.robustmq.core.port.object.ObjectStream;
import io.robustmq.core.port.object.ObjectStreams;
import io.robustmq.core.port.object.RequestMeter;
import io.robustmq.storage.object.ObjectStreamsContract;
import io.robustmq.storage.object.Samples;
import io.robustmq.storage.retry.RetryClock;
import io.robustmq.storage.retry.RetryPolicy;
import io.robustmq.storage.retry.RetryingObjectStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** The whole contract of streams, and what name node and data node do to them: more than ten seconds, so in the profile full. */
@EnabledIfSystemProperty(named = "robustmq.full", matches = "true", disabledReason = "in the profile full only")
class HdfsObjectStreamsTest implements ObjectStreamsContract {
    @TempDir
    static Path directory;

    private static MiniHdfs hdfs;
    private static int stores;

    private final String root = "/robustmq/cluster-" + stores++;
    private HdfsObjectStore store;
    private HdfsObjectStore other;

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
        store = another();
        other = another();
    }

    private HdfsObjectStore another() throws IOException {
        return new HdfsObjectStore(HdfsConfig.of(hdfs.settings(root)), RequestMeter.NONE);
    }

    @AfterEach
    void close() throws IOException {
        store.close();
        other.close();
    }

    @Override
    public ObjectStreams streams() {
        return store.streams();
    }

    @Override
    public ObjectStreams elsewhere() {
        return other.streams();
    }

    /** Nothing is closed or told to the name node. */
    @Override
    public void die() throws IOException {
        store.abort();
        store = another();
    }

    @Override
    public int partBytes() {
        return MiniHdfs.BLOCK_BYTES;
    }

    @Test
    void aStreamGoesOnWhenTheNameNodeRestarts() throws Exception {
        byte[] content = Samples.bytes(3 * MiniHdfs.BLOCK_BYTES, 5);
        try (ObjectStream stream = streams().open("goes-on")) {
            long unused = stream.append(List.of(ByteBuffer.wrap(content, 0, 1_000)));
            hdfs.cluster().restartNameNode(true);
            assertThat(ObjectStreamsContract.read(elsewhere(), "goes-on", 0, 1_000))
                    .isEqualTo(Samples.range(content, 0, 1_000));
            assertThat(stream.append(List.of(ByteBuffer.wrap(content, 1_000, content.length - 1_000))))
                    .isEqualTo(1_000);
        }
        assertThat(elsewhere().isSealed("goes-on")).isTrue();
        assertThat(ObjectStreamsContract.read(elsewhere(), "goes-on", 0, content.length))
                .isEqualTo(content);
    }

    @Test
    void whatIsLeftOpenIsThereWhenTheNameNodeRestartsAndIsSealedThen() throws Exception {
        byte[] content = Samples.bytes(MiniHdfs.BLOCK_BYTES + 1_000, 6);
        ObjectStream stream = streams().open("left-open");
        long unused = stream.append(List.of(ByteBuffer.wrap(content)));
        die();
        hdfs.cluster().restartNameNode(true);
        assertThat(ObjectStreamsContract.read(elsewhere(), "left-open", 0, content.length))
                .isEqualTo(content);
        assertThat(elsewhere().seal("left-open")).isEqualTo(content.length);
        assertThat(ObjectStreamsContract.read(elsewhere(), "left-open", 0, content.length))
                .isEqualTo(content);
    }

    /** Nobody knows how long the last block is then, before the lease is recovered, which who reads asks for. */
    @Test
    void whatIsLeftOpenIsReadWhenTheDataNodeHasRestarted() throws Exception {
        byte[] content = Samples.bytes(MiniHdfs.BLOCK_BYTES + 1_000, 7);
        Map<String, String> settings = new HashMap<>(hdfs.settings(root));
        settings.put("hadoop.dfs.client.retry.interval-ms.get-last-block-length", "100");
        ObjectStream stream = streams().open("left-there");
        long unused = stream.append(List.of(ByteBuffer.wrap(content)));
        die();
        assertThat(hdfs.cluster().restartDataNode(0, true)).isTrue();
        hdfs.cluster().waitActive();
        try (ObjectStore reader = new RetryingObjectStore(
                "hdfs",
                new HdfsObjectStore(HdfsConfig.of(settings), RequestMeter.NONE),
                RetryPolicy.DEFAULT,
                RetryClock.SYSTEM)) {
            ObjectStreams reads = Objects.requireNonNull(reader.streams());
            assertThat(ObjectStreamsContract.read(reads, "left-there", 0, content.length))
                    .isEqualTo(content);
            assertThat(reads.seal("left-there")).isEqualTo(content.length);
            assertThat(ObjectStreamsContract.read(reads, "left-there", 0, content.length))
                    .isEqualTo(content);
        }
    }
}
