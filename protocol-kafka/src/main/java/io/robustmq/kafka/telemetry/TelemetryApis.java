package io.robustmq.kafka.telemetry;

import io.micrometer.core.instrument.MeterRegistry;
import io.robustmq.core.port.MetaLog;
import io.robustmq.kafka.KafkaConfig;
import io.robustmq.kafka.server.ApiTable;
import org.apache.kafka.common.protocol.ApiKeys;

/** The APIs of this package, with the versions that are served. */
public final class TelemetryApis {
    private TelemetryApis() {}

    public static ApiTable.Builder addTo(
            ApiTable.Builder table, KafkaConfig config, MetaLog metaLog, MeterRegistry registry) {
        Subscriptions subscriptions = new Subscriptions(metaLog);
        ClientInstances instances = new ClientInstances(config.telemetryClientsMax());
        ClientMetrics metrics = new ClientMetrics(registry, config.telemetryMetricsMax());
        int bytesMax = config.telemetryBytesMax();
        return table.add(
                        ApiKeys.GET_TELEMETRY_SUBSCRIPTIONS,
                        0,
                        0,
                        new GetTelemetrySubscriptionsHandler(subscriptions, instances, bytesMax))
                .add(
                        ApiKeys.PUSH_TELEMETRY,
                        0,
                        0,
                        new PushTelemetryHandler(subscriptions, instances, metrics, bytesMax));
    }
}
