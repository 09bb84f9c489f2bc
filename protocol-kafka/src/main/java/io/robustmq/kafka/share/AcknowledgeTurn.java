package io.robustmq.kafka.share;

import io.robustmq.core.error.BrokerError;
import io.robustmq.core.meta.TopicImage;
import io.robustmq.core.model.Partition;
import io.robustmq.core.security.Operation;
import io.robustmq.core.share.ShareCommand.Acknowledge;
import io.robustmq.core.share.ShareCommand.Acknowledged;
import io.robustmq.core.share.ShareKey;
import io.robustmq.core.share.ShareTerms;
import io.robustmq.kafka.ErrorCodes;
import io.robustmq.kafka.handler.Pending;
import io.robustmq.kafka.handler.ShareAnswer;
import io.robustmq.kafka.server.KafkaRequest;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/** The acknowledgements of one request, partition by partition. Owned by the connection's loop. */
final class AcknowledgeTurn {
    private final ShareCalls calls;
    private final KafkaRequest request;
    private final ShareSession session;
    private final ShareTerms terms;
    private final Map<SharedPartition.Id, List<Acknowledged>> wanted = new LinkedHashMap<>();
    private final Map<SharedPartition.Id, Errors> results = new LinkedHashMap<>();

    AcknowledgeTurn(ShareCalls calls, KafkaRequest request, ShareSession session, ShareTerms terms) {
        this.calls = calls;
        this.request = request;
        this.session = session;
        this.terms = terms;
    }

    /** Null batches are such as cannot be read. */
    void add(SharedPartition.Id id, @Nullable List<Acknowledged> batches) {
        Errors refusal = batches == null ? Errors.INVALID_REQUEST : check(id);
        results.put(id, refusal);
        if (refusal == Errors.NONE && batches != null && !batches.isEmpty()) {
            wanted.put(id, batches);
        }
    }

    private Errors check(SharedPartition.Id id) {
        if (id.index() < 0) {
            return Errors.UNKNOWN_TOPIC_OR_PARTITION;
        }
        TopicImage topic = calls.image().topic(id.partition().topicId());
        if (topic == null) {
            return Errors.UNKNOWN_TOPIC_ID;
        }
        if (!calls.allowsTopic(request, Operation.READ, topic.name())) {
            return Errors.TOPIC_AUTHORIZATION_FAILED;
        }
        return id.index() < topic.partitions().size() ? Errors.NONE : Errors.UNKNOWN_TOPIC_OR_PARTITION;
    }

    void start(Runnable whenDone) {
        Pending pending = new Pending(request.loop(), wanted.size() + 1, whenDone);
        wanted.forEach((id, batches) -> {
            Partition partition = id.partition();
            ShareKey key = new ShareKey(session.groupId(), partition);
            ShareAnswer answer = ShareAnswer.done(request.loop(), error -> {
                results.put(id, errorOf(error));
                pending.done();
            });
            calls.service().submit(key, new Acknowledge(answer, key, session.memberId(), terms, batches));
        });
        pending.done();
    }

    private static Errors errorOf(BrokerError error) {
        return error == BrokerError.OVERLOADED ? Errors.COORDINATOR_NOT_AVAILABLE : ErrorCodes.of(error);
    }

    /** By partition, in the order of the request. */
    Map<SharedPartition.Id, Errors> results() {
        return results;
    }
}
