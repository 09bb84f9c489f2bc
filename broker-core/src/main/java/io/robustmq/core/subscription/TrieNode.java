package io.robustmq.core.subscription;

import org.jspecify.annotations.Nullable;

/**
 * One level of the filters below a {@link SubscriptionTrie}'s root. Immutable; equal to a node of the same level name, so
 * that a parent's set of children is keyed by it.
 */
final class TrieNode<S> {
    /** No child has this name; {@code +} is kept apart from the children. */
    static final String PLUS = "+";

    final String level;
    final int hash;
    final HashTree<TrieNode<S>> children;
    final @Nullable TrieNode<S> plus;
    /** Of filters that end here. */
    final HashTree<S> here;
    /** Of filters that end in {@code #} right below: they match here and everything deeper. */
    final HashTree<S> below;

    private TrieNode(
            String level,
            int hash,
            HashTree<TrieNode<S>> children,
            @Nullable TrieNode<S> plus,
            HashTree<S> here,
            HashTree<S> below) {
        this.level = level;
        this.hash = hash;
        this.children = children;
        this.plus = plus;
        this.here = here;
        this.below = below;
    }

    static <S> TrieNode<S> empty(String level, int hash) {
        return new TrieNode<>(level, hash, HashTree.empty(), null, HashTree.empty(), HashTree.empty());
    }

    boolean isEmpty() {
        return children.isEmpty() && plus == null && here.isEmpty() && below.isEmpty();
    }

    TrieNode<S> withHere(HashTree<S> subscribers) {
        return new TrieNode<>(level, hash, children, plus, subscribers, below);
    }

    TrieNode<S> withBelow(HashTree<S> subscribers) {
        return new TrieNode<>(level, hash, children, plus, here, subscribers);
    }

    /** With {@code +} replaced; an empty node is left out. */
    TrieNode<S> withPlus(TrieNode<S> node) {
        return new TrieNode<>(level, hash, children, node.isEmpty() ? null : node, here, below);
    }

    /** With the child of the same level replaced; an empty node is left out. */
    TrieNode<S> withChild(TrieNode<S> node) {
        HashTree<TrieNode<S>> changed = node.isEmpty() ? children.without(node) : children.with(node);
        return new TrieNode<>(level, hash, changed, plus, here, below);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof TrieNode<?> node && node.hash == hash && node.level.equals(level);
    }

    @Override
    public int hashCode() {
        return hash;
    }
}
