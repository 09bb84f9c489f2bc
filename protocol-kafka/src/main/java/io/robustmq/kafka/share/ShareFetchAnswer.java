package io.robustmq.kafka.share;

import io.robustmq.core.share.ShareReply.AcquiredRange;
import io.robustmq.kafka.server.SliceRecords;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.message.ShareFetchResponseData;
import org.apache.kafka.common.message.ShareFetchResponseData.AcquiredRecords;
import org.apache.kafka.common.message.ShareFetchResponseData.PartitionData;
import org.apache.kafka.common.message.ShareFetchResponseData.ShareFetchableTopicResponse;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;

/** The answer to a share fetch being put together. Owns the records until it is sent. Owned by the connection's loop. */
final class ShareFetchAnswer {
    private final int lockMs;
    private final Map<SharedPartition.Id, PartitionData> partitions = new LinkedHashMap<>();
    private boolean empty = true;

    ShareFetchAnswer(int lockMs) {
        this.lockMs = lockMs;
    }

    /** Takes {@code records}. Returns how many the member got. */
    int add(SharedPartition partition, List<AcquiredRange> ranges, BufferSlice records) {
        PartitionData data = of(partition.id).setRecords(new SliceRecords(records));
        int count = 0;
        for (AcquiredRange range : ranges) {
            count += (int) (range.last() - range.first() + 1);
            data.acquiredRecords()
                    .add(new AcquiredRecords()
                            .setFirstOffset(range.first())
                            .setLastOffset(range.last())
                            .setDeliveryCount((short) range.deliveries()));
        }
        empty = false;
        return count;
    }

    void fail(SharedPartition partition) {
        Errors error = partition.error;
        if (error != null) {
            of(partition.id).setErrorCode(error.code()).setErrorMessage(error.message());
        }
    }

    private PartitionData of(SharedPartition.Id id) {
        return partitions.computeIfAbsent(
                id, key -> new PartitionData().setPartitionIndex(key.index()).setRecords(MemoryRecords.EMPTY));
    }

    /** No records in it. */
    boolean isEmpty() {
        return empty;
    }

    /** With what became of acknowledgements. The records are the response's then. */
    ShareFetchResponseData response(Map<SharedPartition.Id, Errors> acknowledged) {
        acknowledged.forEach((id, error) -> of(id).setAcknowledgeErrorCode(error.code())
                .setAcknowledgeErrorMessage(error == Errors.NONE ? null : error.message()));
        ShareFetchResponseData response = new ShareFetchResponseData().setAcquisitionLockTimeoutMs(lockMs);
        partitions.forEach((id, data) -> {
            ShareFetchableTopicResponse topic = response.responses().find(id.topicId());
            if (topic == null) {
                topic = new ShareFetchableTopicResponse().setTopicId(id.topicId());
                response.responses().add(topic);
            }
            topic.partitions().add(data);
        });
        partitions.clear();
        return response;
    }

    /** Nobody waits for it any more. */
    void close() {
        partitions.values().forEach(data -> {
            if (data.records() instanceof SliceRecords records) {
                records.close();
            }
        });
        partitions.clear();
    }
}
