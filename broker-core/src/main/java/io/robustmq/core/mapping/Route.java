package io.robustmq.core.mapping;

import io.robustmq.core.model.TopicName;
import io.robustmq.core.subscription.MqttTopic;
import io.robustmq.core.subscription.TopicFilter;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One exception to the rule that the first level names the topic: MQTT topics that match {@code filter} are kept in the
 * log topic {@code topic}, under a key made from what the wildcards matched.
 *
 * @param keyTemplate text with {@code {1}}, {@code {2}}, ... for what the first, second, ... wildcard matched and
 *     {@code {0}} for the whole MQTT topic; null for no key
 */
public record Route(String filter, String topic, @Nullable String keyTemplate) {
    private static final String ARROW = "->";

    /** Throws IllegalArgumentException with a sentence when the route cannot work. */
    public Route {
        TopicFilter parsed = TopicFilter.parse(filter);
        if (parsed.isShared() || MqttTopic.isSystem(filter)) {
            throw new IllegalArgumentException(
                    "route " + filter + ": topics that start with $ are not kept in the log");
        }
        if (!TopicName.isLegal(topic)) {
            throw new IllegalArgumentException("route " + filter + ": " + topic + " is no legal topic name");
        }
        if (TopicName.isInternal(topic)) {
            throw new IllegalArgumentException("route " + filter + ": " + topic + " is the broker's own topic");
        }
        if (keyTemplate != null) {
            checkTemplate(filter, keyTemplate);
        }
    }

    /**
     * Reads {@code filter -> topic : template}. Without {@code : template} the key is the whole MQTT topic, with nothing
     * behind the colon the records have no key. Blanks around the parts are ignored; the filter cannot have {@code ->} in
     * it. Throws IllegalArgumentException with a sentence.
     */
    public static Route parse(String text) {
        int arrow = text.indexOf(ARROW);
        if (arrow < 0) {
            throw new IllegalArgumentException("route " + text + ": must be filter -> topic : key template");
        }
        String filter = text.substring(0, arrow).trim();
        String target = text.substring(arrow + ARROW.length());
        int colon = target.indexOf(':');
        if (colon < 0) {
            return new Route(filter, target.trim(), "{0}");
        }
        String template = target.substring(colon + 1).trim();
        return new Route(filter, target.substring(0, colon).trim(), template.isEmpty() ? null : template);
    }

    public static List<Route> parseAll(List<String> texts) {
        List<Route> routes = new ArrayList<>(texts.size());
        for (String text : texts) {
            routes.add(parse(text));
        }
        return List.copyOf(routes);
    }

    public boolean matches(String mqttTopic) {
        return TopicFilter.matches(filter, mqttTopic);
    }

    /** The record key of an MQTT topic that matches the filter. */
    @Nullable
    String key(String mqttTopic) {
        if (keyTemplate == null) {
            return null;
        }
        List<String> captures = captures(mqttTopic);
        StringBuilder key = new StringBuilder();
        for (int i = 0; i < keyTemplate.length(); i++) {
            char c = keyTemplate.charAt(i);
            if (c == '{') {
                int end = keyTemplate.indexOf('}', i);
                key.append(captures.get(Integer.parseInt(keyTemplate.substring(i + 1, end))));
                i = end;
            } else {
                key.append(c);
            }
        }
        return key.toString();
    }

    /** The whole topic, then what each wildcard matched, in order. */
    private List<String> captures(String mqttTopic) {
        List<String> captures = new ArrayList<>();
        captures.add(mqttTopic);
        int topicAt = 0;
        for (String level : filter.split("/", -1)) {
            if (level.equals("#")) {
                captures.add(topicAt > mqttTopic.length() ? "" : mqttTopic.substring(topicAt));
                return captures;
            }
            int slash = mqttTopic.indexOf('/', topicAt);
            int end = slash < 0 ? mqttTopic.length() : slash;
            if (level.equals("+")) {
                captures.add(mqttTopic.substring(topicAt, end));
            }
            topicAt = end + 1;
        }
        return captures;
    }

    private static void checkTemplate(String filter, String template) {
        int wildcards = 0;
        for (int i = 0; i < filter.length(); i++) {
            if (filter.charAt(i) == '+' || filter.charAt(i) == '#') {
                wildcards++;
            }
        }
        int at = 0;
        while (at < template.length()) {
            char c = template.charAt(at);
            if (c == '}') {
                throw new IllegalArgumentException("route " + filter + ": a } without { in " + template);
            }
            at = c == '{' ? checkCapture(filter, template, at, wildcards) : at + 1;
        }
    }

    private static int checkCapture(String filter, String template, int at, int wildcards) {
        int end = template.indexOf('}', at);
        String number = end < 0 ? "" : template.substring(at + 1, end);
        boolean isNumber = !number.isEmpty()
                && number.length() <= 3
                && number.chars().allMatch(digit -> digit >= '0' && digit <= '9');
        if (!isNumber) {
            throw new IllegalArgumentException(
                    "route " + filter + ": braces in " + template + " must hold the number of a wildcard");
        }
        if (Integer.parseInt(number) > wildcards) {
            throw new IllegalArgumentException("route " + filter + ": {" + number + "} in " + template
                    + ", but the filter has " + wildcards + " wildcards");
        }
        return end + 1;
    }
}
