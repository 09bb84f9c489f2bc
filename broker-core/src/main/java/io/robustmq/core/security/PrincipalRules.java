package io.robustmq.core.security;

import io.robustmq.core.model.Principal;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiPredicate;

/** All rules of one principal. Immutable. */
final class PrincipalRules {
    static final PrincipalRules EMPTY = new PrincipalRules(List.of());

    private final Map<ResourceType, NameRules> byType = new EnumMap<>(ResourceType.class);
    private final List<Filter> filters;

    /** An MQTT topic filter, and what is said about the topics that it matches. */
    private record Filter(String text, Grants grants) {}

    PrincipalRules(List<AclBinding> bindings) {
        Map<ResourceType, List<AclBinding>> named = new EnumMap<>(ResourceType.class);
        List<Filter> found = new ArrayList<>();
        for (AclBinding binding : bindings) {
            if (binding.isMqttFilter()) {
                Grants grants = new Grants();
                grants.add(binding);
                found.add(new Filter(binding.name(), grants));
            } else {
                named.computeIfAbsent(binding.type(), unused -> new ArrayList<>())
                        .add(binding);
            }
        }
        named.forEach((type, ofType) -> byType.put(type, NameRules.of(ofType)));
        this.filters = List.copyOf(found);
    }

    int verdict(Operation operation, ResourceType type, String name, String host) {
        return byType.getOrDefault(type, NameRules.EMPTY).verdict(operation, name, host);
    }

    boolean allowsSome(Operation operation, ResourceType type, String host) {
        return byType.getOrDefault(type, NameRules.EMPTY).allowsSome(operation, host);
    }

    boolean hasFilters() {
        return !filters.isEmpty();
    }

    /** What the filters say about one topic. */
    int topicVerdict(Principal who, Operation operation, String topic, String clientId) {
        return verdict(who, operation, clientId, (filter, denies) -> MqttFilters.covers(filter, topic));
    }

    /** A subscription is denied where nothing of it would be left, and allowed where anything would come. */
    int filterVerdict(Principal who, Operation operation, String asked, String clientId) {
        return verdict(
                who,
                operation,
                clientId,
                (filter, denies) -> denies ? MqttFilters.covers(filter, asked) : MqttFilters.overlaps(filter, asked));
    }

    /** Denied where anything of it is denied, and allowed only where all of it is. */
    int wholeFilterVerdict(Principal who, String asked, String clientId) {
        return verdict(
                who,
                Operation.READ,
                clientId,
                (filter, denies) -> denies ? MqttFilters.overlaps(filter, asked) : MqttFilters.covers(filter, asked));
    }

    private int verdict(Principal who, Operation operation, String clientId, BiPredicate<String, Boolean> matches) {
        int verdict = Grants.NOTHING;
        for (Filter filter : filters) {
            int said = filter.grants.verdict(operation, who.host());
            if ((verdict | said) != verdict) {
                String resolved = MqttFilters.resolve(filter.text, clientId, who.name());
                boolean denies = (said & Grants.DENIED) != 0;
                // A rule that cannot be resolved for this client allows nothing; as a denial it stands.
                if (resolved == null ? denies : matches.test(resolved, denies)) {
                    verdict |= said;
                }
            }
        }
        return verdict;
    }
}
