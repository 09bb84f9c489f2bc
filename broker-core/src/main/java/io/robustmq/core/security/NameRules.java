package io.robustmq.core.security;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The rules of one principal about one type of resource, found by name without allocating: one look into a map, and one
 * binary search among the prefixes. Immutable.
 */
final class NameRules {
    static final NameRules EMPTY = new NameRules(Map.of(), new TreeMap<>());

    private static final int NONE = -1;

    private final Map<String, Grants> literals;
    private final @Nullable Grants any;
    private final String[] prefixes;
    private final Grants[] prefixGrants;
    /** For each prefix, the longest other one that it begins with. */
    private final int[] parents;

    private NameRules(Map<String, Grants> literals, SortedMap<String, Grants> byPrefix) {
        this.literals = literals;
        this.any = literals.get(AclBinding.ANY);
        this.prefixes = byPrefix.keySet().toArray(new String[0]);
        this.prefixGrants = byPrefix.values().toArray(new Grants[0]);
        this.parents = new int[prefixes.length];
        for (int i = 0; i < prefixes.length; i++) {
            int parent = i - 1;
            while (parent >= 0 && !prefixes[i].startsWith(prefixes[parent])) {
                parent = parents[parent];
            }
            parents[i] = parent;
        }
    }

    static NameRules of(Collection<AclBinding> bindings) {
        Map<String, Grants> literals = new HashMap<>();
        TreeMap<String, Grants> byPrefix = new TreeMap<>();
        for (AclBinding binding : bindings) {
            Map<String, Grants> names = binding.pattern() == AclBinding.Pattern.LITERAL ? literals : byPrefix;
            names.computeIfAbsent(binding.name(), unused -> new Grants()).add(binding);
        }
        return new NameRules(literals, byPrefix);
    }

    int verdict(Operation operation, String name, String host) {
        int verdict = any == null ? Grants.NOTHING : any.verdict(operation, host);
        Grants literal = literals.get(name);
        if (literal != null && literal != any) {
            verdict |= literal.verdict(operation, host);
        }
        for (int i = longestPrefix(name); i != NONE; i = parents[i]) {
            verdict |= prefixGrants[i].verdict(operation, host);
        }
        return verdict;
    }

    /** Whether anything at all of this type may be touched so. */
    boolean allowsSome(Operation operation, String host) {
        for (Grants grants : literals.values()) {
            if ((grants.verdict(operation, host) & Grants.ALLOWED) != 0) {
                return true;
            }
        }
        for (Grants grants : prefixGrants) {
            if ((grants.verdict(operation, host) & Grants.ALLOWED) != 0) {
                return true;
            }
        }
        return false;
    }

    /** Whatever {@code name} begins with sorts just before it, or is what its neighbour there begins with. */
    private int longestPrefix(String name) {
        int low = 0;
        int high = prefixes.length;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (prefixes[middle].compareTo(name) <= 0) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        int found = low - 1;
        while (found != NONE && !name.startsWith(prefixes[found])) {
            found = parents[found];
        }
        return found;
    }
}
