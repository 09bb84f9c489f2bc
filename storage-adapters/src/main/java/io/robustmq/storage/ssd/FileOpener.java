package io.robustmq.storage.ssd;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.OpenOption;
import java.nio.file.Path;

/** Opens a file; the place where a test puts a disk that fails. */
@FunctionalInterface
interface FileOpener {
    FileChannel open(Path path, OpenOption... options) throws IOException;
}
