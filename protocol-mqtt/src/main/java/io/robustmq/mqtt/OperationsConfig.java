package io.robustmq.mqtt;

import io.robustmq.core.config.ConfigKey;
import io.robustmq.core.config.Configuration;
import java.util.ArrayList;
import java.util.List;

/** What operators ask of the MQTT side beside delivering messages. */
public record OperationsConfig(
        int sysIntervalSeconds,
        int delayedCountMax,
        long delayedBytesMax,
        long delayedSecondsMax,
        List<String> rewrites,
        List<String> autoSubscriptions,
        List<String> proxied,
        long traceBytesMax,
        SlowConfig slow,
        LimitsConfig limits) {
    public OperationsConfig {
        rewrites = List.copyOf(rewrites);
        autoSubscriptions = List.copyOf(autoSubscriptions);
        proxied = List.copyOf(proxied);
        for (String listener : proxied) {
            if (!LISTENERS.contains(listener)) {
                throw new IllegalArgumentException(
                        PROXIED.name() + " names listeners of " + LISTENERS + ", not " + listener);
            }
        }
    }

    public static final ConfigKey<Integer> SYS_INTERVAL_SECONDS = ConfigKey.integer("mqtt.sys.interval.seconds", 10)
            .min(0)
            .max(86_400)
            .doc("How often figures under $SYS/broker/ are told, each when it has changed; 0 turns them off.");

    public static final ConfigKey<Integer> DELAYED_COUNT_MAX = ConfigKey.integer("mqtt.delayed.count.max", 100_000)
            .min(0)
            .doc(
                    "Messages to $delayed/<seconds>/<topic> that may wait; more are refused with 0x97, and 0 refuses all.");
    public static final ConfigKey<Long> DELAYED_BYTES_MAX = ConfigKey.bytes("mqtt.delayed.bytes.max", 64L << 20)
            .min(0)
            .doc("Heap that waiting messages may take, about; more are refused with 0x97.");
    public static final ConfigKey<Long> DELAYED_SECONDS_MAX = ConfigKey.whole("mqtt.delayed.seconds.max", 4_294_967L)
            .min(0)
            .max(3_153_600_000L)
            .doc("The longest delay; a longer one is refused with 0x90.");

    public static final ConfigKey<List<String>> REWRITES = ConfigKey.list("mqtt.rewrites", List.of())
            .doc(
                    "Rules that change the topics clients name, the first that matches: publish|subscribe|all FILTER -> TOPIC,"
                            + " with {1} for the first wildcard, %c and %u. Topics with $ are left alone.");
    public static final ConfigKey<List<String>> AUTO_SUBSCRIPTIONS = ConfigKey.list(
                    "mqtt.auto-subscriptions", List.of())
            .doc(
                    "What every client subscribes to without asking, within what it may read: FILTER or FILTER QOS, with %c and"
                            + " %u.");

    private static final List<String> LISTENERS = List.of("tcp", "ws", "tcp-tls", "ws-tls");

    public static final ConfigKey<List<String>> PROXIED = ConfigKey.list("mqtt.proxy-protocol", List.of())
            .doc(
                    "Listeners (tcp, ws, tcp-tls, ws-tls) whose connections come through a load balancer that says in a PROXY"
                            + " header, version 1 or 2, who the client is; nobody else may reach them, and a connection without is"
                            + " closed.");

    public static final ConfigKey<Long> TRACE_BYTES_MAX = ConfigKey.bytes("mqtt.trace.bytes.max", 64L << 20)
            .min(0)
            .doc("How large the file of a trace, traces/NAME.log in the data directory, grows.");

    public static List<ConfigKey<?>> keys() {
        List<ConfigKey<?>> all = new ArrayList<>(List.of(
                SYS_INTERVAL_SECONDS,
                DELAYED_COUNT_MAX,
                DELAYED_BYTES_MAX,
                DELAYED_SECONDS_MAX,
                REWRITES,
                AUTO_SUBSCRIPTIONS,
                PROXIED,
                TRACE_BYTES_MAX));
        all.addAll(SlowConfig.keys());
        all.addAll(LimitsConfig.keys());
        return all;
    }

    public static OperationsConfig from(Configuration values) {
        return new OperationsConfig(
                values.get(SYS_INTERVAL_SECONDS),
                values.get(DELAYED_COUNT_MAX),
                values.get(DELAYED_BYTES_MAX),
                values.get(DELAYED_SECONDS_MAX),
                values.get(REWRITES),
                values.get(AUTO_SUBSCRIPTIONS),
                values.get(PROXIED),
                values.get(TRACE_BYTES_MAX),
                SlowConfig.from(values),
                LimitsConfig.from(values));
    }
}
