package io.robustmq.storage.memory;

import static io.robustmq.storage.SegmentStoreContract.append;
import static io.robustmq.storage.SegmentStoreContract.assertKind;
import static io.robustmq.storage.SegmentStoreContract.read;
import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.core.port.SegmentFile;
import io.robustmq.core.port.SegmentStore;
import io.robustmq.core.port.StoreException.Kind;
import io.robustmq.storage.SegmentStoreContract;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MemoryStoreTest implements SegmentStoreContract {
    private final MemoryStore store = new MemoryStore(16 << 20);

    @Override
    public SegmentStore store() {
        return store;
    }

    @AfterEach
    void close() {
        store.close();
    }

    @Test
    void contentIsGoneWithTheProcess() {
        assertThat(store.durable()).isFalse();
    }

    @Test
    void fullStoreRefusesKeepsWhatItHasAndTakesMoreWhenThereIsRoom() throws IOException {
        try (MemoryStore small = new MemoryStore(8 << 10)) {
            SegmentFile first = small.create("a", NAME);
            append(first, "x".repeat(4_000));
            SegmentFile second = small.create("b", NAME);
            append(second, "y".repeat(4_000));
            assertKind(Kind.FULL, () -> append(second, "z".repeat(1_000)));
            assertThat(second.size()).isEqualTo(4_000);
            assertThat(read(second, 3_999, 1)).isEqualTo("y");
            small.deleteShard("a");
            append(second, "z".repeat(1_000));
            assertThat(read(second, 4_000, 1)).isEqualTo("z");
        }
    }
}
