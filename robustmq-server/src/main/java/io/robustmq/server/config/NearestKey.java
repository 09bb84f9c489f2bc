package io.robustmq.server.config;

import java.util.Collection;
import java.util.Optional;

/** Finds what an operator most likely meant. */
final class NearestKey {
    private NearestKey() {}

    /** The candidate with the fewest edits, if any is nearer than half of what was written. */
    static Optional<String> to(String written, Collection<String> candidates) {
        String nearest = "";
        int fewest = Math.max(2, written.length() / 2);
        for (String candidate : candidates) {
            int edits = distance(written, candidate);
            if (edits < fewest) {
                fewest = edits;
                nearest = candidate;
            }
        }
        return nearest.isEmpty() ? Optional.empty() : Optional.of(nearest);
    }

    /** Levenshtein's: insertions, deletions and replacements that turn one into the other. */
    static int distance(String one, String other) {
        int[] above = new int[other.length() + 1];
        for (int column = 0; column <= other.length(); column++) {
            above[column] = column;
        }
        for (int row = 1; row <= one.length(); row++) {
            int diagonal = above[0];
            above[0] = row;
            for (int column = 1; column <= other.length(); column++) {
                int replaced = diagonal + (one.charAt(row - 1) == other.charAt(column - 1) ? 0 : 1);
                diagonal = above[column];
                above[column] = Math.min(replaced, 1 + Math.min(diagonal, above[column - 1]));
            }
        }
        return above[other.length()];
    }
}
