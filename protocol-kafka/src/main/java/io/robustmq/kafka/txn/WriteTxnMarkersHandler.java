package io.robustmq.kafka.txn;

import io.robustmq.core.error.BrokerError;
import io.robustmq.core.record.TransactionMarker;
import io.robustmq.core.security.Operation;
import io.robustmq.core.txn.TxnCommand;
import io.robustmq.core.txn.TxnPartition;
import io.robustmq.kafka.ErrorCodes;
import io.robustmq.kafka.handler.Pending;
import io.robustmq.kafka.server.ApiHandler;
import io.robustmq.kafka.server.KafkaRequest;
import org.apache.kafka.common.message.WriteTxnMarkersRequestData;
import org.apache.kafka.common.message.WriteTxnMarkersRequestData.WritableTxnMarker;
import org.apache.kafka.common.message.WriteTxnMarkersRequestData.WritableTxnMarkerTopic;
import org.apache.kafka.common.message.WriteTxnMarkersResponseData;
import org.apache.kafka.common.message.WriteTxnMarkersResponseData.WritableTxnMarkerPartitionResult;
import org.apache.kafka.common.message.WriteTxnMarkersResponseData.WritableTxnMarkerResult;
import org.apache.kafka.common.message.WriteTxnMarkersResponseData.WritableTxnMarkerTopicResult;
import org.apache.kafka.common.protocol.Errors;

/** An operator ends a transaction by hand ({@code kafka-transactions abort}). */
final class WriteTxnMarkersHandler implements ApiHandler {
    private static final byte EPOCH_PER_TRANSACTION = 2;

    private final TxnCalls calls;

    WriteTxnMarkersHandler(TxnCalls calls) {
        this.calls = calls;
    }

    @Override
    public void handle(KafkaRequest request) {
        WriteTxnMarkersRequestData body = request.body(WriteTxnMarkersRequestData.class);
        boolean allowed =
                calls.allowsCluster(request, Operation.CLUSTER_ACTION) || calls.allowsCluster(request, Operation.ALTER);
        WriteTxnMarkersResponseData response = new WriteTxnMarkersResponseData();
        int parts = 1;
        for (WritableTxnMarker marker : body.markers()) {
            for (WritableTxnMarkerTopic topic : marker.topics()) {
                parts += topic.partitionIndexes().size();
            }
        }
        Pending pending = new Pending(request.loop(), parts, () -> request.respond(response));
        for (WritableTxnMarker marker : body.markers()) {
            WritableTxnMarkerResult result = new WritableTxnMarkerResult().setProducerId(marker.producerId());
            response.markers().add(result);
            for (WritableTxnMarkerTopic topic : marker.topics()) {
                WritableTxnMarkerTopicResult answered = new WritableTxnMarkerTopicResult().setName(topic.name());
                result.topics().add(answered);
                for (int index : topic.partitionIndexes()) {
                    WritableTxnMarkerPartitionResult part =
                            new WritableTxnMarkerPartitionResult().setPartitionIndex(index);
                    answered.partitions().add(part);
                    if (allowed) {
                        write(request, marker, new TxnPartition(topic.name(), index), part, pending);
                    } else {
                        part.setErrorCode(Errors.CLUSTER_AUTHORIZATION_FAILED.code());
                        pending.done();
                    }
                }
            }
        }
        pending.done();
    }

    private void write(
            KafkaRequest request,
            WritableTxnMarker marker,
            TxnPartition partition,
            WritableTxnMarkerPartitionResult part,
            Pending pending) {
        calls.service()
                .markers()
                .write(
                        partition,
                        new TxnCommand.Producer(marker.producerId(), marker.producerEpoch()),
                        new TransactionMarker(marker.transactionResult(), marker.coordinatorEpoch()),
                        marker.transactionVersion() >= EPOCH_PER_TRANSACTION,
                        request.loop(),
                        error -> {
                            part.setErrorCode(codeOf(error).code());
                            pending.done();
                        });
    }

    private static Errors codeOf(BrokerError error) {
        return error == BrokerError.NOT_COORDINATOR ? Errors.NOT_LEADER_OR_FOLLOWER : ErrorCodes.of(error);
    }
}
