package io.robustmq.core.meta;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** What a node does. */
public enum NodeRole {
    /** Has a vote on the metadata. */
    META,
    /** Has replicas, and leads what is kept in them. */
    JOURNAL,
    /** Has listeners for clients. */
    BROKER;

    /** Among a node's endpoints; a node that does not say has every role. */
    private static final String ENDPOINT = "roles";

    private static final String SEPARATOR = "+";

    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** What a node registers beside its endpoints; nothing when it has every role. */
    public static Map<String, String> registered(Set<NodeRole> roles) {
        return roles.size() == values().length
                ? Map.of()
                : Map.of(ENDPOINT, roles.stream().sorted().map(NodeRole::text).collect(Collectors.joining(SEPARATOR)));
    }

    /** Whether it is one of the roles of a node that registers, or has registered, these. */
    public boolean isAmong(Map<String, String> endpoints) {
        return of(endpoints).contains(this);
    }

    private static Set<NodeRole> of(Map<String, String> endpoints) {
        String said = endpoints.get(ENDPOINT);
        if (said == null) {
            return EnumSet.allOf(NodeRole.class);
        }
        Set<NodeRole> roles = EnumSet.noneOf(NodeRole.class);
        Arrays.stream(values())
                .filter(role -> (SEPARATOR + said + SEPARATOR).contains(SEPARATOR + role.text() + SEPARATOR))
                .forEach(roles::add);
        return roles;
    }
}
