package io.robustmq.core.security;

import io.robustmq.core.model.Principal;

/** What an auditor wants to know. Called in any thread, often; must not block. */
public interface SecurityEvents {
    SecurityEvents NONE = new SecurityEvents() {
        @Override
        public void denied(Principal principal, Operation operation, ResourceType type, String name) {}

        @Override
        public void loginFailed(String protocol, String address, String mechanism, String user, String reason) {}
    };

    /** Somebody known asked for what they may not do. */
    void denied(Principal principal, Operation operation, ResourceType type, String name);

    /** Somebody did not prove who they are; {@code user} is who they said they were, or empty. */
    void loginFailed(String protocol, String address, String mechanism, String user, String reason);
}
