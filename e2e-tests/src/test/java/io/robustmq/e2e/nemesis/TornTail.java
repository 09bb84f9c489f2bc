package io.robustmq.e2e.nemesis;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Random;

/**
 * What a loss of power does to the end of a growing segment of a node that is dead: some of it is missing, or is not what was written.
 *
 * <p>What may be torn: the journal's segments without an index file, as one says how far its segment was forced; never more than the last
 * bytes of one; and only while the node is not in sync with any partition any more, which the caller has seen to. What it acknowledged as long as it was in
 * sync is then in the memory of a replica that is, and nobody relies on the node's own disk: had it been alone in sync, it would be still.
 * Metadata is never torn: it is forced before every answer.
 */
final class TornTail {
    private static final int TORN_BYTES_MAX = 4_096;

    private TornTail() {}

    /** Returns how many segments were torn. */
    static int tear(Path dataDir, Random random) {
        int torn = 0;
        try (var paths = Files.walk(dataDir.resolve("journal"))) {
            List<Path> segments = paths.filter(TornTail::isGrowing)
                    .sorted(Comparator.comparing(Path::toString))
                    .toList();
            for (Path segment : segments) {
                if (random.nextBoolean()) {
                    damage(segment, random);
                    torn++;
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return torn;
    }

    private static boolean isGrowing(Path path) {
        String name = path.getFileName().toString();
        return name.endsWith(".log")
                && path.toFile().length() > 0
                && !Files.exists(path.resolveSibling(name.substring(0, name.length() - 4) + ".index"));
    }

    private static void damage(Path segment, Random random) throws IOException {
        try (var file = new RandomAccessFile(segment.toFile(), "rw")) {
            long length = file.length();
            int torn = 1 + random.nextInt((int) Math.min(length, TORN_BYTES_MAX));
            switch (random.nextInt(3)) {
                case 0 -> file.setLength(length - torn);
                case 1 -> {
                    // Blocks that the file was given and that were never written.
                    file.seek(length - torn);
                    file.write(new byte[torn]);
                }
                default -> {
                    var garbage = new byte[torn];
                    random.nextBytes(garbage);
                    file.seek(length - torn);
                    file.write(garbage);
                }
            }
        }
    }
}
