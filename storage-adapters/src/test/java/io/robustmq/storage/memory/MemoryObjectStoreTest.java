package io.robustmq.storage.memory;

import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.core.port.StoreException.Kind;
import io.robustmq.core.port.object.ObjectStore;
import io.robustmq.core.port.object.ObjectStream;
import io.robustmq.core.port.object.ObjectStreams;
import io.robustmq.core.port.object.ObjectWriter;
import io.robustmq.core.port.object.RequestMeter;
import io.robustmq.storage.object.ObjectListContract;
import io.robustmq.storage.object.ObjectStoreContract;
import io.robustmq.storage.object.ObjectStreamsContract;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class MemoryObjectStoreTest implements ObjectListContract, ObjectStreamsContract {
    private MemoryObjectStore store = new MemoryObjectStore(16 << 20, RequestMeter.NONE);

    @Override
    public ObjectStore store() {
        return store;
    }

    @Override
    public ObjectStore reopened() {
        store.close();
        store = new MemoryObjectStore(16 << 20, RequestMeter.NONE);
        return store;
    }

    @Override
    public ObjectStreams streams() {
        return store.streams();
    }

    @Override
    public ObjectStreams elsewhere() {
        return store.streams();
    }

    @Override
    public void die() {
        // A process has nothing open here.
    }

    @Override
    public int partBytes() {
        return 4_096;
    }

    @Override
    public int manyObjects() {
        return Boolean.getBoolean("robustmq.full") ? 100_000 : 20_000;
    }

    @Test
    void aFullStoreRefusesAndTakesMoreWhenThereIsRoom() throws IOException {
        try (MemoryObjectStore small = new MemoryObjectStore(100, RequestMeter.NONE)) {
            small.create("a", new UUID(0, 1), List.of(ByteBuffer.allocate(60)));
            ObjectStoreContract.assertKind(
                    Kind.FULL, () -> small.create("b", new UUID(0, 2), List.of(ByteBuffer.allocate(60))));
            try (ObjectWriter writer = small.write("c", new UUID(0, 3))) {
                writer.append(ByteBuffer.allocate(40));
                ObjectStoreContract.assertKind(Kind.FULL, () -> writer.append(ByteBuffer.allocate(1)));
            }
            ObjectStoreContract.assertKind(
                    Kind.EXISTS, () -> small.create("a", new UUID(0, 4), List.of(ByteBuffer.allocate(40))));
            small.delete(List.of("a"));
            small.create("b", new UUID(0, 2), List.of(ByteBuffer.allocate(100)));
            assertThat(small.info("b").sizeInBytes()).isEqualTo(100);
        }
    }

    @Test
    void streamsAndObjectsShareTheRoom() throws IOException {
        try (MemoryObjectStore small = new MemoryObjectStore(100, RequestMeter.NONE)) {
            small.create("a", new UUID(0, 1), List.of(ByteBuffer.allocate(60)));
            ObjectStream stream = small.streams().open("a");
            long unused = stream.append(List.of(ByteBuffer.allocate(40)));
            ObjectStoreContract.assertKind(Kind.FULL, () -> stream.append(List.of(ByteBuffer.allocate(1))));
            assertThat(small.streams().isSealed("a")).isTrue();
            small.streams().delete(List.of("a"));
            small.create("b", new UUID(0, 2), List.of(ByteBuffer.allocate(40)));
        }
    }
}
