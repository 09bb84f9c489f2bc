package io.robustmq.server.trace;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TraceFilesTest {
    @TempDir
    private Path directory;

    @Test
    void linesAreAppendedUpToTheLimit() throws Exception {
        for (int run = 0; run < 2; run++) {
            try (TraceFiles files = new TraceFiles(directory.resolve("traces"), 12)) {
                files.write("a", "line1");
                files.write("b", "other");
            }
        }
        try (TraceFiles files = new TraceFiles(directory.resolve("traces"), 12)) {
            files.write("a", "line2");
        }
        assertThat(directory.resolve("traces/a.log")).hasContent("line1\nline1\n");
        assertThat(directory.resolve("traces/b.log")).hasContent("other\nother\n");
    }

    @Test
    void nothingIsMadeWhileNothingIsWritten() throws Exception {
        new TraceFiles(directory.resolve("traces"), 12).close();
        assertThat(Files.exists(directory.resolve("traces"))).isFalse();
    }
}
