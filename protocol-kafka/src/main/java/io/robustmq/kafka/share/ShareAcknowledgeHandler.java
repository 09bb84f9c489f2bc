package io.robustmq.kafka.share;

import io.robustmq.core.security.Operation;
import io.robustmq.core.share.ShareTerms;
import io.robustmq.kafka.server.ApiHandler;
import io.robustmq.kafka.server.KafkaRequest;
import java.util.Map;
import org.apache.kafka.common.message.ShareAcknowledgeRequestData;
import org.apache.kafka.common.message.ShareAcknowledgeRequestData.AcknowledgePartition;
import org.apache.kafka.common.message.ShareAcknowledgeRequestData.AcknowledgeTopic;
import org.apache.kafka.common.message.ShareAcknowledgeResponseData;
import org.apache.kafka.common.message.ShareAcknowledgeResponseData.PartitionData;
import org.apache.kafka.common.message.ShareAcknowledgeResponseData.ShareAcknowledgeTopicResponse;
import org.apache.kafka.common.protocol.Errors;

/** A member says what it has done with records, and perhaps that it leaves. */
final class ShareAcknowledgeHandler implements ApiHandler {
    private final ShareCalls calls;

    ShareAcknowledgeHandler(ShareCalls calls) {
        this.calls = calls;
    }

    @Override
    public void handle(KafkaRequest request) {
        ShareAcknowledgeRequestData body = request.body(ShareAcknowledgeRequestData.class);
        String groupId = body.groupId();
        String memberId = body.memberId();
        if (groupId == null || memberId == null || groupId.isEmpty()) {
            request.respond(refused(Errors.INVALID_REQUEST));
        } else if (!calls.allowsGroup(request, Operation.READ, groupId)) {
            request.respond(refused(Errors.GROUP_AUTHORIZATION_FAILED));
        } else if (body.shareSessionEpoch() == ShareSession.OPENS) {
            request.respond(refused(Errors.INVALID_SHARE_SESSION_EPOCH));
        } else {
            ShareSessions.Turn turn = calls.sessions().resume(request, groupId, memberId, body.shareSessionEpoch());
            ShareSession session = turn.session();
            if (session == null) {
                request.respond(refused(turn.error()));
            } else {
                acknowledge(request, body, session);
            }
        }
    }

    private void acknowledge(KafkaRequest request, ShareAcknowledgeRequestData body, ShareSession session) {
        ShareTerms terms = calls.service().termsOf(session.groupId());
        AcknowledgeTurn acknowledging = new AcknowledgeTurn(calls, request, session, terms);
        for (AcknowledgeTopic topic : body.topics()) {
            for (AcknowledgePartition partition : topic.partitions()) {
                acknowledging.add(
                        new SharedPartition.Id(topic.topicId(), partition.partitionIndex()),
                        AcknowledgeBatches.of(partition.acknowledgementBatches(), body.isRenewAck()));
            }
        }
        acknowledging.start(() -> {
            if (body.shareSessionEpoch() == ShareSession.CLOSES) {
                calls.sessions().close(session);
            }
            request.respond(response(acknowledging.results()).setAcquisitionLockTimeoutMs(terms.lockMs()));
        });
    }

    private static ShareAcknowledgeResponseData response(Map<SharedPartition.Id, Errors> results) {
        ShareAcknowledgeResponseData response = new ShareAcknowledgeResponseData();
        results.forEach((id, error) -> {
            ShareAcknowledgeTopicResponse topic = response.responses().find(id.topicId());
            if (topic == null) {
                topic = new ShareAcknowledgeTopicResponse().setTopicId(id.topicId());
                response.responses().add(topic);
            }
            topic.partitions()
                    .add(new PartitionData()
                            .setPartitionIndex(id.index())
                            .setErrorCode(error.code())
                            .setErrorMessage(error == Errors.NONE ? null : error.message()));
        });
        return response;
    }

    private static ShareAcknowledgeResponseData refused(Errors error) {
        return new ShareAcknowledgeResponseData().setErrorCode(error.code()).setErrorMessage(error.message());
    }
}
