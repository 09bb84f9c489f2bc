package io.robustmq.core.meta;

import io.robustmq.core.model.TopicId;
import java.util.Set;

/**
 * Which parts of the image changed. Level-triggered: a reader looks at the image for what is true now and at the delta
 * only to know where to look.
 *
 * @param topics topics created, deleted, extended, moved, or whose configuration changed
 * @param nodes nodes registered, fenced or removed
 * @param nodeConfigsChanged a dynamic node configuration or its cluster-wide default changed
 * @param securityChanged users or rules changed
 */
public record MetaDelta(Set<TopicId> topics, Set<Integer> nodes, boolean nodeConfigsChanged, boolean securityChanged) {
    public static final MetaDelta NOTHING = new MetaDelta(Set.of(), Set.of(), false);

    public MetaDelta {
        topics = Set.copyOf(topics);
        nodes = Set.copyOf(nodes);
    }

    public MetaDelta(Set<TopicId> topics, Set<Integer> nodes, boolean nodeConfigsChanged) {
        this(topics, nodes, nodeConfigsChanged, false);
    }
}
