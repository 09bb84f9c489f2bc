package io.robustmq.server.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFileTest {
    @TempDir
    Path directory;

    @Test
    void aFileIsMadeAndReplaced() throws IOException {
        Path file = directory.resolve("note");
        AtomicFile.replace(file, new byte[] {1, 2, 3});
        assertThat(file).hasBinaryContent(new byte[] {1, 2, 3});
        AtomicFile.replace(file, new byte[0]);
        assertThat(file).isEmptyFile();
        assertThat(directory).isDirectoryContaining(each -> each.equals(file)).isDirectoryNotContaining("glob:**.new");
    }

    @Test
    void whatACrashLeftIsWrittenOver() throws IOException {
        Path file = directory.resolve("note");
        Files.write(directory.resolve("note.new"), new byte[100]);
        AtomicFile.replace(file, new byte[] {7});
        assertThat(file).hasBinaryContent(new byte[] {7});
    }

    @Test
    void whatCannotBeWrittenLeavesTheFileAsItWas() throws IOException {
        Path file = directory.resolve("note");
        AtomicFile.replace(file, new byte[] {1});
        Files.createDirectory(directory.resolve("note.new"));
        assertThatThrownBy(() -> AtomicFile.replace(file, new byte[] {2})).isInstanceOf(IOException.class);
        assertThat(file).hasBinaryContent(new byte[] {1});
    }
}
