package io.robustmq.kafka.server;

import io.robustmq.core.port.LogSlice;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.FetchResponseData.FetchableTopicResponse;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;
import org.apache.kafka.common.message.ShareFetchResponseData;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.record.internal.BaseRecords;
import org.apache.kafka.common.record.internal.RecordsSend;
import org.jspecify.annotations.Nullable;

/** Stored batches inside a fetch response. Owns the slice until it is sent or closed. Owned by the connection's loop. */
public final class SliceRecords implements BaseRecords {
    private final int sizeInBytes;
    private @Nullable LogSlice slice;

    public SliceRecords(LogSlice slice) {
        this.slice = slice;
        this.sizeInBytes = slice.sizeInBytes();
    }

    @Override
    public int sizeInBytes() {
        return sizeInBytes;
    }

    /** Closing twice, or after the slice went to the channel, does nothing. */
    public void close() {
        if (slice != null) {
            slice.close();
            slice = null;
        }
    }

    Object toOutbound() {
        LogSlice owned = slice;
        if (owned == null) {
            throw new IllegalStateException("the slice is closed");
        }
        slice = null;
        return owned.toOutbound();
    }

    @Override
    public RecordsSend<? extends BaseRecords> toSend() {
        throw new UnsupportedOperationException("slices are written by ResponseEncoder");
    }

    /** The bytes of all records in a response. */
    static long sizeOf(FetchResponseData response) {
        long bytes = 0;
        for (FetchableTopicResponse topic : response.responses()) {
            for (PartitionData partition : topic.partitions()) {
                bytes += partition.records() == null ? 0 : partition.records().sizeInBytes();
            }
        }
        return bytes;
    }

    /** For a response that will not be sent. */
    static void closeAll(ApiMessage response) {
        if (response instanceof ShareFetchResponseData fetch) {
            fetch.responses().forEach(topic -> topic.partitions().forEach(partition -> close(partition.records())));
        } else if (response instanceof FetchResponseData fetch) {
            for (FetchableTopicResponse topic : fetch.responses()) {
                for (PartitionData partition : topic.partitions()) {
                    close(partition.records());
                }
            }
        }
    }

    private static void close(@Nullable BaseRecords records) {
        if (records instanceof SliceRecords slice) {
            slice.close();
        }
    }
}
