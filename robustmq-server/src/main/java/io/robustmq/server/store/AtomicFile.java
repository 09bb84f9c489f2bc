package io.robustmq.server.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/** Small files of a node that are written as a whole. Any thread, but one at a time for each file. */
final class AtomicFile {
    /** Added to a file's name while its next content is written; what a crash leaves of it is of no use. */
    static final String UNFINISHED = ".new";

    private AtomicFile() {}

    /** On disk when this returns; whenever the process or the machine ends, the file has all of the content, or what it had before. */
    static void replace(Path target, byte[] content) throws IOException {
        Path unfinished = target.resolveSibling(target.getFileName() + UNFINISHED);
        try (FileChannel channel = FileChannel.open(
                unfinished,
                StandardOpenOption.CREATE,
                StandardOpenOption.WRITE,
                StandardOpenOption.TRUNCATE_EXISTING)) {
            ByteBuffer source = ByteBuffer.wrap(content);
            while (source.hasRemaining()) {
                channel.write(source);
            }
            channel.force(true);
        }
        Files.move(unfinished, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        forceNames(target.resolveSibling("."));
    }

    /** What was created, renamed or deleted in the directory is so on disk, too, when this returns. */
    static void forceNames(Path directory) throws IOException {
        try (FileChannel names = FileChannel.open(directory, StandardOpenOption.READ)) {
            names.force(true);
        }
    }
}
