package io.robustmq.e2e.oracle;

import java.nio.ByteBuffer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.GetTelemetrySubscriptionsRequestData;
import org.apache.kafka.common.message.GetTelemetrySubscriptionsResponseData;
import org.apache.kafka.common.message.PushTelemetryRequestData;
import org.apache.kafka.common.protocol.ApiKeys;

/** Questions about metrics that clients push (KIP-714). */
final class TelemetryAsks {
    private static final int CLIENT_METRICS = 16;
    private static final byte[] NOTHING = {};
    private static final byte[] NO_METRICS = {1, 2, 3};

    private TelemetryAsks() {}

    static void addTo(Asks asks) {
        ask(asks, "new client", w -> Uuid.ZERO_UUID);
        ask(asks, "again", w -> told(w, "new client").clientInstanceId());
        subscribe(asks, "producers", "metrics", "org.apache.kafka.producer.");
        subscribe(asks, "oracles", "match", "client_id=or.*");
        ask(asks, "wanted", w -> Uuid.ZERO_UUID);
        subscribe(asks, "everything", "metrics", "*");
        subscribe(asks, "often", "interval.ms", "100");
        ask(asks, "all wanted", w -> Uuid.ZERO_UUID);
        push(asks, "nothing", w -> push(w, NOTHING));
        push(asks, "zero id", w -> push(w, NOTHING).setClientInstanceId(Uuid.ZERO_UUID));
        push(asks, "another subscription", w -> {
            PushTelemetryRequestData request = push(w, NOTHING);
            return request.setSubscriptionId(request.subscriptionId() + 1);
        });
        push(asks, "compression 9", w -> push(w, NOTHING).setCompressionType((byte) 9));
        push(asks, "too large", w -> push(w, new byte[1_048_577]));
        push(asks, "last", w -> push(w, NOTHING).setTerminating(true));
        push(asks, "after the last", w -> push(w, NOTHING).setTerminating(true));
        push(asks, "of an unknown client", w -> push(w, NO_METRICS).setClientInstanceId(new Uuid(8, 8)));
    }

    private static void ask(Asks asks, String name, java.util.function.Function<World, Uuid> id) {
        asks.last(ApiKeys.GET_TELEMETRY_SUBSCRIPTIONS, name, w -> new GetTelemetrySubscriptionsRequestData()
                .setClientInstanceId(id.apply(w)));
    }

    private static void push(
            Asks asks, String name, java.util.function.Function<World, PushTelemetryRequestData> request) {
        asks.last(ApiKeys.PUSH_TELEMETRY, name, request::apply);
    }

    private static void subscribe(Asks asks, String name, String key, String value) {
        asks.last(
                ApiKeys.INCREMENTAL_ALTER_CONFIGS,
                "subscribe to " + name,
                w -> ConfigAsks.alter(CLIENT_METRICS, "telemetry", key, 0, value));
    }

    private static GetTelemetrySubscriptionsResponseData told(World world, String name) {
        return world.answer("GetTelemetrySubscriptions v0 " + name, GetTelemetrySubscriptionsResponseData.class);
    }

    private static PushTelemetryRequestData push(World world, byte[] metrics) {
        var told = told(world, "all wanted");
        return new PushTelemetryRequestData()
                .setClientInstanceId(told.clientInstanceId())
                .setSubscriptionId(told.subscriptionId())
                .setMetrics(ByteBuffer.wrap(metrics));
    }
}
