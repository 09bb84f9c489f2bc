package io.robustmq.server.config;

import io.robustmq.server.config.ConfigSource.Value;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** Configuration by environment: {@code ROBUSTMQ_} and the key in capitals, {@code .} and {@code -} as {@code _}. */
final class EnvironmentVariables {
    static final String PREFIX = "ROBUSTMQ_";

    /** What Kubernetes sets in every pod beside a service whose name begins with robustmq. */
    private static final Pattern SERVICE_LINK = Pattern.compile(
            "ROBUSTMQ(_[A-Z0-9_]+)?_(SERVICE_HOST|SERVICE_PORT(_[A-Z0-9_]+)?|PORT_\\d+_(TCP|UDP|SCTP)(_[A-Z]+)?)");

    private EnvironmentVariables() {}

    static String nameOf(String key) {
        return PREFIX + key.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
    }

    static ConfigSource read(Map<String, String> environment, Collection<String> keys) {
        Map<String, String> keyOf = new HashMap<>();
        keys.forEach(key -> keyOf.put(nameOf(key), key));
        List<Value> values = new ArrayList<>();
        for (Map.Entry<String, String> variable : new TreeMap<>(environment).entrySet()) {
            String name = variable.getKey();
            String key = keyOf.get(name);
            if (key != null && !isServiceLinkValue(variable.getValue())) {
                values.add(new Value(key, variable.getValue(), name));
            } else if (key == null && name.startsWith(PREFIX) && !isServiceLink(name, variable.getValue())) {
                throw new ConfigException("unknown environment variable " + name
                        + NearestKey.to(name, keyOf.keySet())
                                .map(near -> "; did you mean " + near + "?")
                                .orElse(""));
            }
        }
        return new ConfigSource(values);
    }

    private static boolean isServiceLink(String name, String value) {
        return SERVICE_LINK.matcher(name).matches() || isServiceLinkValue(value);
    }

    private static boolean isServiceLinkValue(String value) {
        return value.startsWith("tcp://") || value.startsWith("udp://");
    }
}
