package io.robustmq.core.security;

import io.robustmq.core.model.Principal;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Allows what the rules of the newest image allow. As long as there are no users it allows everything: then only listeners
 * that may serve everybody are open. Thread-safe; a question costs a few look-ups and no allocation.
 */
public final class AclAuthorizer implements Authorizer {
    private final Supplier<SecurityImage> image;
    private final boolean alwaysEnforced;
    private final Set<String> superUsers;
    private final SecurityEvents events;
    private volatile Rules rules;

    /** An index and what it was made from. */
    private record Rules(SecurityImage source, AclIndex index, boolean enforced) {}

    /**
     * Users are written {@code User:name}.
     *
     * @param alwaysEnforced also without users, as others than users can prove who they are
     */
    public AclAuthorizer(
            Supplier<SecurityImage> image, boolean alwaysEnforced, Set<String> superUsers, SecurityEvents events) {
        this.image = image;
        this.alwaysEnforced = alwaysEnforced;
        this.superUsers = Set.copyOf(superUsers);
        this.events = events;
        this.rules = make(image.get());
    }

    @Override
    public boolean allows(Principal principal, Operation operation, ResourceType type, String name) {
        return refuseUnless(wouldAllow(principal, operation, type, name), principal, operation, type, name);
    }

    @Override
    public boolean wouldAllow(Principal principal, Operation operation, ResourceType type, String name) {
        Rules now = current();
        return mayAll(now, principal) || (isKnown(principal) && now.index.allows(principal, operation, type, name));
    }

    @Override
    public boolean allowsSome(Principal principal, Operation operation, ResourceType type) {
        Rules now = current();
        return mayAll(now, principal) || (isKnown(principal) && now.index.allowsSome(principal, operation, type));
    }

    @Override
    public boolean allowsMessage(
            Principal principal, Operation operation, String logTopic, String mqttTopic, String clientId) {
        Rules now = current();
        boolean allowed = mayAll(now, principal)
                || (isKnown(principal) && now.index.allowsMessage(principal, operation, logTopic, mqttTopic, clientId));
        // What a subscriber may not see is left out, and was no request of its own.
        return operation == Operation.READ
                ? allowed
                : refuseUnless(allowed, principal, operation, ResourceType.TOPIC, mqttTopic);
    }

    @Override
    public boolean allowsFilter(Principal principal, String logTopic, String filter, String clientId) {
        Rules now = current();
        boolean allowed = mayAll(now, principal)
                || (isKnown(principal) && now.index.allowsFilter(principal, logTopic, filter, clientId));
        return refuseUnless(allowed, principal, Operation.READ, ResourceType.TOPIC, filter);
    }

    @Override
    public boolean allowsWholeFilter(Principal principal, String logTopic, String filter, String clientId) {
        Rules now = current();
        boolean allowed = mayAll(now, principal)
                || (isKnown(principal) && now.index.allowsWholeFilter(principal, logTopic, filter, clientId));
        return refuseUnless(allowed, principal, Operation.READ, ResourceType.TOPIC, filter);
    }

    @Override
    public boolean isEnforced() {
        return current().enforced;
    }

    /** Makes the index of a new image now, instead of when the next question comes. */
    public void refresh() {
        current();
    }

    @SuppressWarnings("ReferenceEquality") // the image is the same object until it changes
    private Rules current() {
        SecurityImage newest = image.get();
        Rules now = rules;
        if (now.source != newest) {
            now = make(newest);
            rules = now;
        }
        return now;
    }

    private Rules make(SecurityImage source) {
        return new Rules(
                source,
                new AclIndex(source.acls()),
                alwaysEnforced || !source.users().isEmpty());
    }

    /** Who came before there were users has not said who they are: no rule is about them, {@code User:*} neither. */
    @SuppressWarnings("ReferenceEquality") // a user may well be called ANONYMOUS
    private static boolean isKnown(Principal principal) {
        return principal != Principal.ANONYMOUS;
    }

    private boolean mayAll(Rules now, Principal principal) {
        return !now.enforced
                || (!superUsers.isEmpty() && isKnown(principal) && superUsers.contains(principal.toString()));
    }

    private boolean refuseUnless(
            boolean allowed, Principal principal, Operation operation, ResourceType type, String name) {
        if (!allowed) {
            events.denied(principal, operation, type, name);
        }
        return allowed;
    }
}
