package io.robustmq.kafka.telemetry;

import io.robustmq.kafka.server.ApiHandler;
import io.robustmq.kafka.server.KafkaRequest;
import java.util.List;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.GetTelemetrySubscriptionsRequestData;
import org.apache.kafka.common.message.GetTelemetrySubscriptionsResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.CompressionType;

/** A client asks which of its metrics are wanted, and is given the id of its instance. */
final class GetTelemetrySubscriptionsHandler implements ApiHandler {
    private static final List<Byte> COMPRESSIONS = List.of(
            CompressionType.ZSTD.id, CompressionType.LZ4.id, CompressionType.GZIP.id, CompressionType.SNAPPY.id);

    private final Subscriptions subscriptions;
    private final ClientInstances instances;
    private final int bytesMax;

    GetTelemetrySubscriptionsHandler(Subscriptions subscriptions, ClientInstances instances, int bytesMax) {
        this.subscriptions = subscriptions;
        this.instances = instances;
        this.bytesMax = bytesMax;
    }

    @Override
    public void handle(KafkaRequest request) {
        Uuid known = request.body(GetTelemetrySubscriptionsRequestData.class).clientInstanceId();
        Uuid id = known.equals(Uuid.ZERO_UUID) ? Uuid.randomUuid() : known;
        Wanted wanted = subscriptions.of(new Client(id, request));
        Errors refusal = instances.asks(id, wanted, request.loop().nanoTime());
        GetTelemetrySubscriptionsResponseData response =
                new GetTelemetrySubscriptionsResponseData().setErrorCode(refusal.code());
        if (refusal == Errors.NONE) {
            response.setClientInstanceId(id)
                    .setSubscriptionId(wanted.id())
                    .setAcceptedCompressionTypes(COMPRESSIONS)
                    .setPushIntervalMs(wanted.intervalMs())
                    .setTelemetryMaxBytes(bytesMax)
                    .setDeltaTemporality(true)
                    .setRequestedMetrics(wanted.metrics());
        }
        request.respond(response);
    }
}
