package io.robustmq.kafka.group;

import io.robustmq.core.error.BrokerError;
import io.robustmq.core.group.GroupCommand.CommitTxnOffsets;
import io.robustmq.core.group.GroupCommand.GiveUpVerification;
import io.robustmq.core.group.GroupCommand.Membership;
import io.robustmq.core.group.GroupCommand.OffsetToCommit;
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
        List<BrokerError> errors = new ArrayList<>();
        List<OffsetToCommit> offsets = new ArrayList<>();
        MetaImage image = calls.image();
        for (TxnOffsetCommitRequestTopic topic : body.topics()) {
            NamedTopic named = NamedTopic.of(image, request.version() >= WITH_TOPIC_ID, topic.name(), topic.topicId());
            check(request, named, topic, errors, offsets);
        }
        Commit commit = new Commit(request, body, errors);
        if (!calls.allowsTransactionalId(request, Operation.WRITE, body.transactionalId())) {
            commit.refuseAll(BrokerError.TRANSACTIONAL_ID_AUTHORIZATION_FAILED);
        } else if (!calls.allowsGroup(request, Operation.READ, body.groupId())) {
            commit.refuseAll(BrokerError.GROUP_AUTHORIZATION_FAILED);
        } else if (body.groupId().isEmpty()) {
            commit.refuseAll(BrokerError.INVALID_GROUP_ID);
        } else if (offsets.isEmpty()) {
            commit.respond(List.of());
        } else {
            commit.start(offsets);
        }
    }

    /** Adds an error for each partition, NONE for those that are added to the offsets. */
    private void check(
            KafkaRequest request,
            NamedTopic topic,
            TxnOffsetCommitRequestTopic wanted,
            List<BrokerError> errors,
            List<OffsetToCommit> offsets) {
        BrokerError topicError = topic.error();
        if (topicError == BrokerError.NONE && !calls.allowsTopic(request, Operation.READ, topic.name())) {
            topicError = BrokerError.TOPIC_AUTHORIZATION_FAILED;
        }
        for (TxnOffsetCommitRequestPartition partition : wanted.partitions()) {
            BrokerError error = topicError == BrokerError.NONE && !topic.has(partition.partitionIndex())
                    ? BrokerError.UNKNOWN_TOPIC_OR_PARTITION
                    : topicError;
            errors.add(error);
            if (error == BrokerError.NONE) {
                String metadata = partition.committedMetadata();
                offsets.add(new OffsetToCommit(
                        topic.name(),
                        topic.id(),
                        partition.partitionIndex(),
                        partition.committedOffset(),
                        partition.committedLeaderEpoch(),
                        metadata == null ? "" : metadata));
            }
        }
    }

    /** One request on its way. Owned by the connection's loop. */
    private final class Commit {
        private final KafkaRequest request;
        private final TxnOffsetCommitRequestData body;
        private final List<BrokerError> errors;

        Commit(KafkaRequest request, TxnOffsetCommitRequestData body, List<BrokerError> errors) {
            this.request = request;
            this.body = body;
            this.errors = errors;
        }

        void start(List<OffsetToCommit> offsets) {
            Membership member =
                    new Membership(body.generationIdOrMemberEpoch(), body.memberId(), body.groupInstanceId());
            submit(new CommitTxnOffsets(
                    Requester.NOBODY, body.groupId(), body.producerId(), body.producerEpoch(), member, -1, offsets));
        }

        private void submit(CommitTxnOffsets commit) {
            calls.submit(body.groupId(), commit.verified(new Answer(commit), commit.verification()));
        }

        private void answered(CommitTxnOffsets commit, GroupReply reply) {
            if (reply instanceof GroupReply.NeedsVerification needed) {
                verify(commit, needed.token());
            } else if (reply instanceof GroupReply.Outcomes outcomes) {
                respond(outcomes.errors());
            } else {
                BrokerError error = reply instanceof GroupReply.Done done ? done.error() : BrokerError.UNEXPECTED;
                refused(commit, error);
            }
        }

        private void refused(CommitTxnOffsets commit, BrokerError error) {
            respond(Collections.nCopies(commit.offsets().size(), error));
        }

        private void verify(CommitTxnOffsets commit, long token) {
            String transactionalId = body.transactionalId();
            TxnCommand.Producer producer = new TxnCommand.Producer(body.producerId(), body.producerEpoch());
            Set<TxnPartition> asked = Set.of(
                    new TxnPartition(TopicName.CONSUMER_OFFSETS, calls.service().partitionOf(body.groupId())));
            TxnAnswer answer =
                    new TxnAnswer(request.loop(), done -> submit(commit.verified(Requester.NOBODY, token)), error -> {
                        calls.submit(body.groupId(), new GiveUpVerification(body.producerId(), token));
                        refused(commit, error);
                    });
            calls.transactions()
                    .submitAnywhere(
                            transactionalId,
                            request.version() >= ADDS_GROUP
                                    ? new TxnCommand.AddPartitions(answer, transactionalId, producer, asked, true)
                                    : new TxnCommand.VerifyPartitions(answer, transactionalId, producer, asked));
        }

        void refuseAll(BrokerError error) {
            Collections.fill(errors, error);
            respond(List.of());
        }

        /** {@code outcomes} belong to the places where there was no error before. */
        void respond(List<BrokerError> outcomes) {
            List<TxnOffsetCommitResponseTopic> topics =
                    new ArrayList<>(body.topics().size());
            int next = 0;
            int nextOutcome = 0;
            for (TxnOffsetCommitRequestTopic topic : body.topics()) {
                List<TxnOffsetCommitResponsePartition> partitions =
                        new ArrayList<>(topic.partitions().size());
                for (TxnOffsetCommitRequestPartition partition : topic.partitions()) {
                    BrokerError error = errors.get(next++);
                    if (error == BrokerError.NONE) {
                        error = outcomes.get(nextOutcome++);
                    }
                    partitions.add(new TxnOffsetCommitResponsePartition()
                            .setPartitionIndex(partition.partitionIndex())
                            .setErrorCode(errorOf(error).code()));
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
                    request.loop().run(() -> Commit.this.refused(commit, error));
                }
            }
        }
    }
}
