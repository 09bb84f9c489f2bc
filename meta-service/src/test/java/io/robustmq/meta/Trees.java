package io.robustmq.meta;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Directory trees, for tests. */
final class Trees {
    private Trees() {}

    static void copy(Path source, Path target) throws IOException {
        for (Path path : walk(source)) {
            Path copy = target.resolve(source.relativize(path).toString());
            if (Files.isDirectory(path)) {
                Files.createDirectories(copy);
            } else {
                Files.copy(path, copy);
            }
        }
    }

    static void delete(Path tree) throws IOException {
        List<Path> paths = walk(tree).stream().sorted(Comparator.reverseOrder()).toList();
        for (Path path : paths) {
            Files.delete(path);
        }
    }

    static List<String> names(Path tree) throws IOException {
        return walk(tree).stream().map(path -> path.getFileName().toString()).toList();
    }

    /** Every path, with its content where it is a file. */
    static Map<String, String> digest(Path tree) throws IOException {
        Map<String, String> digest = new TreeMap<>();
        for (Path path : walk(tree)) {
            digest.put(
                    tree.relativize(path).toString(),
                    Files.isDirectory(path) ? "" : HexFormat.of().formatHex(Files.readAllBytes(path)));
        }
        return digest;
    }

    private static List<Path> walk(Path tree) throws IOException {
        try (Stream<Path> paths = Files.walk(tree)) {
            return paths.toList();
        }
    }
}
