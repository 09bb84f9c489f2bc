package io.robustmq.kafka.telemetry;

import io.robustmq.kafka.server.ApiHandler;
import io.robustmq.kafka.server.KafkaRequest;
import java.nio.ByteBuffer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.TelemetryTooLargeException;
import org.apache.kafka.common.message.PushTelemetryRequestData;
import org.apache.kafka.common.message.PushTelemetryResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.telemetry.internals.ClientTelemetryUtils;
import org.apache.kafka.shaded.com.google.protobuf.InvalidProtocolBufferException;
import org.apache.kafka.shaded.io.opentelemetry.proto.metrics.v1.MetricsData;

/** A client pushes the metrics that it was asked for. */
final class PushTelemetryHandler implements ApiHandler {
    private final Subscriptions subscriptions;
    private final ClientInstances instances;
    private final ClientMetrics metrics;
    private final int bytesMax;

    PushTelemetryHandler(Subscriptions subscriptions, ClientInstances instances, ClientMetrics metrics, int bytesMax) {
        this.subscriptions = subscriptions;
        this.instances = instances;
        this.metrics = metrics;
        this.bytesMax = bytesMax;
    }

    @Override
    public void handle(KafkaRequest request) {
        PushTelemetryRequestData body = request.body(PushTelemetryRequestData.class);
        request.respond(
                new PushTelemetryResponseData().setErrorCode(push(request, body).code()));
    }

    private Errors push(KafkaRequest request, PushTelemetryRequestData body) {
        Uuid id = body.clientInstanceId();
        if (id.equals(Uuid.ZERO_UUID)) {
            return Errors.INVALID_REQUEST;
        }
        ByteBuffer pushed = body.metrics();
        if (pushed.remaining() > bytesMax) {
            return Errors.TELEMETRY_TOO_LARGE;
        }
        CompressionType compression;
        try {
            compression = CompressionType.forId(body.compressionType());
        } catch (IllegalArgumentException e) {
            return Errors.UNSUPPORTED_COMPRESSION_TYPE;
        }
        Wanted wanted = subscriptions.of(new Client(id, request));
        Errors refusal = instances.pushes(
                id,
                body.subscriptionId(),
                body.terminating(),
                wanted,
                request.loop().nanoTime());
        return refusal == Errors.NONE && pushed.hasRemaining() ? take(pushed, compression, wanted) : refusal;
    }

    private Errors take(ByteBuffer pushed, CompressionType compression, Wanted wanted) {
        try {
            ByteBuffer plain = compression == CompressionType.NONE
                    ? pushed
                    : ClientTelemetryUtils.decompress(pushed, compression, bytesMax);
            metrics.take(MetricsData.parseFrom(plain), wanted);
            return Errors.NONE;
        } catch (TelemetryTooLargeException e) {
            return Errors.TELEMETRY_TOO_LARGE;
        } catch (KafkaException | InvalidProtocolBufferException e) {
            return Errors.INVALID_RECORD;
        }
    }
}
