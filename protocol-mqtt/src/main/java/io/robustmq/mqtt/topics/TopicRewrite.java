package io.robustmq.mqtt.topics;

import io.robustmq.core.subscription.MqttTopic;
import io.robustmq.core.subscription.TopicFilter;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Ordered rules that put another topic in the place of the one a client names: {@code publish a/+/b -> c/{1}}, for
 * {@code publish}, {@code subscribe} or {@code all}. The first rule that matches counts; of a subscription, the filter's text is
 * matched level by level, so that {@code +} and {@code #} in it are captured as they are. What a rule makes that is no valid
 * topic or filter is refused like one that the client sent. Immutable; any thread.
 */
public final class TopicRewrite {
    private static final String SHARE = "$share/";
    private static final String EXCLUSIVE = "$exclusive/";

    private final List<Rule> rules;

    private record Rule(boolean publish, boolean subscribe, List<String> levels, Template template) {}

    private TopicRewrite(List<Rule> rules) {
        this.rules = List.copyOf(rules);
    }

    /** Throws IllegalArgumentException with a sentence for what is no rule. */
    public static TopicRewrite parse(List<String> texts) {
        List<Rule> rules = new ArrayList<>(texts.size());
        for (String text : texts) {
            rules.add(rule(text.trim()));
        }
        return new TopicRewrite(rules);
    }

    private static Rule rule(String text) {
        int space = text.indexOf(' ');
        int arrow = text.indexOf(" -> ");
        String action = space < 0 ? "" : text.substring(0, space);
        boolean isKnown = action.equals("publish") || action.equals("subscribe") || action.equals("all");
        if (!isKnown || arrow < space) {
            throw new IllegalArgumentException("a rewrite rule is publish|subscribe|all FILTER -> TOPIC, not: " + text);
        }
        String filter = text.substring(space + 1, Math.max(space + 1, arrow)).trim();
        Template template = new Template(text.substring(arrow + 4).trim());
        TopicFilter.parse(filter);
        long wildcards = filter.chars().filter(c -> c == '+' || c == '#').count();
        if (template.text().isEmpty()
                || template.capturesMost() > wildcards
                || filter.startsWith("$")
                || template.text().startsWith("$")) {
            throw new IllegalArgumentException("the rewrite rule names no topic, a capture that its filter has not, or"
                    + " a topic that starts with $: " + text);
        }
        return new Rule(
                !action.equals("subscribe"), !action.equals("publish"), List.of(filter.split("/", -1)), template);
    }

    /** The topic to publish to instead. */
    public String publish(String topic, String clientId, String user) {
        return rules.isEmpty() || MqttTopic.isSystem(topic) ? topic : apply(topic, true, clientId, user);
    }

    /** The filter, with its share or exclusive prefix if it has one, to subscribe to instead. */
    public String subscribe(String filter, String clientId, String user) {
        int at = 0;
        if (filter.startsWith(SHARE)) {
            at = filter.indexOf('/', SHARE.length()) + 1;
        } else if (filter.startsWith(EXCLUSIVE)) {
            at = EXCLUSIVE.length();
        } else if (MqttTopic.isSystem(filter)) {
            return filter;
        }
        return rules.isEmpty() ? filter : filter.substring(0, at) + apply(filter.substring(at), false, clientId, user);
    }

    private String apply(String topic, boolean publishing, String clientId, String user) {
        List<String> levels = List.of(topic.split("/", -1));
        for (Rule rule : rules) {
            List<String> captures = (publishing ? rule.publish : rule.subscribe) ? match(rule.levels, levels) : null;
            if (captures != null) {
                return rule.template.fill(clientId, user, captures).orElse(topic);
            }
        }
        return topic;
    }

    /** What the wildcards stand for; null if the rule does not match. */
    private static @Nullable List<String> match(List<String> filter, List<String> topic) {
        List<String> captures = new ArrayList<>(2);
        for (int i = 0; i < filter.size(); i++) {
            String level = filter.get(i);
            if (level.equals("#")) {
                captures.add(String.join("/", topic.subList(Math.min(i, topic.size()), topic.size())));
                return captures;
            }
            if (i >= topic.size() || !(level.equals("+") || level.equals(topic.get(i)))) {
                return null;
            }
            if (level.equals("+")) {
                captures.add(topic.get(i));
            }
        }
        return filter.size() == topic.size() ? captures : null;
    }
}
