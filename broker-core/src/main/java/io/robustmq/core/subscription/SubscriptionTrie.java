package io.robustmq.core.subscription;

import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Subscribers by topic filter. Any thread may match and any thread may change: the nodes are immutable, a change copies
 * the path to one filter and swaps the root, and a match walks the root it found without a lock. So a match sees each
 * subscription whole or not at all, and what {@link #put} returned from is seen by every later match.
 *
 * <p>Filters must be valid ({@link TopicFilter#parse}) and without share prefix: the shared groups are subscribers. A
 * subscriber that several filters lead to is visited once for each.
 *
 * <p>Unbounded by itself: the server limits subscriptions per client, and clients.
 *
 * @param <S> compared by {@code equals}
 */
public final class SubscriptionTrie<S> {
    private final int seed;
    private final AtomicReference<Root<S>> root;

    public SubscriptionTrie() {
        this(0);
    }

    /** @param seed a random number, which keeps clients from choosing level names that collide */
    public SubscriptionTrie(int seed) {
        this.seed = seed;
        this.root = new AtomicReference<>(new Root<>(TrieNode.empty("", 0), 0));
    }

    /** Adds the subscriber, or puts it in the place of an equal one; true if there was none. */
    public boolean put(String filter, S subscriber) {
        checkDepth(filter);
        while (true) {
            Root<S> before = now();
            boolean isNew = !subscribers(before.node, filter, 0).contains(subscriber);
            TrieNode<S> node = with(before.node, filter, 0, subscriber);
            if (root.compareAndSet(before, new Root<>(node, isNew ? before.size + 1 : before.size))) {
                return isNew;
            }
        }
    }

    /** False if the filter has no such subscriber. */
    public boolean remove(String filter, S subscriber) {
        checkDepth(filter);
        while (true) {
            Root<S> before = now();
            if (!subscribers(before.node, filter, 0).contains(subscriber)) {
                return false;
            }
            TrieNode<S> node = without(before.node, filter, 0, subscriber);
            if (root.compareAndSet(before, new Root<>(node, before.size - 1))) {
                return true;
            }
        }
    }

    /** Visits the subscribers whose filter matches the topic name, in no order. */
    public void match(String topic, Consumer<? super S> visitor) {
        Root<S> snapshot = now();
        if (snapshot.size > 0) {
            new Match(topic, visitor).walk(snapshot.node, 0, !MqttTopic.isSystem(topic));
        }
    }

    /** Visits all, in no order. */
    public void forEach(Consumer<? super S> visitor) {
        forEach(now().node, visitor);
    }

    private static <S> void forEach(TrieNode<S> node, Consumer<? super S> visitor) {
        node.here.forEach(visitor);
        node.below.forEach(visitor);
        node.children.forEach(child -> forEach(child, visitor));
        if (node.plus != null) {
            forEach(node.plus, visitor);
        }
    }

    /** Whether any filter could match some topic with this first level; if not, nobody waits for its records. */
    public boolean couldMatchTopicTree(String firstLevel) {
        TrieNode<S> node = now().node;
        if (!MqttTopic.isSystem(firstLevel) && (node.plus != null || !node.below.isEmpty())) {
            return true;
        }
        return child(node, firstLevel, 0, firstLevel.length()) != null;
    }

    /** Pairs of filter and subscriber. */
    public int size() {
        return now().size;
    }

    private Root<S> now() {
        return Objects.requireNonNull(root.get());
    }

    private static void checkDepth(String filter) {
        if (filter.length() >= TopicFilter.LEVELS_MAX && MqttTopic.levels(filter) > TopicFilter.LEVELS_MAX) {
            throw new IllegalArgumentException("a filter has at most " + TopicFilter.LEVELS_MAX + " levels");
        }
    }

    private HashTree<S> subscribers(TrieNode<S> node, String filter, int from) {
        if (from > filter.length()) {
            return node.here;
        }
        if (isWildcard(filter, from, '#')) {
            return node.below;
        }
        int end = TopicFilter.levelEnd(filter, from);
        TrieNode<S> next = isWildcard(filter, from, '+') ? node.plus : child(node, filter, from, end);
        return next == null ? HashTree.empty() : subscribers(next, filter, end + 1);
    }

    private TrieNode<S> with(TrieNode<S> node, String filter, int from, S subscriber) {
        if (from > filter.length()) {
            return node.withHere(node.here.with(subscriber));
        }
        if (isWildcard(filter, from, '#')) {
            return node.withBelow(node.below.with(subscriber));
        }
        int end = TopicFilter.levelEnd(filter, from);
        if (isWildcard(filter, from, '+')) {
            TrieNode<S> plus = node.plus == null ? TrieNode.empty(TrieNode.PLUS, 0) : node.plus;
            return node.withPlus(with(plus, filter, end + 1, subscriber));
        }
        TrieNode<S> child = child(node, filter, from, end);
        if (child == null) {
            child = TrieNode.empty(filter.substring(from, end), hash(seed, filter, from, end));
        }
        return node.withChild(with(child, filter, end + 1, subscriber));
    }

    /** The filter has the subscriber: every node on the way is there. */
    private TrieNode<S> without(TrieNode<S> node, String filter, int from, S subscriber) {
        if (from > filter.length()) {
            return node.withHere(node.here.without(subscriber));
        }
        if (isWildcard(filter, from, '#')) {
            return node.withBelow(node.below.without(subscriber));
        }
        int end = TopicFilter.levelEnd(filter, from);
        if (isWildcard(filter, from, '+')) {
            return node.plus == null ? node : node.withPlus(without(node.plus, filter, end + 1, subscriber));
        }
        TrieNode<S> child = child(node, filter, from, end);
        return child == null ? node : node.withChild(without(child, filter, end + 1, subscriber));
    }

    private @Nullable TrieNode<S> child(TrieNode<S> node, String text, int from, int end) {
        return node.children.isEmpty()
                ? null
                : node.children.find(hash(seed, text, from, end), new Level(text, from, end));
    }

    /** Whether the level at {@code from} of a valid filter is this wildcard. */
    private static boolean isWildcard(String filter, int from, char wildcard) {
        return from < filter.length() && filter.charAt(from) == wildcard;
    }

    private static int hash(int seed, String text, int from, int end) {
        int hash = seed ^ (end - from);
        for (int i = from; i < end; i++) {
            hash = Integer.rotateLeft((hash ^ text.charAt(i)) * 0xCC9E2D51, 13) + seed;
        }
        return hash;
    }

    /** All there is at one moment. */
    private record Root<S>(TrieNode<S> node, int size) {}

    /** A level of a text that is not cut out of it. */
    private record Level(String text, int from, int end) implements HashTree.Probe {
        @Override
        public boolean accepts(Object element) {
            String level = ((TrieNode<?>) element).level;
            int length = end - from;
            return level.length() == length && level.regionMatches(0, text, from, length);
        }
    }

    /** One walk over the nodes that a topic leads to; its own probe, so that a walk allocates once. */
    private final class Match implements HashTree.Probe {
        private final String topic;
        private final Consumer<? super S> visitor;
        private int from;
        private int end;

        Match(String topic, Consumer<? super S> visitor) {
            this.topic = topic;
            this.visitor = visitor;
        }

        /** @param wildcards whether they match here: not on the first level of a server topic [MQTT-4.7.2-1] */
        void walk(TrieNode<S> node, int levelAt, boolean wildcards) {
            if (wildcards) {
                node.below.forEach(visitor);
            }
            if (levelAt > topic.length()) {
                node.here.forEach(visitor);
                return;
            }
            int levelEnd = TopicFilter.levelEnd(topic, levelAt);
            if (!node.children.isEmpty()) {
                from = levelAt;
                end = levelEnd;
                TrieNode<S> child = node.children.find(hash(seed, topic, from, end), this);
                if (child != null) {
                    walk(child, levelEnd + 1, true);
                }
            }
            if (wildcards && node.plus != null) {
                walk(node.plus, levelEnd + 1, true);
            }
        }

        @Override
        public boolean accepts(Object element) {
            String level = ((TrieNode<?>) element).level;
            int length = end - from;
            return level.length() == length && level.regionMatches(0, topic, from, length);
        }
    }
}
