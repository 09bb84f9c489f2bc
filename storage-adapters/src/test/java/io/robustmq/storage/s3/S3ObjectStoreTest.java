package io.robustmq.storage.s3;

import static io.robustmq.storage.object.ObjectStoreContract.assertKind;
import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.core.port.StoreException.Kind;
import io.robustmq.core.port.object.ObjectStore;
import io.robustmq.core.port.object.RequestKind;
import io.robustmq.core.port.object.RequestMeter;
import io.robustmq.storage.object.ObjectListContract;
import io.robustmq.storage.object.Samples;
import io.robustmq.storage.retry.RequestCounts;
import io.robustmq.storage.s3.S3Config.S3Checksum;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class S3ObjectStoreTest implements ObjectListContract {
    private static final boolean FULL = Boolean.getBoolean("robustmq.full");
    private static S3Server server;
    private static int stores;

    private final String prefix = "cluster/" + stores++;
    private final RequestCounts counts = new RequestCounts();
    private ObjectStore store;

    @BeforeAll
    static void start() throws Exception {
        server = new S3Server();
    }

    @AfterAll
    static void stop() throws Exception {
        server.stop();
    }

    @BeforeEach
    void open() {
        store = new S3ObjectStore(server.config(prefix, S3Checksum.CRC32C), counts);
    }

    @AfterEach
    void close() throws IOException {
        store.close();
    }

    @Override
    public ObjectStore store() {
        return store;
    }

    /** The server's memory would not survive a restart: only the client begins anew. */
    @Override
    public ObjectStore reopened() throws IOException {
        store.close();
        open();
        return store;
    }

    @Override
    public int partBytes() {
        return S3Server.PART_BYTES;
    }

    @Override
    public int[] writtenBytes() {
        return FULL ? ObjectListContract.super.writtenBytes() : new int[] {partBytes(), partBytes() + 1};
    }

    @Override
    public int manyObjects() {
        return FULL ? 100_000 : 100;
    }

    @Test
    void requestsAreCountedAsTheyAreBilled() throws IOException {
        create("one", new byte[10]);
        write("parts", new UUID(0, 1), new byte[S3Server.PART_BYTES * 2 + 1], 1 << 20);
        read("one", 3, 4);
        store.list("", "", 10);
        store.delete(List.of("one", "parts"));
        assertThat(counts.requests(RequestKind.PUT)).as("1, and 1 + 3 + 1").isEqualTo(6);
        assertThat(counts.bytes(RequestKind.PUT)).isEqualTo(10 + S3Server.PART_BYTES * 2 + 1);
        assertThat(counts.requests(RequestKind.GET)).isEqualTo(1);
        assertThat(counts.bytes(RequestKind.GET)).isEqualTo(4);
        assertThat(counts.requests(RequestKind.LIST)).isEqualTo(1);
        assertThat(counts.requests(RequestKind.DELETE)).isEqualTo(1);
    }

    @Test
    void clustersInOneBucketDoNotSeeEachOther() throws IOException {
        try (ObjectStore other = new S3ObjectStore(server.config(prefix + "x", S3Checksum.NONE), RequestMeter.NONE)) {
            create("same", Samples.text("mine"));
            other.create("same", new UUID(0, 2), List.of(ByteBuffer.wrap(Samples.text("other"))));
            assertThat(store.info("same").sizeInBytes()).isEqualTo(4);
            assertThat(other.list("", "", 10).objects()).hasSize(1);
        }
    }

    @Test
    void contentMd5DoesForStoresThatKnowNoOtherChecksum() throws IOException {
        try (ObjectStore old = new S3ObjectStore(server.config(prefix, S3Checksum.MD5), RequestMeter.NONE)) {
            store = old;
            create("a", Samples.text("a"));
            write("b", new UUID(0, 3), Samples.bytes(S3Server.PART_BYTES + 1, 1), 1 << 20);
            assertThat(read("b", 1, 9)).isEqualTo(Samples.range(Samples.bytes(S3Server.PART_BYTES + 1, 1), 1, 9));
            store.delete(List.of("a", "b"));
            assertThat(list("")).isEmpty();
        }
    }

    @Test
    void wrongCredentialsAreFatal() throws IOException {
        System.setProperty("aws.secretAccessKey", "wrong");
        try (ObjectStore denied = new S3ObjectStore(server.config(prefix, S3Checksum.NONE), RequestMeter.NONE)) {
            assertKind(Kind.FATAL, () -> denied.list("", "", 1));
        } finally {
            System.setProperty("aws.secretAccessKey", "credential");
        }
    }
}
