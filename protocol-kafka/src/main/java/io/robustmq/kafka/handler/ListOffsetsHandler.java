package io.robustmq.kafka.handler;

import io.robustmq.core.config.TopicSettings;
import io.robustmq.core.meta.TopicImage;
import io.robustmq.core.model.Partition;
import io.robustmq.core.port.Isolation;
import io.robustmq.core.port.Journal;
import io.robustmq.core.port.MetaLog;
import io.robustmq.core.port.PartitionState;
import io.robustmq.core.port.TimestampedOffset;
import io.robustmq.core.security.Operation;
import io.robustmq.kafka.ErrorCodes;
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
    private final MetaLog metaLog;
    private final LedPartitions partitions;

    public ListOffsetsHandler(KafkaContext context) {
        this.journal = context.journal();
        this.metaLog = context.metaLog();
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
                    end(request, timestamp, now, isolation, stores(topic), answer);
                }
                pending.done();
            });
        }
    }

    private boolean stores(String topic) {
        TopicImage image = metaLog.image().topic(topic);
        return image != null && TopicSettings.of(image.configs()).tiering().stores();
    }

    private static void end(
            KafkaRequest request,
            long timestamp,
            PartitionState state,
            Isolation isolation,
            boolean stores,
            ListOffsetsPartitionResponse answer) {
        if (timestamp == LATEST) {
            set(request, answer, new TimestampedOffset(-1, state.visibleEnd(isolation), state.leaderEpoch()));
        } else if (timestamp == EARLIEST) {
            // In its first epoch a log has no other; later the first record's is not known here, and -1 means "do not
            // check".
            int epoch = state.leaderEpoch() == 0 ? 0 : UNKNOWN_EPOCH;
            set(request, answer, new TimestampedOffset(-1, state.logStartOffset(), epoch));
        } else if (timestamp == EARLIEST_LOCAL) {
            int epoch = state.leaderEpoch() == 0 ? 0 : UNKNOWN_EPOCH;
            set(request, answer, new TimestampedOffset(-1, state.localStartOffset(), epoch));
        } else if (timestamp == LATEST_TIERED) {
            long last = state.storedEndOffset() < 0 ? -1 : state.storedEndOffset() - 1;
            set(request, answer, new TimestampedOffset(-1, last, UNKNOWN_EPOCH));
        } else if (timestamp == EARLIEST_PENDING_UPLOAD) {
            set(request, answer, new TimestampedOffset(-1, pending(state, stores), UNKNOWN_EPOCH));
        } else {
            answer.setErrorCode(Errors.UNSUPPORTED_VERSION.code());
        }
    }

    /** The first offset that is still to be stored; -1 for a topic of which nothing is. */
    private static long pending(PartitionState state, boolean stores) {
        if (!stores) {
            return -1;
        }
        return state.storedEndOffset() < 0 ? state.localStartOffset() : state.storedEndOffset();
    }

    private static void set(KafkaRequest request, ListOffsetsPartitionResponse answer, TimestampedOffset offset) {
        answer.setErrorCode(ErrorCodes.of(offset.error()).code());
        answer.setTimestamp(offset.timestampMs()).setOffset(offset.offset());
        if (request.version() >= LEADER_EPOCH) {
            answer.setLeaderEpoch(offset.leaderEpoch());
        }
    }
}
