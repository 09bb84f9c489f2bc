package io.robustmq.core.security;

/**
 * One rule: who ({@code User:name} or {@code User:*}), from where (an address or {@code *}), is allowed or denied what, on
 * which resources. A literal name {@code *} is every resource of the type.
 *
 * <p>The name of a topic that no log topic can have, because it contains {@code / + #} or {@code %}, is an MQTT topic filter;
 * see {@link MqttFilters}.
 */
public record AclBinding(
        ResourceType type,
        Pattern pattern,
        String name,
        String principal,
        String host,
        Operation operation,
        boolean allow) {
    public static final String ANY = "*";
    public static final String USER_PREFIX = "User:";

    /** How {@link #name} is meant. */
    public enum Pattern {
        LITERAL,
        PREFIXED
    }

    public AclBinding {
        if (name.isEmpty() || host.isEmpty() || !principal.startsWith(USER_PREFIX) || principal.equals(USER_PREFIX)) {
            throw new IllegalArgumentException(
                    "a rule needs a resource name, a host and a principal User:name, not " + principal);
        }
        if (pattern == Pattern.PREFIXED && type == ResourceType.TOPIC && MqttFilters.isFilter(name)) {
            throw new IllegalArgumentException("an MQTT topic filter is a literal name, not a prefix: " + name);
        }
    }

    /** Everything of the type. */
    public static AclBinding allowAll(ResourceType type, String user) {
        String name = type == ResourceType.CLUSTER ? Authorizer.CLUSTER : ANY;
        return new AclBinding(type, Pattern.LITERAL, name, USER_PREFIX + user, ANY, Operation.ALL, true);
    }

    String user() {
        return principal.substring(USER_PREFIX.length());
    }

    boolean isMqttFilter() {
        return type == ResourceType.TOPIC && MqttFilters.isFilter(name);
    }
}
