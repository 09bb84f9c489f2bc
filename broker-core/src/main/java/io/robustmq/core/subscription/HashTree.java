package io.robustmq.core.subscription;

import java.util.Arrays;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * An immutable hash set, as a tree of 32-way nodes: a change copies the few small nodes on the way to the element, so
 * sets of a million stay cheap to change and readers need no lock. Immutable; any thread.
 *
 * <p>A slot holds an element or a deeper node. Below the last hash bit a node is a plain list of elements whose hashes
 * are all equal.
 */
final class HashTree<E> {
    private static final HashTree<?> EMPTY = new HashTree<>(0, new Object[0]);
    private static final int BITS = 5;
    private static final int HASH_BITS = 32;

    private final int bitmap;
    private final Object[] slots;

    private HashTree(int bitmap, Object[] slots) {
        this.bitmap = bitmap;
        this.slots = slots;
    }

    @SuppressWarnings("unchecked")
    static <E> HashTree<E> empty() {
        return (HashTree<E>) EMPTY;
    }

    boolean isEmpty() {
        return slots.length == 0;
    }

    boolean contains(E element) {
        Bucket bucket = new Bucket(element);
        return find(element.hashCode(), bucket) != null;
    }

    /** The element with this {@code hashCode()} that the probe accepts. */
    @SuppressWarnings("unchecked")
    @Nullable
    E find(int hashCode, Probe probe) {
        int hash = spread(hashCode);
        HashTree<E> node = this;
        for (int shift = 0; shift < HASH_BITS; shift += BITS) {
            int bit = 1 << ((hash >>> shift) & 31);
            if ((node.bitmap & bit) == 0) {
                return null;
            }
            Object slot = node.slots[node.index(bit)];
            if (!(slot instanceof HashTree<?> deeper)) {
                return probe.accepts(slot) ? (E) slot : null;
            }
            node = (HashTree<E>) deeper;
        }
        for (Object slot : node.slots) {
            if (probe.accepts(slot)) {
                return (E) slot;
            }
        }
        return null;
    }

    /** With the element added, or put in the place of an equal one. */
    HashTree<E> with(E element) {
        return with(element, spread(element.hashCode()), 0);
    }

    /** Without the element equal to this one; the same tree if there is none. */
    HashTree<E> without(E element) {
        return without(element, spread(element.hashCode()), 0);
    }

    @SuppressWarnings("unchecked")
    void forEach(Consumer<? super E> visitor) {
        for (Object slot : slots) {
            if (slot instanceof HashTree<?> deeper) {
                ((HashTree<E>) deeper).forEach(visitor);
            } else {
                visitor.accept((E) slot);
            }
        }
    }

    @SuppressWarnings("unchecked")
    private HashTree<E> with(Object element, int hash, int shift) {
        if (shift >= HASH_BITS) {
            int at = Arrays.asList(slots).indexOf(element);
            return at < 0
                    ? new HashTree<>(0, inserted(slots.length, element))
                    : new HashTree<>(0, replaced(at, element));
        }
        int bit = 1 << ((hash >>> shift) & 31);
        int at = index(bit);
        if ((bitmap & bit) == 0) {
            return new HashTree<>(bitmap | bit, inserted(at, element));
        }
        Object slot = slots[at];
        Object changed;
        if (slot instanceof HashTree<?> deeper) {
            changed = ((HashTree<E>) deeper).with(element, hash, shift + BITS);
        } else if (slot.equals(element)) {
            changed = element;
        } else {
            HashTree<E> lower = HashTree.<E>empty().with(slot, spread(slot.hashCode()), shift + BITS);
            changed = lower.with(element, hash, shift + BITS);
        }
        return new HashTree<>(bitmap, replaced(at, changed));
    }

    @SuppressWarnings({"unchecked", "ReferenceEquality"})
    private HashTree<E> without(Object element, int hash, int shift) {
        if (shift >= HASH_BITS) {
            int at = Arrays.asList(slots).indexOf(element);
            return at < 0 ? this : new HashTree<>(0, removed(at));
        }
        int bit = 1 << ((hash >>> shift) & 31);
        if ((bitmap & bit) == 0) {
            return this;
        }
        int at = index(bit);
        Object slot = slots[at];
        if (!(slot instanceof HashTree<?> deeper)) {
            return slot.equals(element) ? new HashTree<>(bitmap & ~bit, removed(at)) : this;
        }
        HashTree<E> changed = ((HashTree<E>) deeper).without(element, hash, shift + BITS);
        if (changed == deeper) {
            return this;
        }
        boolean lone = changed.slots.length == 1 && !(changed.slots[0] instanceof HashTree);
        return new HashTree<>(bitmap, replaced(at, lone ? changed.slots[0] : changed));
    }

    private int index(int bit) {
        return Integer.bitCount(bitmap & (bit - 1));
    }

    private Object[] inserted(int at, Object element) {
        Object[] copy = new Object[slots.length + 1];
        System.arraycopy(slots, 0, copy, 0, at);
        copy[at] = element;
        System.arraycopy(slots, at, copy, at + 1, slots.length - at);
        return copy;
    }

    private Object[] replaced(int at, Object element) {
        Object[] copy = slots.clone();
        copy[at] = element;
        return copy;
    }

    private Object[] removed(int at) {
        Object[] copy = new Object[slots.length - 1];
        System.arraycopy(slots, 0, copy, 0, at);
        System.arraycopy(slots, at + 1, copy, at, copy.length - at);
        return copy;
    }

    private static int spread(int hashCode) {
        int hash = hashCode * 0x9E3779B1;
        return hash ^ (hash >>> 15);
    }

    /** Decides which of the elements with one hash is meant. */
    interface Probe {
        boolean accepts(Object element);
    }

    private record Bucket(Object wanted) implements Probe {
        @Override
        public boolean accepts(Object element) {
            return element.equals(wanted);
        }
    }
}
