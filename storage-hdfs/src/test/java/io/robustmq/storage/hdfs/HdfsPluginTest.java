package io.robustmq.storage.hdfs;

import static io.robustmq.storage.object.ObjectStoreContract.assertKind;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.robustmq.core.port.StoreException.Kind;
import io.robustmq.core.port.object.ObjectInfo;
import io.robustmq.core.port.object.ObjectStore;
import io.robustmq.core.port.object.ObjectStoreProvider;
import io.robustmq.core.port.object.ObjectStream;
import io.robustmq.core.port.object.ObjectStreams;
import io.robustmq.core.port.object.ObjectWriter;
import io.robustmq.core.port.object.RequestMeter;
import io.robustmq.storage.object.ObjectStreamsContract;
import io.robustmq.storage.object.Samples;
import io.robustmq.storage.plugin.PluginLoader;
import java.io.File;
import java.io.IOException;
import java.net.URL;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.apache.hadoop.hdfs.DistributedFileSystem;
import org.apache.hadoop.hdfs.protocol.HdfsConstants.SafeModeAction;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The plug-in as the server loads it, and what of its contract takes little time. */
class HdfsPluginTest {
    @TempDir
    static Path directory;

    private static MiniHdfs hdfs;
    private static ObjectStore store;

    @BeforeAll
    static void start() throws Exception {
        hdfs = new MiniHdfs(directory);
        List<URL> urls = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
            if (entry.contains("hadoop-client")
                    || entry.contains("storage-hdfs")
                    || entry.contains("commons-logging")) {
                urls.add(new File(entry).toURI().toURL());
            }
        }
        ObjectStoreProvider provider = PluginLoader.find("hdfs", urls).orElseThrow();
        store = provider.open(hdfs.settings("/robustmq/plug-in"), RequestMeter.NONE);
        assertThat(store).as("loaded apart").isNotInstanceOf(HdfsObjectStore.class);
    }

    @AfterAll
    static void stop() throws IOException {
        store.close();
        hdfs.stop();
    }

    @Test
    void theStoreOffersWhatIsNeeded() throws IOException {
        store.check();
        assertThat(store.list(".check/", "", 1).objects()).isEmpty();
    }

    @Test
    void anObjectAppearsWholeAndOnce() throws IOException {
        byte[] content = Samples.bytes(MiniHdfs.BLOCK_BYTES + 7, 1);
        UUID token = new UUID(0, 1);
        try (ObjectWriter writer = store.write("a/b", token)) {
            writer.append(ByteBuffer.wrap(content));
            assertKind(Kind.NOT_FOUND, () -> store.info("a/b"));
            writer.seal();
        }
        assertThat(store.list("a/", "", 10).objects()).containsExactly(new ObjectInfo("a/b", content.length));
        ByteBuffer range = ByteBuffer.allocate(10);
        store.read("a/b", MiniHdfs.BLOCK_BYTES - 5, range);
        assertThat(range.array()).isEqualTo(Samples.range(content, MiniHdfs.BLOCK_BYTES - 5, 10));
        store.create("a/b", token, List.of(ByteBuffer.wrap(content)));
        assertKind(Kind.EXISTS, () -> store.create("a/b", new UUID(0, 2), List.of(ByteBuffer.wrap(content))));
        store.delete(List.of("a/b"));
        assertKind(Kind.NOT_FOUND, () -> store.read("a/b", 0, ByteBuffer.allocate(1)));
    }

    /** The rest of what streams promise is in {@link HdfsObjectStreamsTest}. */
    @Test
    void aStreamIsReadWhileItGrowsAndAnotherKeepsItsWriterOut() throws IOException {
        ObjectStreams streams = Objects.requireNonNull(store.streams());
        try (ObjectStore other = new HdfsProvider().open(hdfs.settings("/robustmq/plug-in"), RequestMeter.NONE)) {
            ObjectStreams elsewhere = Objects.requireNonNull(other.streams());
            ObjectStream stream = streams.open("a/stream");
            byte[] content = Samples.bytes(MiniHdfs.BLOCK_BYTES + 7, 1);
            assertThat(stream.append(List.of(ByteBuffer.wrap(content)))).isZero();
            assertThat(ObjectStreamsContract.read(elsewhere, "a/stream", 10, content.length - 10))
                    .isEqualTo(Samples.range(content, 10, content.length - 10));
            assertThat(elsewhere.isSealed("a/stream")).isFalse();
            assertThat(elsewhere.seal("a/stream")).isEqualTo(content.length);
            ObjectStreamsContract.assertRefused(stream);
            ObjectStreamsContract.closeAnyhow(stream);
            assertThat(streams.list("a/", "", 10).objects())
                    .containsExactly(new ObjectInfo("a/stream", content.length));
            streams.delete(List.of("a/stream"));
            assertKind(Kind.NOT_FOUND, () -> elsewhere.sizeInBytes("a/stream"));
        }
    }

    @Test
    void aNameNodeInSafeModeMayBeAskedAgain() throws IOException {
        List<ByteBuffer> content = List.of(ByteBuffer.wrap(Samples.text("x")));
        hdfs.cluster().getNameNodeRpc().setSafeMode(SafeModeAction.SAFEMODE_ENTER, false);
        try {
            assertKind(Kind.RETRIABLE, () -> store.create("after", new UUID(0, 3), content));
        } finally {
            hdfs.cluster().getNameNodeRpc().setSafeMode(SafeModeAction.SAFEMODE_LEAVE, false);
        }
        store.create("after", new UUID(0, 3), content);
    }

    /** Else the client renews its lease for ever. */
    @Test
    void aWriterThatBrokeKeepsNothingOpen() throws IOException {
        try (HdfsObjectStore own =
                        new HdfsObjectStore(HdfsConfig.of(hdfs.settings("/robustmq/broken")), RequestMeter.NONE);
                DistributedFileSystem files = hdfs.cluster().getFileSystem()) {
            org.apache.hadoop.fs.Path file = new org.apache.hadoop.fs.Path("/robustmq/broken/temporary/gone.tmp");
            HdfsObjectWriter writer = new HdfsObjectWriter(own, files, "a", new UUID(0, 4), file);
            assertThat(files.delete(file, false)).isTrue();
            byte[] block = Samples.bytes(MiniHdfs.BLOCK_BYTES, 1);
            assertThatThrownBy(() -> {
                        while (true) {
                            writer.append(ByteBuffer.wrap(block));
                        }
                    })
                    .isInstanceOf(IOException.class);
            assertThat(writer.broken()).isTrue();
            writer.close();
            assertThat(files.getClient().getNumOfFilesBeingWritten()).isZero();
        }
    }

    @Test
    void aSettingThatIsNotThereIsNamed() {
        HdfsProvider provider = new HdfsProvider();
        assertThatThrownBy(() -> provider.open(Map.of("root", "/x"), RequestMeter.NONE))
                .hasMessageContaining("uri");
        assertThatThrownBy(() -> provider.open(Map.of("uri", "hdfs://x", "root", "/x", "rot", "/"), RequestMeter.NONE))
                .hasMessageContaining("rot");
    }
}
