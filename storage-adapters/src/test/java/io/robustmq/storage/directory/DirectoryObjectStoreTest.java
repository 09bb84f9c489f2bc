package io.robustmq.storage.directory;

import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.core.port.StoreException.Kind;
import io.robustmq.core.port.object.ObjectStore;
import io.robustmq.core.port.object.ObjectWriter;
import io.robustmq.core.port.object.RequestMeter;
import io.robustmq.storage.object.ObjectListContract;
import io.robustmq.storage.object.ObjectStoreContract;
import io.robustmq.storage.object.Samples;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DirectoryObjectStoreTest implements ObjectListContract {
    @TempDir
    Path root;

    private DirectoryObjectStore store;

    @BeforeEach
    void open() throws IOException {
        store = new DirectoryObjectStore(root, RequestMeter.NONE);
    }

    @Override
    public ObjectStore store() {
        return store;
    }

    @Override
    public ObjectStore reopened() throws IOException {
        store.close();
        open();
        return store;
    }

    @Override
    public int partBytes() {
        return 4_096;
    }

    @Override
    public int manyObjects() {
        return Boolean.getBoolean("robustmq.full") ? 100_000 : 300;
    }

    @Test
    void damagedFilesAreCorrupt() throws IOException {
        for (String name : List.of("flipped", "cut", "stub", "foreign")) {
            create(name, Samples.bytes(1_000, 1));
        }
        Path objects = root.resolve("objects");
        byte[] bytes = Files.readAllBytes(objects.resolve("flipped"));
        bytes[500] ^= 1;
        Files.write(objects.resolve("flipped"), bytes);
        Files.write(objects.resolve("cut"), Samples.range(bytes, 0, 900));
        Files.write(objects.resolve("stub"), new byte[3]);
        Files.write(objects.resolve("foreign"), new byte[1_032]);
        for (String name : List.of("flipped", "cut", "stub", "foreign")) {
            ObjectStoreContract.assertKind(Kind.CORRUPT, () -> read(name, 0, 1_000));
        }
        ObjectStoreContract.assertKind(Kind.CORRUPT, () -> read("cut", 0, 10));
        ObjectStoreContract.assertKind(Kind.CORRUPT, () -> create("foreign", new byte[1]));
        assertThat(store.list("", "", 10).objects()).hasSize(4);
    }

    @Test
    void aDirectoryThatIsGoneIsNoEmptyStore() throws IOException {
        create("a", Samples.text("a"));
        store.delete(List.of("a"));
        Files.delete(root.resolve("objects"));
        ObjectStoreContract.assertKind(Kind.FATAL, () -> store.list("", "", 1));
        ObjectStoreContract.assertKind(Kind.FATAL, () -> read("a", 0, 1));
        ObjectStoreContract.assertKind(Kind.FATAL, () -> store.info("a"));
        ObjectStoreContract.assertKind(Kind.FATAL, () -> store.delete(List.of("a")));
        ObjectStoreContract.assertKind(Kind.FATAL, () -> create("b", new byte[1]));
        ObjectStoreContract.assertKind(Kind.FATAL, store::check);
    }

    @Test
    void directoriesGoWithTheirLastObject() throws IOException {
        create("deep/er/a", Samples.text("a"));
        create("deep/b", Samples.text("b"));
        store.delete(List.of("deep/er/a"));
        assertThat(root.resolve("objects/deep/er")).doesNotExist();
        store.delete(List.of("deep/b"));
        try (Stream<Path> left = Files.list(root.resolve("objects"))) {
            assertThat(left).isEmpty();
        }
    }

    @Test
    void aCreationThatIsSweptFailsAndLeavesNothing() throws IOException {
        try (ObjectWriter writer = store.write("slow", new UUID(0, 1))) {
            writer.append(ByteBuffer.allocate(10));
            assertThat(store.sweep(Long.MAX_VALUE)).isEqualTo(1);
            ObjectStoreContract.assertKind(Kind.FATAL, writer::seal);
            assertThat(writer.broken()).isTrue();
        }
        ObjectStoreContract.assertKind(Kind.NOT_FOUND, () -> store.info("slow"));
    }
}
