package io.robustmq.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.core.model.Partition;
import io.robustmq.core.model.TopicId;
import io.robustmq.core.port.LogDirectory;
import io.robustmq.core.port.SegmentStore;
import io.robustmq.storage.memory.MemoryStore;
import io.robustmq.storage.ssd.LostStore;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DirectoriesTest {
    private final SegmentStore first = new MemoryStore(1 << 20);
    private final SegmentStore second = new MemoryStore(1 << 20);

    @AfterEach
    void close() throws IOException {
        first.close();
        second.close();
    }

    @Test
    void newPartitionsGoWhereFewestAreAndOldOnesStay() throws IOException {
        second.replace(partition(1).toString(), "name", new byte[] {1});
        second.replace(partition(2).toString(), "name", new byte[] {1});
        var directories = new Directories(first, Map.of("second", second));
        assertThat(directories.place(partition(1), true)).isSameAs(second);
        assertThat(directories.place(partition(2), true)).isSameAs(second);
        for (int i = 3; i < 5; i++) {
            assertThat(directories.place(partition(i), true)).isSameAs(first);
        }
        directories.forget(partition(2));
        assertThat(directories.place(partition(5), false)).isSameAs(second);
        assertThat(directories.shown().get(1).has().test(partition(5))).isTrue();
        assertThat(directories.shown().get(1).has().test(partition(2))).isFalse();
    }

    @Test
    void whatIsNowhereToBeFoundIsWhereNothingCanBeRead() {
        SegmentStore lost = new LostStore("lost");
        var directories = new Directories(first, Map.of("second", lost));
        assertThat(directories.place(partition(1), true)).isSameAs(lost);
        assertThat(directories.place(partition(2), false)).isSameAs(first);
        assertThat(directories.shown().stream().map(LogDirectory::online)).containsExactly(true, false);
        assertThat(directories.failedCount()).isEqualTo(1);
    }

    @Test
    void aDirectoryThatFailsIsToldOnceAndGetsNothingNew() {
        SegmentStore lost = new LostStore("lost");
        var directories = new Directories(first, Map.of("second", lost));
        List<SegmentStore> told = new ArrayList<>();
        directories.check((store, cause) -> told.add(store));
        directories.check((store, cause) -> told.add(store));
        assertThat(told).containsExactly(lost);
        for (int i = 0; i < 3; i++) {
            assertThat(directories.place(partition(i), false)).isSameAs(first);
        }
    }

    private static Partition partition(int index) {
        return new Partition(new TopicId(1, 1), index);
    }
}
