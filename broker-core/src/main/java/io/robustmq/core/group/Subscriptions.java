package io.robustmq.core.group;

import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The only look that the broker takes into members' metadata: which topics they subscribe to. Stateless. */
final class Subscriptions {
    static final String CONSUMER = "consumer";

    private Subscriptions() {}

    /** Null unless all members are consumers whose metadata can be read. */
    static @Nullable Set<String> topicsOf(Group group) {
        if (!group.protocolType.equals(CONSUMER) || group.members.isEmpty()) {
            return null;
        }
        Set<String> topics = new HashSet<>();
        for (Member member : group.members.values()) {
            Embedded.Subscription wish = Embedded.subscription(member.metadata(group.protocolName));
            if (wish == null) {
                return null;
            }
            topics.addAll(wish.topics());
        }
        return topics;
    }
}
