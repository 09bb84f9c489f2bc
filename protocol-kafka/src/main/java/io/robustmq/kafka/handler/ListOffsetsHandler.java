package io.robustmq.kafka.handler;

import io.robustmq.core.model.Partition;
import io.robustmq.core.port.Isolation;
import io.robustmq.core.port.Journal;
import io.robustmq.core.port.PartitionState;
import io.robustmq.core.port.TimestampedOffset;
import io.robustmq.core.security.Operation;
import io.robustmq.kafka.server.ApiHandler;
import io.robustmq.kafka.server.KafkaRequest;
import java.util.HashSet;
import java.util.Set;
import org.apache.kafka.common.message.ListOffsetsRequestData;
import org.apache.kafka.common.message.ListOffsetsRequestData.ListOffsetsPartition;
import org.apache.kafka.common.message.ListOffsetsRequestData.ListOffsetsTopic;
import org.apache.kafka.common.message.ListOffsetsResponseData;
import org.apache.kafka.common.message.ListOffsetsResponseData.ListOffsetsPartitionResponse;
import org.apache.kafka.common.message.ListOffsetsResponseData.ListOffsetsTopicResponse;
import org.apache.kafka.common.protocol.Errors;

/** Offsets by time, and the two ends of the log. */
public final class ListOffsetsHandler implements ApiHandler {
    private static final long LATEST = -1;
    private static final long EARLIEST = -2;
    private static final long MAX_TIMESTAMP = -3;
    private static final long EARLIEST_LOCAL = -4;
    private static final long LATEST_TIERED = -5;
    private static final long EARLIEST_PENDING_UPLOAD = -6;
    private static final short LEADER_EPOCH = 4;
    private static final short MAX_TIMESTAMP_VERSION = 7;
    private static final short EARLIEST_LOCAL_VERSION = 8;
    private static final short LATEST_TIERED_VERSION = 9;
    private static final short EARLIEST_PENDING_UPLOAD_VERSION = 11;
    private static final int UNKNOWN_EPOCH = -1;
    private static final byte READ_COMMITTED = 1;

    private final Journal journal;
    private final LedPartitions partitions;

    public ListOffsetsHandler(KafkaContext context) {
        this.journal = context.journal();
        this.partitions = new LedPartitions(context);
    }

    @Override
    public void handle(KafkaRequest request) {
        ListOffsetsRequestData body = request.body(ListOffsetsRequestData.class);
        Isolation isolation =
                body.isolationLevel() == READ_COMMITTED ? Isolation.READ_COMMITTED : Isolation.READ_UNCOMMITTED;
        ListOffsetsResponseData response = new ListOffsetsResponseData();
        int parts = 1;
        for (ListOffsetsTopic topic : body.topics()) {
            parts += topic.partitions().size();
        }
        Pending pending = new Pending(request.loop(), parts, () -> request.respond(response));
        for (ListOffsetsTopic topic : body.topics()) {
            ListOffsetsTopicResponse answered = new ListOffsetsTopicResponse().setName(topic.name());
            response.topics().add(answered);
            Set<Integer> twice = Repeated.in(topic.partitions(), ListOffsetsPartition::partitionIndex);
            Set<Integer> seen = new HashSet<>();
            for (ListOffsetsPartition asked : topic.partitions()) {
                if (!seen.add(asked.partitionIndex())) {
                    pending.done();
                    continue;
                }
                ListOffsetsPartitionResponse answer =
                        new ListOffsetsPartitionResponse().setPartitionIndex(asked.partitionIndex());
                answered.partitions().add(answer);
                if (twice.contains(asked.partitionIndex()) || !hasTimestamp(request.version(), asked.timestamp())) {
                    boolean repeated = twice.contains(asked.partitionIndex());
                    answer.setErrorCode((repeated ? Errors.INVALID_REQUEST : Errors.UNSUPPORTED_VERSION).code());
                    pending.done();
                } else {
                    find(request, topic.name(), asked, isolation, answer, pending);
                }
            }
        }
        pending.done();
    }

    private static boolean hasTimestamp(short version, long timestamp) {
        if (timestamp >= EARLIEST) {
            return true;
        }
        if (timestamp == MAX_TIMESTAMP) {
            return version >= MAX_TIMESTAMP_VERSION;
        }
        if (timestamp == EARLIEST_LOCAL) {
            return version >= EARLIEST_LOCAL_VERSION;
        }
        if (timestamp == LATEST_TIERED) {
            return version >= LATEST_TIERED_VERSION;
        }
        return timestamp == EARLIEST_PENDING_UPLOAD && version >= EARLIEST_PENDING_UPLOAD_VERSION;
    }

    private void find(
            KafkaRequest request,
            String topic,
            ListOffsetsPartition asked,
            Isolation isolation,
            ListOffsetsPartitionResponse answer,
            Pending pending) {
        LedPartitions.Found found = partitions.find(
                request.principal(), Operation.DESCRIBE, topic, asked.partitionIndex(), asked.currentLeaderEpoch());
        Partition partition = found.partition();
        PartitionState state = found.state();
        if (found.error() != Errors.NONE || partition == null || state == null) {
            answer.setErrorCode(found.error().code());
            pending.done();
            return;
        }
        long timestamp = asked.timestamp();
        if (timestamp >= 0) {
            journal.offsetForTime(partition, timestamp, isolation, request.loop(), offset -> {
                set(request, answer, offset);
                pending.done();
            });
        } else if (timestamp == MAX_TIMESTAMP) {
            journal.offsetForMaxTimestamp(partition, request.loop(), offset -> {
                set(request, answer, offset);
                pending.done();
            });
        } else {
            journal.leaderState(partition, request.loop(), now -> {
                if (now == null || !now.leader()) {
                    answer.setErrorCode(Errors.NOT_LEADER_OR_FOLLOWER.code());
                } else {
                    end(request, timestamp, now, isolation, answer);
                }
                pending.done();
            });
        }
    }

    private static void end(
            KafkaRequest request,
            long timestamp,
            PartitionState state,
            Isolation isolation,
            ListOffsetsPartitionResponse answer) {
        if (timestamp == LATEST) {
            set(request, answer, new TimestampedOffset(-1, state.visibleEnd(isolation), state.leaderEpoch()));
        } else if (timestamp == EARLIEST || timestamp == EARLIEST_LOCAL) {
            // In its first epoch a log has no other; later the first record's is not known here, and -1 means "do not
            // check".
            int epoch = state.leaderEpoch() == 0 ? 0 : UNKNOWN_EPOCH;
            set(request, answer, new TimestampedOffset(-1, state.logStartOffset(), epoch));
        } else if (timestamp == LATEST_TIERED || timestamp == EARLIEST_PENDING_UPLOAD) {
            set(request, answer, TimestampedOffset.NONE);
        } else {
            answer.setErrorCode(Errors.UNSUPPORTED_VERSION.code());
        }
    }

    private static void set(KafkaRequest request, ListOffsetsPartitionResponse answer, TimestampedOffset offset) {
        answer.setTimestamp(offset.timestampMs()).setOffset(offset.offset());
        if (request.version() >= LEADER_EPOCH) {
            answer.setLeaderEpoch(offset.leaderEpoch());
        }
    }
}
