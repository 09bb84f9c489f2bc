package io.robustmq.e2e;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Uses up the file system that a file is on. */
public final class DiskSpace {
    private static final int BLOCK_BYTES = 64 << 10;

    private DiskSpace() {}

    /** Writes the file until not a byte more fits. */
    public static void useUp(Path filler) throws IOException {
        var block = new byte[BLOCK_BYTES];
        try (var out = Files.newOutputStream(filler)) {
            while (usable(filler) > 0) {
                out.write(block, 0, (int) Math.min(block.length, Math.max(1, usable(filler))));
            }
        } catch (IOException full) {
            // It was written to meanwhile, and is full all the same.
            if (usable(filler) > block.length) {
                throw full;
            }
        }
    }

    private static long usable(Path file) {
        return file.toFile().getUsableSpace();
    }
}
