package io.robustmq.core.security;

import io.robustmq.core.model.Principal;

/** Asked at every entry of every protocol, before anything is read or changed. Thread-safe, never blocks. */
public interface Authorizer {
    /** The name of the cluster as a resource. */
    String CLUSTER = "kafka-cluster";

    /** No users are configured: whoever can reach the listener may do everything. */
    Authorizer ANONYMOUS = (principal, operation, type, name) -> true;

    boolean allows(Principal principal, Operation operation, ResourceType type, String name);
}
