package io.robustmq.meta.store;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Directories that appear and disappear as a whole. Stateless. */
public final class StoreDirectory {
    private StoreDirectory() {}

    public static void delete(Path directory) throws IOException {
        if (!Files.exists(directory)) {
            return;
        }
        List<Path> paths;
        try (Stream<Path> tree = Files.walk(directory)) {
            paths = tree.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path path : paths) {
            Files.delete(path);
        }
    }

    /** Copies the files (but for digests beside them), not links to them: the database changes some of its files in place. */
    static void copy(Path source, Path target) throws IOException {
        Files.createDirectories(target);
        try (Stream<Path> files = Files.list(source)) {
            files.filter(file -> !file.toString().endsWith(".md5")).forEach(file -> copyFile(file, target));
        } catch (UncheckedIOException e) {
            throw new IOException("cannot copy " + source + " to " + target, e);
        }
    }

    static void rename(Path source, Path target) throws IOException {
        Files.move(source, target, StandardCopyOption.ATOMIC_MOVE);
    }

    /** The file has all of the content, or what it had before; on disk when this returns. */
    public static void replace(Path target, byte[] content) throws IOException {
        Path temporary = target.resolveSibling(target.getFileName() + ".new");
        try (FileChannel channel = FileChannel.open(
                temporary, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            ByteBuffer source = ByteBuffer.wrap(content);
            while (source.hasRemaining()) {
                channel.write(source);
            }
            channel.force(true);
        }
        rename(temporary, target);
        try (FileChannel names = FileChannel.open(target.resolveSibling("."), StandardOpenOption.READ)) {
            names.force(true);
        }
    }

    private static void copyFile(Path file, Path directory) {
        try {
            Files.copy(file, directory.resolve(file.getFileName().toString()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
