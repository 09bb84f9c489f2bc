package io.robustmq.kafka.telemetry;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import io.robustmq.core.config.ConfigKey;
import io.robustmq.core.config.Configuration;
import io.robustmq.core.meta.ConfigScope;
import io.robustmq.core.regex.ClientRegex;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Which metrics are wanted, how often, and of which clients; a resource of type client-metrics. Immutable.
 *
 * @param match what an attribute of the client has to be, by its name; all of them
 */
public record MetricsSubscription(List<String> metrics, int intervalMs, Map<String, Pattern> match) {
    /** What complaints about the rules for clients begin with. */
    public static final String MATCHING = "match: ";

    static final String ALL = "*";
    private static final int INTERVAL_MS_DEFAULT = 300_000;

    private static final ConfigKey<List<String>> METRICS =
            ConfigKey.list("metrics", List.of()).doc("Prefixes of the names of metrics that are wanted; * for all.");
    private static final ConfigKey<Integer> INTERVAL_MS = ConfigKey.integer("interval.ms", INTERVAL_MS_DEFAULT)
            .min(100)
            .max(3_600_000)
            .doc("How often clients push them.");
    private static final ConfigKey<List<String>> MATCH = ConfigKey.list("match", List.of())
            .doc(
                    "Of which clients: name=expression, with the names client_instance_id, client_id, client_software_name, "
                            + "client_software_version, client_source_address and client_source_port.");

    public MetricsSubscription {
        metrics = List.copyOf(metrics);
        match = Map.copyOf(match);
    }

    public static List<ConfigKey<?>> keys() {
        return List.of(METRICS, INTERVAL_MS, MATCH);
    }

    public static ConfigScope scope(String name) {
        return new ConfigScope(ConfigScope.Kind.CLIENT_METRICS, name);
    }

    /** Throws IllegalArgumentException with the reason when a value is not possible. */
    public static MetricsSubscription of(Map<String, String> values) {
        Configuration given = new Configuration(keys(), values);
        Map<String, Pattern> match = new HashMap<>();
        for (String rule : given.get(MATCH)) {
            int equals = rule.indexOf('=');
            String name = equals < 0 ? rule : rule.substring(0, equals).trim();
            if (equals < 0 || !Client.ATTRIBUTES.contains(name)) {
                throw new IllegalArgumentException(MATCHING + rule + " is not one of the names, =, and an expression");
            }
            try {
                match.put(name, ClientRegex.compile(rule.substring(equals + 1).trim()));
            } catch (PatternSyntaxException e) {
                throw new IllegalArgumentException(MATCHING + rule + ": " + e.getMessage(), e);
            }
        }
        return new MetricsSubscription(given.get(METRICS), given.get(INTERVAL_MS), match);
    }

    boolean wantsAll() {
        return metrics.contains(ALL);
    }

    boolean concerns(Client client) {
        return match.entrySet().stream().allMatch(rule -> rule.getValue().matches(client.attribute(rule.getKey())));
    }
}
