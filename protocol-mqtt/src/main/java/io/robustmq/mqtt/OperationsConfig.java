package io.robustmq.mqtt;

import io.robustmq.core.config.ConfigKey;
import io.robustmq.core.config.Configuration;
import java.util.List;

/** What operators ask of the MQTT side beside delivering messages. */
public record OperationsConfig(
        int sysIntervalSeconds, int delayedCountMax, long delayedBytesMax, long delayedSecondsMax) {
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

    public static List<ConfigKey<?>> keys() {
        return List.of(SYS_INTERVAL_SECONDS, DELAYED_COUNT_MAX, DELAYED_BYTES_MAX, DELAYED_SECONDS_MAX);
    }

    public static OperationsConfig from(Configuration values) {
        return new OperationsConfig(
                values.get(SYS_INTERVAL_SECONDS),
                values.get(DELAYED_COUNT_MAX),
                values.get(DELAYED_BYTES_MAX),
                values.get(DELAYED_SECONDS_MAX));
    }
}
