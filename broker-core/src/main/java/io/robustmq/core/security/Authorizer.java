package io.robustmq.core.security;

import io.robustmq.core.model.Principal;

/** Asked at every entry of every protocol, before anything is read or changed. Thread-safe, never blocks. */
@FunctionalInterface
public interface Authorizer {
    /** The name of the cluster as a resource. */
    String CLUSTER = "kafka-cluster";

    /** No users are configured: whoever can reach the listener may do everything. */
    Authorizer ANONYMOUS = new Authorizer() {
        @Override
        public boolean allows(Principal principal, Operation operation, ResourceType type, String name) {
            return true;
        }

        @Override
        public boolean isEnforced() {
            return false;
        }
    };

    boolean allows(Principal principal, Operation operation, ResourceType type, String name);

    /** The same question where no is no refusal: what to show of a list, which operations to name. */
    default boolean wouldAllow(Principal principal, Operation operation, ResourceType type, String name) {
        return allows(principal, operation, type, name);
    }

    /** Whether there may be a resource of the type that would be allowed. */
    default boolean allowsSome(Principal principal, Operation operation, ResourceType type) {
        return !isEnforced();
    }

    /** Whether a client may publish (WRITE) to or be sent (READ) messages of an MQTT topic. */
    default boolean allowsMessage(
            Principal principal, Operation operation, String logTopic, String mqttTopic, String clientId) {
        return allows(principal, operation, ResourceType.TOPIC, logTopic);
    }

    /**
     * Whether a client may subscribe to an MQTT topic filter, of which it then gets what {@link #allowsMessage} allows.
     *
     * @param logTopic empty where the filter spans several
     */
    default boolean allowsFilter(Principal principal, String logTopic, String filter, String clientId) {
        return logTopic.isEmpty() || allows(principal, Operation.READ, ResourceType.TOPIC, logTopic);
    }

    /**
     * As {@link #allowsFilter}, where what it then gets is not looked at again: all that the filter matches is allowed.
     *
     * @param logTopic empty where the filter spans several
     */
    default boolean allowsWholeFilter(Principal principal, String logTopic, String filter, String clientId) {
        return allows(principal, Operation.READ, ResourceType.TOPIC, logTopic.isEmpty() ? AclBinding.ANY : logTopic);
    }

    /** False while nobody has to say who they are, and rules mean nothing. */
    default boolean isEnforced() {
        return true;
    }
}
