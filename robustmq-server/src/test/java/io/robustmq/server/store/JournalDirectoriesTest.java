package io.robustmq.server.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.robustmq.core.port.SegmentStore;
import io.robustmq.core.port.StoreException;
import io.robustmq.server.store.DataDirectory.RefusedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalDirectoriesTest {
    @TempDir
    private Path home;

    private Path data;
    private Path one;
    private Path two;

    @BeforeEach
    void makeDirectories() throws IOException {
        data = Files.createDirectory(home.resolve("data"));
        one = home.resolve("one");
        two = home.resolve("two");
    }

    @Test
    void whatIsThereIsFoundAgain() throws IOException {
        try (var opened = open(one, two)) {
            assertThat(opened.stores().keySet()).containsExactly(one.toString(), two.toString());
            store(opened, one).replace("a-0", "name", new byte[] {7});
        }
        try (var opened = open(two, one)) {
            assertThat(store(opened, one).shards()).containsExactly("a-0");
            assertThat(store(opened, two).shards()).isEmpty();
        }
    }

    @Test
    void aDirectoryThatIsGoneOrAnotherOneIsLostAndTheOthersAreNot() throws IOException {
        open(one, two).close();
        Files.move(one, home.resolve("gone"));
        try (var opened = open(one, two)) {
            assertLost(store(opened, one));
            assertThat(store(opened, two).shards()).isEmpty();
        }
        // As a directory that a disk is to be mounted on.
        Files.createDirectory(one);
        try (var opened = open(one, two)) {
            assertLost(store(opened, one));
        }
        Files.delete(one);
        Files.move(home.resolve("gone"), one);
        try (var opened = open(one, two)) {
            assertThat(store(opened, one).shards()).isEmpty();
        }
    }

    @Test
    void aDirectoryWithPartitionsMayNotBeLeftOut() throws IOException {
        open(one, two).close();
        assertThatThrownBy(() -> open(two))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("journal.dirs does not name " + one);
        open(one, two).close();
    }

    @Test
    void aDirectoryThatCannotBeMadeOrIsInUseIsRefused() throws IOException {
        Files.createFile(one);
        assertThatThrownBy(() -> open(one)).isInstanceOf(RefusedException.class).hasMessageContaining(one.toString());
        try (var opened = open(two)) {
            assertThat(opened.stores()).hasSize(1);
            assertThatThrownBy(() -> open(two))
                    .isInstanceOf(RefusedException.class)
                    .hasMessageContaining("in use");
        }
    }

    private static void assertLost(SegmentStore store) {
        assertThatThrownBy(store::check).isInstanceOf(StoreException.class).hasMessageContaining("mounted");
    }

    private static SegmentStore store(JournalDirectories opened, Path path) {
        SegmentStore store = opened.stores().get(path.toString());
        assertThat(store).isNotNull();
        return store;
    }

    private JournalDirectories open(Path... paths) throws IOException {
        return JournalDirectories.open(
                data, List.of(paths).stream().map(Path::toString).toList());
    }
}
