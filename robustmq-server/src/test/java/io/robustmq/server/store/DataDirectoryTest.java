package io.robustmq.server.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.robustmq.server.store.DataDirectory.RefusedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataDirectoryTest {
    @TempDir
    private Path parent;

    @Test
    void aMissingDirectoryIsCreatedAndBelongsToTheNodeFromThenOn() throws IOException {
        Path path = parent.resolve("a/b");
        DataDirectory.open(path, 7).close();

        assertThat(path.resolve(DataDirectory.PROPERTIES)).content().contains("version=1\n", "node.id=7\n");
        DataDirectory.open(path, 7).close();
        refused(path, 8, "belongs to node.id=7 and this node has node.id=8");
    }

    @Test
    void theClusterIsRememberedAndNoOtherIsJoined() throws IOException {
        try (DataDirectory directory = DataDirectory.open(parent, 1)) {
            assertThat(directory.clusterId()).isEmpty();
            directory.joined("one");
        }
        try (DataDirectory directory = DataDirectory.open(parent, 1)) {
            assertThat(directory.clusterId()).isEqualTo("one");
            assertThatExceptionOfType(RefusedException.class)
                    .isThrownBy(() -> directory.joined("two"))
                    .withMessageEndingWith("belongs to cluster one, not to two");
        }
    }

    @Test
    void aDirectoryInUseIsRefused() throws IOException {
        try (DataDirectory first = DataDirectory.open(parent, 1)) {
            assertThat(first.path()).isEqualTo(parent);
            refused(parent, 1, "is in use by another process");
        }
        DataDirectory.open(parent, 1).close();
    }

    @Test
    void aForeignDirectoryIsRefusedAndLeftAsItWas() throws IOException {
        Files.writeString(parent.resolve("thesis.txt"), "years of work");

        refused(parent, 1, "holds thesis.txt but no robustmq.properties");
        assertThat(names()).containsExactly("thesis.txt");
    }

    @Test
    void aNewerVersionIsRefusedAndLeftAsItWas() throws IOException {
        Files.writeString(parent.resolve(DataDirectory.PROPERTIES), "version=2\nnode.id=1\n");

        refused(parent, 1, "has version 2, written by a newer release; this one reads up to 1");
        assertThat(names()).containsExactly(DataDirectory.PROPERTIES);
    }

    @Test
    void damagedPropertiesAreRefused() throws IOException {
        Files.writeString(parent.resolve(DataDirectory.PROPERTIES), "version=one\n");

        refused(parent, 1, "is damaged: version=one is no number");
        assertThat(names()).containsExactly(DataDirectory.PROPERTIES);
    }

    @Test
    void aStartThatWasCutOffLeavesAnEmptyDirectory() throws IOException {
        Files.createFile(parent.resolve(DataDirectory.LOCK));
        Files.createFile(parent.resolve("console.log"));
        Files.createDirectory(parent.resolve("lost+found"));

        DataDirectory.open(parent, 1).close();
        assertThat(parent.resolve(DataDirectory.PROPERTIES)).exists();
    }

    private static void refused(Path path, int nodeId, String why) {
        assertThatExceptionOfType(RefusedException.class)
                .isThrownBy(() -> DataDirectory.open(path, nodeId))
                .withMessageContaining(why);
    }

    private List<String> names() throws IOException {
        try (Stream<Path> entries = Files.list(parent)) {
            return entries.map(entry -> entry.getFileName().toString()).toList();
        }
    }
}
