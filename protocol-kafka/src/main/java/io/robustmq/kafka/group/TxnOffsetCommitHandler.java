package io.robustmq.kafka.group;

import io.robustmq.core.error.BrokerError;
import io.robustmq.core.group.GroupCommand.CommitTxnOffsets;
import io.robustmq.core.group.GroupCommand.GiveUpVerification;
import io.robustmq.core.group.GroupCommand.Membership;
import io.robustmq.core.group.GroupReply;
import io.robustmq.core.group.Requester;
import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.model.TopicName;
import io.robustmq.core.security.Operation;
import io.robustmq.core.txn.TxnCommand;
import io.robustmq.core.txn.TxnPartition;
import io.robustmq.kafka.handler.TxnAnswer;
import io.robustmq.kafka.handler.TxnErrors;
import io.robustmq.kafka.server.ApiHandler;
import io.robustmq.kafka.server.KafkaRequest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.common.message.TxnOffsetCommitRequestData;
import org.apache.kafka.common.message.TxnOffsetCommitRequestData.TxnOffsetCommitRequestPartition;
import org.apache.kafka.common.message.TxnOffsetCommitRequestData.TxnOffsetCommitRequestTopic;
import org.apache.kafka.common.message.TxnOffsetCommitResponseData;
import org.apache.kafka.common.message.TxnOffsetCommitResponseData.TxnOffsetCommitResponsePartition;
import org.apache.kafka.common.message.TxnOffsetCommitResponseData.TxnOffsetCommitResponseTopic;
import org.apache.kafka.common.protocol.Errors;

/**
 * How far a group has come, as part of a transaction (KIP-447). When the group's coordinator knows no transaction of the
 * producer, the transaction's coordinator is asked first; since protocol 2 that adds the group to the transaction (KIP-890).
 */
final class TxnOffsetCommitHandler implements ApiHandler {
    private static final int KNOWS_ABORTABLE = 4;
    private static final int ADDS_GROUP = 5;
    private static final int WITH_TOPIC_ID = 6;
    private static final int KNOWS_MEMBER_EPOCHS = 6;

    private final GroupCalls calls;

    TxnOffsetCommitHandler(GroupCalls calls) {
        this.calls = calls;
    }

    @Override
    public void handle(KafkaRequest request) {
        TxnOffsetCommitRequestData body = request.body(TxnOffsetCommitRequestData.class);
        OffsetsOfRequest wanted = new OffsetsOfRequest(calls, request);
        MetaImage image = calls.image();
        for (TxnOffsetCommitRequestTopic topic : body.topics()) {
            NamedTopic named = NamedTopic.of(image, request.version() >= WITH_TOPIC_ID, topic.name(), topic.topicId());
            add(wanted, named, topic);
        }
        Commit commit = new Commit(request, body, wanted);
        if (!calls.allowsTransactionalId(request, Operation.WRITE, body.transactionalId())) {
            commit.refuseAll(BrokerError.TRANSACTIONAL_ID_AUTHORIZATION_FAILED);
        } else if (!calls.allowsGroup(request, Operation.READ, body.groupId())) {
            commit.refuseAll(BrokerError.GROUP_AUTHORIZATION_FAILED);
        } else if (body.groupId().isEmpty()) {
            commit.refuseAll(BrokerError.INVALID_GROUP_ID);
        } else if (wanted.offsets().isEmpty()) {
            commit.respond(wanted.with(List.of()));
        } else {
            commit.start();
        }
    }

    private static void add(OffsetsOfRequest wanted, NamedTopic topic, TxnOffsetCommitRequestTopic asked) {
        BrokerError refusal = wanted.refusal(topic);
        for (TxnOffsetCommitRequestPartition partition : asked.partitions()) {
            wanted.add(
                    topic,
                    refusal,
                    partition.partitionIndex(),
                    partition.committedOffset(),
                    partition.committedLeaderEpoch(),
                    partition.committedMetadata());
        }
    }

    /** One request on its way. Owned by the connection's loop. */
    private final class Commit {
        private final KafkaRequest request;
        private final TxnOffsetCommitRequestData body;
        private final OffsetsOfRequest wanted;

        Commit(KafkaRequest request, TxnOffsetCommitRequestData body, OffsetsOfRequest wanted) {
            this.request = request;
            this.body = body;
            this.wanted = wanted;
        }

        void start() {
            Membership member =
                    new Membership(body.generationIdOrMemberEpoch(), body.memberId(), body.groupInstanceId());
            submit(new CommitTxnOffsets(
                    Requester.NOBODY,
                    body.groupId(),
                    body.producerId(),
                    body.producerEpoch(),
                    member,
                    -1,
                    wanted.offsets()));
        }

        private void submit(CommitTxnOffsets commit) {
            calls.submit(body.groupId(), commit.verified(new Answer(commit), commit.verification()));
        }

        private void answered(CommitTxnOffsets commit, GroupReply reply) {
            if (reply instanceof GroupReply.NeedsVerification needed) {
                verify(commit, needed.token());
            } else if (reply instanceof GroupReply.Outcomes outcomes) {
                respond(wanted.with(outcomes.errors()));
            } else {
                BrokerError error = reply instanceof GroupReply.Done done ? done.error() : BrokerError.UNEXPECTED;
                refused(error);
            }
        }

        private void refused(BrokerError error) {
            respond(wanted.with(error));
        }

        private void verify(CommitTxnOffsets commit, long token) {
            String transactionalId = body.transactionalId();
            TxnCommand.Producer producer = new TxnCommand.Producer(body.producerId(), body.producerEpoch());
            Set<TxnPartition> asked = Set.of(
                    new TxnPartition(TopicName.CONSUMER_OFFSETS, calls.service().partitionOf(body.groupId())));
            TxnAnswer answer =
                    new TxnAnswer(request.loop(), done -> submit(commit.verified(Requester.NOBODY, token)), error -> {
                        calls.submit(body.groupId(), new GiveUpVerification(body.producerId(), token));
                        refused(error);
                    });
            calls.transactions()
                    .submitAnywhere(
                            transactionalId,
                            request.version() >= ADDS_GROUP
                                    ? new TxnCommand.AddPartitions(answer, transactionalId, producer, asked, true)
                                    : new TxnCommand.VerifyPartitions(answer, transactionalId, producer, asked));
        }

        void refuseAll(BrokerError error) {
            int count = body.topics().stream()
                    .mapToInt(topic -> topic.partitions().size())
                    .sum();
            respond(Collections.nCopies(count, error));
        }

        /** An error for each partition. */
        void respond(List<BrokerError> errors) {
            List<TxnOffsetCommitResponseTopic> topics =
                    new ArrayList<>(body.topics().size());
            int next = 0;
            for (TxnOffsetCommitRequestTopic topic : body.topics()) {
                List<TxnOffsetCommitResponsePartition> partitions =
                        new ArrayList<>(topic.partitions().size());
                for (TxnOffsetCommitRequestPartition partition : topic.partitions()) {
                    partitions.add(new TxnOffsetCommitResponsePartition()
                            .setPartitionIndex(partition.partitionIndex())
                            .setErrorCode(errorOf(errors.get(next)).code()));
                    next++;
                }
                topics.add(new TxnOffsetCommitResponseTopic()
                        .setName(topic.name())
                        .setTopicId(topic.topicId())
                        .setPartitions(partitions));
            }
            request.respond(new TxnOffsetCommitResponseData().setTopics(topics));
        }

        private Errors errorOf(BrokerError error) {
            boolean ofMembership = error == BrokerError.STALE_MEMBER_EPOCH || error == BrokerError.GROUP_ID_NOT_FOUND;
            if (ofMembership && request.version() < KNOWS_MEMBER_EPOCHS) {
                return Errors.ILLEGAL_GENERATION;
            }
            return TxnErrors.of(error, false, request.version() >= KNOWS_ABORTABLE);
        }

        /** The group's coordinator answers; once. */
        private final class Answer implements Requester {
            private final CommitTxnOffsets commit;
            private final AtomicBoolean answered = new AtomicBoolean();

            Answer(CommitTxnOffsets commit) {
                this.commit = commit;
            }

            @Override
            public void answer(GroupReply reply) {
                if (answered.compareAndSet(false, true)) {
                    request.loop().run(() -> Commit.this.answered(commit, reply));
                }
            }

            @Override
            public void refuse(BrokerError error) {
                if (answered.compareAndSet(false, true)) {
                    request.loop().run(() -> Commit.this.refused(error));
                }
            }
        }
    }
}
