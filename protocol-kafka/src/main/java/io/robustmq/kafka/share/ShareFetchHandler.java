package io.robustmq.kafka.share;

import io.robustmq.core.security.Operation;
import io.robustmq.kafka.server.ApiHandler;
import io.robustmq.kafka.server.KafkaRequest;
import org.apache.kafka.common.message.ShareFetchRequestData;
import org.apache.kafka.common.message.ShareFetchRequestData.FetchPartition;
import org.apache.kafka.common.message.ShareFetchRequestData.FetchTopic;
import org.apache.kafka.common.message.ShareFetchRequestData.ForgottenTopic;
import org.apache.kafka.common.message.ShareFetchResponseData;
import org.apache.kafka.common.protocol.Errors;

/** Opens, changes and closes share sessions, and reads for them. The work of one request is a {@link ShareFetchTurn}. */
final class ShareFetchHandler implements ApiHandler {
    private final ShareCalls calls;

    ShareFetchHandler(ShareCalls calls) {
        this.calls = calls;
    }

    @Override
    public void handle(KafkaRequest request) {
        ShareFetchRequestData body = request.body(ShareFetchRequestData.class);
        String groupId = body.groupId();
        String memberId = body.memberId();
        if (groupId == null || memberId == null || groupId.isEmpty() || !isValid(body)) {
            request.respond(refused(Errors.INVALID_REQUEST));
        } else if (!calls.allowsGroup(request, Operation.READ, groupId)) {
            request.respond(refused(Errors.GROUP_AUTHORIZATION_FAILED));
        } else {
            ShareSessions.Turn turn = body.shareSessionEpoch() == ShareSession.OPENS
                    ? calls.sessions().open(request, groupId, memberId)
                    : calls.sessions().resume(request, groupId, memberId, body.shareSessionEpoch());
            ShareSession session = turn.session();
            if (session == null) {
                request.respond(refused(turn.error()));
            } else {
                fetch(request, body, session);
            }
        }
    }

    /** Nothing can be acknowledged before anything was given, and who renews does not read. */
    private static boolean isValid(ShareFetchRequestData body) {
        boolean opens = body.shareSessionEpoch() == ShareSession.OPENS;
        boolean reads = body.maxBytes() != 0 || body.minBytes() != 0 || body.maxRecords() != 0 || body.maxWaitMs() != 0;
        boolean knownMode = body.shareAcquireMode() == ShareFetchTurn.WHOLE_BATCHES
                || body.shareAcquireMode() == ShareFetchTurn.STRICT;
        return knownMode && !(opens && acknowledges(body)) && !(body.isRenewAck() && reads);
    }

    private static boolean acknowledges(ShareFetchRequestData body) {
        for (FetchTopic topic : body.topics()) {
            for (FetchPartition partition : topic.partitions()) {
                if (!partition.acknowledgementBatches().isEmpty()) {
                    return true;
                }
            }
        }
        return false;
    }

    private void fetch(KafkaRequest request, ShareFetchRequestData body, ShareSession session) {
        ShareFetchTurn turn = new ShareFetchTurn(calls, request, body, session);
        boolean closes = body.shareSessionEpoch() == ShareSession.CLOSES;
        for (FetchTopic topic : body.topics()) {
            for (FetchPartition partition : topic.partitions()) {
                SharedPartition.Id id = new SharedPartition.Id(topic.topicId(), partition.partitionIndex());
                if (!closes && id.index() >= 0) {
                    session.add(id);
                }
                if (!partition.acknowledgementBatches().isEmpty()) {
                    turn.acknowledge(
                            id, AcknowledgeBatches.ofFetch(partition.acknowledgementBatches(), body.isRenewAck()));
                }
            }
        }
        for (ForgottenTopic topic : body.forgottenTopicsData()) {
            topic.partitions().forEach(index -> session.remove(new SharedPartition.Id(topic.topicId(), index)));
        }
        if (session.size() > calls.config().fetchSessionPartitionsMax()) {
            calls.sessions().close(session);
            request.respond(refused(Errors.SHARE_SESSION_LIMIT_REACHED));
        } else {
            turn.start();
        }
    }

    private static ShareFetchResponseData refused(Errors error) {
        return new ShareFetchResponseData().setErrorCode(error.code()).setErrorMessage(error.message());
    }
}
