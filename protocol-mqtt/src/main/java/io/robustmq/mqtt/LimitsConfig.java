package io.robustmq.mqtt;

import io.robustmq.core.config.ConfigKey;
import io.robustmq.core.config.Configuration;
import io.robustmq.mqtt.limits.Paces;
import java.util.List;

/** Who may connect how often, and publish how much. */
public record LimitsConfig(
        int bansMax,
        int connectsPerAddressMax,
        int flappingLeavesMax,
        int flappingWindowSeconds,
        int flappingBanSeconds,
        Paces.Rates client,
        Paces.Rates user,
        Paces.Rates listener) {
    private static final String PACE =
            " a second, over what comes in a second at once, at which reading pauses; 0: no limit.";

    public static final ConfigKey<Integer> BANS_MAX = ConfigKey.integer("mqtt.bans.max", 10_000)
            .min(0)
            .max(1_000_000)
            .doc("Clients, users and address ranges that may be banned at once.");
    public static final ConfigKey<Integer> CONNECTS_PER_ADDRESS_MAX = ConfigKey.integer(
                    "mqtt.connections.per-second.address.max", 0)
            .min(0)
            .doc(
                    "More new connections from one address in a second are refused, with 0x9F; behind a load balancer that speaks the"
                            + " PROXY protocol, of one client's address. 0: no limit but mqtt.connections.per-second.max.");
    public static final ConfigKey<Integer> FLAPPING_LEAVES_MAX = ConfigKey.integer("mqtt.flapping.leaves.max", 0)
            .min(0)
            .doc("A client id that loses more connections than this within the window is banned; 0: none is.");
    public static final ConfigKey<Integer> FLAPPING_WINDOW_SECONDS = ConfigKey.integer(
                    "mqtt.flapping.window.seconds", 60)
            .min(1)
            .max(86_400)
            .doc("See mqtt.flapping.leaves.max.");
    public static final ConfigKey<Integer> FLAPPING_BAN_SECONDS = ConfigKey.integer("mqtt.flapping.ban.seconds", 300)
            .min(1)
            .doc("How long a client id that flaps is banned.");
    public static final ConfigKey<Long> CLIENT_MESSAGES = rate("mqtt.rate.client.messages", "Messages per connection");
    public static final ConfigKey<Long> CLIENT_BYTES = rate("mqtt.rate.client.bytes", "Payload bytes per connection");
    public static final ConfigKey<Long> USER_MESSAGES =
            rate("mqtt.rate.user.messages", "Messages of all connections of one user");
    public static final ConfigKey<Long> USER_BYTES =
            rate("mqtt.rate.user.bytes", "Payload bytes of all connections of one user");
    public static final ConfigKey<Long> LISTENER_MESSAGES =
            rate("mqtt.rate.listener.messages", "Messages of all connections of one listener");
    public static final ConfigKey<Long> LISTENER_BYTES =
            rate("mqtt.rate.listener.bytes", "Payload bytes of all connections of one listener");

    private static ConfigKey<Long> rate(String name, String what) {
        return ConfigKey.whole(name, 0L).min(0).doc(what + PACE);
    }

    public static List<ConfigKey<?>> keys() {
        return List.of(
                BANS_MAX,
                CONNECTS_PER_ADDRESS_MAX,
                FLAPPING_LEAVES_MAX,
                FLAPPING_WINDOW_SECONDS,
                FLAPPING_BAN_SECONDS,
                CLIENT_MESSAGES,
                CLIENT_BYTES,
                USER_MESSAGES,
                USER_BYTES,
                LISTENER_MESSAGES,
                LISTENER_BYTES);
    }

    public static LimitsConfig from(Configuration values) {
        return new LimitsConfig(
                values.get(BANS_MAX),
                values.get(CONNECTS_PER_ADDRESS_MAX),
                values.get(FLAPPING_LEAVES_MAX),
                values.get(FLAPPING_WINDOW_SECONDS),
                values.get(FLAPPING_BAN_SECONDS),
                new Paces.Rates(values.get(CLIENT_MESSAGES), values.get(CLIENT_BYTES)),
                new Paces.Rates(values.get(USER_MESSAGES), values.get(USER_BYTES)),
                new Paces.Rates(values.get(LISTENER_MESSAGES), values.get(LISTENER_BYTES)));
    }
}
