package io.robustmq.mqtt.topics;

import io.robustmq.core.subscription.TopicFilter;
import java.util.ArrayList;
import java.util.List;

/** What every client subscribes to without asking: {@code FILTER} or {@code FILTER QOS}, with placeholders. Immutable; any thread. */
public final class AutoSubscriptions {
    private final List<Rule> rules;

    private record Rule(Template filter, int qos) {}

    /** One of a client. */
    public record Wanted(String filter, int qos) {}

    private AutoSubscriptions(List<Rule> rules) {
        this.rules = List.copyOf(rules);
    }

    /** Throws IllegalArgumentException with a sentence for what is none. */
    public static AutoSubscriptions parse(List<String> texts) {
        List<Rule> rules = new ArrayList<>(texts.size());
        for (String text : texts) {
            String[] parts = text.trim().split(" +", -1);
            boolean isRule = parts.length == 1 || (parts.length == 2 && parts[1].matches("[0-2]"));
            if (!isRule || !TopicFilter.isValid(parts[0])) {
                throw new IllegalArgumentException("an automatic subscription is FILTER or FILTER QOS, not: " + text);
            }
            rules.add(new Rule(new Template(parts[0]), parts.length == 1 ? 0 : Integer.parseInt(parts[1])));
        }
        return new AutoSubscriptions(rules);
    }

    public boolean isEmpty() {
        return rules.isEmpty();
    }

    /** Without those that the client's names do not fit into. */
    public List<Wanted> of(String clientId, String user) {
        List<Wanted> wanted = new ArrayList<>(rules.size());
        for (Rule rule : rules) {
            rule.filter.fill(clientId, user, List.of()).ifPresent(filter -> wanted.add(new Wanted(filter, rule.qos)));
        }
        return wanted;
    }
}
