package io.robustmq.core.security;

import io.robustmq.core.model.Principal;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** All rules, found by principal. A denial wins; without any rule the answer is no. Immutable. */
final class AclIndex {
    private final Map<String, PrincipalRules> byUser = new HashMap<>();
    private final PrincipalRules everybody;

    AclIndex(Collection<AclBinding> bindings) {
        Map<String, List<AclBinding>> grouped = new HashMap<>();
        for (AclBinding binding : bindings) {
            grouped.computeIfAbsent(binding.user(), unused -> new ArrayList<>()).add(binding);
        }
        List<AclBinding> forAll = grouped.remove(AclBinding.ANY);
        this.everybody = forAll == null ? PrincipalRules.EMPTY : new PrincipalRules(forAll);
        grouped.forEach((user, own) -> byUser.put(user, new PrincipalRules(own)));
    }

    boolean allows(Principal who, Operation operation, ResourceType type, String name) {
        return isYes(verdict(who, operation, type, name));
    }

    boolean allowsSome(Principal who, Operation operation, ResourceType type) {
        return of(who).allowsSome(operation, type, who.host()) || everybody.allowsSome(operation, type, who.host());
    }

    boolean allowsMessage(Principal who, Operation operation, String logTopic, String topic, String clientId) {
        PrincipalRules own = of(who);
        int verdict = verdict(who, operation, ResourceType.TOPIC, logTopic);
        if (own.hasFilters()) {
            verdict |= own.topicVerdict(who, operation, topic, clientId);
        }
        if (everybody.hasFilters()) {
            verdict |= everybody.topicVerdict(who, operation, topic, clientId);
        }
        return isYes(verdict);
    }

    /** {@code logTopic} is empty where the filter spans several. */
    boolean allowsFilter(Principal who, String logTopic, String filter, String clientId) {
        PrincipalRules own = of(who);
        int verdict = own.filterVerdict(who, Operation.READ, filter, clientId)
                | everybody.filterVerdict(who, Operation.READ, filter, clientId);
        if (!logTopic.isEmpty()) {
            verdict |= verdict(who, Operation.READ, ResourceType.TOPIC, logTopic);
        } else if (allowsSome(who, Operation.READ, ResourceType.TOPIC)) {
            verdict |= Grants.ALLOWED;
        }
        return isYes(verdict);
    }

    /** {@code logTopic} is empty where the filter spans several: then only whoever may read every topic may have them. */
    boolean allowsWholeFilter(Principal who, String logTopic, String filter, String clientId) {
        int verdict = of(who).wholeFilterVerdict(who, filter, clientId)
                | everybody.wholeFilterVerdict(who, filter, clientId)
                | verdict(who, Operation.READ, ResourceType.TOPIC, logTopic.isEmpty() ? AclBinding.ANY : logTopic);
        return isYes(verdict);
    }

    private int verdict(Principal who, Operation operation, ResourceType type, String name) {
        return of(who).verdict(operation, type, name, who.host())
                | everybody.verdict(operation, type, name, who.host());
    }

    private PrincipalRules of(Principal who) {
        return byUser.getOrDefault(who.name(), PrincipalRules.EMPTY);
    }

    private static boolean isYes(int verdict) {
        return verdict == Grants.ALLOWED;
    }
}
