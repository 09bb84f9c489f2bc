package io.robustmq.kafka;

import io.robustmq.core.meta.ClusterLevel;
import io.robustmq.core.meta.MetaImage;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Kafka's features as this broker has them: the one place where a level is declared. ApiVersions tells them to clients,
 * which choose their protocol by them (transaction.version=2: KIP-890; group.version=1: KIP-848; share.version=2: KIP-1191). A level is a property of
 * the code: it is the same on every node of one version and does not change while the broker runs; only that of the cluster itself
 * ({@link ClusterLevel}) is in the metadata. Immutable.
 */
public final class Features {
    /** In alphabetical order. Whoever builds a protocol adds its feature here, once all of it works. */
    private static final List<Feature> ALL = List.of(
            Feature.of("group.version", 0, 1),
            Feature.of("share.version", 0, 2),
            Feature.of("transaction.version", 0, 2));

    private Features() {}

    public static List<Feature> all() {
        return ALL;
    }

    /** These, and the level of the cluster, which alone is finalized by operators. */
    public static List<Feature> all(MetaImage image) {
        List<Feature> all = new ArrayList<>(ALL);
        ClusterLevel.Range known = ClusterLevel.SUPPORTED;
        // A level that this code does not know is that of a cluster which will refuse this node.
        int level = Math.max(known.oldest(), Math.min(known.newest(), ClusterLevel.finalized(image)));
        all.add(new Feature(ClusterLevel.FEATURE, (short) known.oldest(), (short) known.newest(), (short) level));
        all.sort(Comparator.comparing(Feature::name));
        return all;
    }

    public static Optional<Feature> find(String name) {
        return ALL.stream().filter(feature -> feature.name().equals(name)).findFirst();
    }

    /**
     * One feature.
     *
     * @param min the lowest level that the code can serve
     * @param max the highest one
     * @param level the one in force, which is what ApiVersions calls finalized; 0 is off and is not told
     */
    public record Feature(String name, short min, short max, short level) {
        public Feature {
            if (min < 0 || level < min || level > max) {
                throw new IllegalArgumentException(name + " at " + level + " is not from " + min + " to " + max);
            }
        }

        /** At its highest level. */
        public static Feature of(String name, int min, int max) {
            return new Feature(name, (short) min, (short) max, (short) max);
        }
    }
}
