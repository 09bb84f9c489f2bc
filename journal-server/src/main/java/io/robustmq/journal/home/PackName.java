package io.robustmq.journal.home;

import io.robustmq.core.record.BatchReference;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * Which pack, or, where the store has streams, which stream of packs: the {@code sequence}th of a process' life on a node. Objects and
 * streams are called {@code <cluster>/packs/<node>/<life, 16 hex digits>/<sequence, 20 digits>}.
 */
public record PackName(int node, long life, long sequence) implements Comparable<PackName> {
    private static final String DIRECTORY = "packs/";
    private static final int DIGITS = 20;
    private static final int PARTS = 3;

    public static PackName of(BatchReference reference) {
        return new PackName(reference.node(), reference.life(), reference.sequence());
    }

    /** What all packs' names begin with. */
    public static String directory(String clusterPrefix) {
        return clusterPrefix + DIRECTORY;
    }

    /** The object's, or stream's, name. */
    public String object(String clusterPrefix) {
        String digits = Long.toString(sequence);
        return directory(clusterPrefix)
                + node
                + "/"
                + HexFormat.of().toHexDigits(life)
                + "/"
                + "0".repeat(DIGITS - digits.length())
                + digits;
    }

    /** Null for what is no pack's. */
    public static @Nullable PackName parse(String clusterPrefix, String object) {
        String directory = directory(clusterPrefix);
        if (!object.startsWith(directory)) {
            return null;
        }
        String[] parts = object.substring(directory.length()).split("/", -1);
        try {
            return parts.length == PARTS
                    ? new PackName(
                            Integer.parseInt(parts[0]),
                            HexFormat.fromHexDigitsToLong(parts[1]),
                            Long.parseLong(parts[2]))
                    : null;
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    @Override
    public int compareTo(PackName other) {
        int byNode = Integer.compare(node, other.node);
        int byLife = byNode != 0 ? byNode : Long.compareUnsigned(life, other.life);
        return byLife != 0 ? byLife : Long.compare(sequence, other.sequence);
    }
}
