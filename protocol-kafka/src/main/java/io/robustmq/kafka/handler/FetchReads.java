package io.robustmq.kafka.handler;

import io.robustmq.core.error.BrokerError;
import io.robustmq.core.loop.Cancellable;
import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.meta.TopicImage;
import io.robustmq.core.model.Partition;
import io.robustmq.core.port.EpochEnd;
import io.robustmq.core.port.Isolation;
import io.robustmq.core.port.LogSlice;
import io.robustmq.core.port.MetaLog;
import io.robustmq.core.port.PartitionState;
import io.robustmq.core.port.ReadResult;
import io.robustmq.core.security.Operation;
import io.robustmq.kafka.server.KafkaRequest;
import java.util.Arrays;
import java.util.List;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.FetchRequestData;
import org.jspecify.annotations.Nullable;

/** One pass over the partitions of a fetch. Owns the slices it read until they are taken. Owned by the connection's loop. */
final class FetchReads {
    private static final byte READ_COMMITTED = 1;

    private final MetaLog metaLog;
    private final Replicas replicas;
    private final NearbyReplica nearby;
    private final Access access;
    private final KafkaRequest request;
    private final List<FetchPartition> partitions;
    private final Isolation isolation;
    private final int bytesMax;
    private final @Nullable ReadResult[] results;
    private final @Nullable EpochEnd[] divergences;
    private final int[] preferred;
    private int bytes;
    private boolean failed;

    FetchReads(
            KafkaContext context,
            Access access,
            KafkaRequest request,
            FetchRequestData body,
            List<FetchPartition> partitions) {
        this.metaLog = context.metaLog();
        this.replicas = new Replicas(context, request.version());
        this.nearby = NearbyReplica.of(context, request.version(), body.rackId());
        this.access = access;
        this.request = request;
        this.partitions = partitions;
        this.isolation =
                body.isolationLevel() == READ_COMMITTED ? Isolation.READ_COMMITTED : Isolation.READ_UNCOMMITTED;
        this.bytesMax = Math.max(
                0, Math.min(body.maxBytes(), Math.min(context.config().fetchBytesMax(), request.fetchBytesMax())));
        this.results = new ReadResult[partitions.size()];
        this.divergences = new EpochEnd[partitions.size()];
        this.preferred = new int[partitions.size()];
    }

    Isolation isolation() {
        return isolation;
    }

    int bytesMax() {
        return bytesMax;
    }

    /** Read in the last pass. */
    int bytes() {
        return bytes;
    }

    /** Whether some partition has something to say that must not wait. */
    boolean failed() {
        return failed;
    }

    ReadResult result(int index) {
        ReadResult result = results[index];
        if (result == null) {
            throw new IllegalStateException("not read yet");
        }
        return result;
    }

    @Nullable
    EpochEnd divergence(int index) {
        return divergences[index];
    }

    /** The node that the client should read from, instead of this; -1 for this. */
    int preferred(int index) {
        return preferred[index];
    }

    /** The partition as the journal knows it, after a pass that found it. */
    Partition partition(int index, MetaImage image) {
        FetchPartition fetch = partitions.get(index);
        TopicImage topic = topic(fetch, image);
        return fetch.partitionOf(topic == null ? fetch.topicId : topic.id());
    }

    void pass() {
        MetaImage image = metaLog.image();
        bytes = 0;
        failed = false;
        for (int i = 0; i < results.length; i++) {
            divergences[i] = null;
            preferred[i] = NearbyReplica.NONE;
            ReadResult result = read(partitions.get(i), i, image);
            results[i] = result;
            bytes += result.sizeInBytes();
            failed |= result.error() != BrokerError.NONE || divergences[i] != null || preferred[i] >= 0;
        }
    }

    /** The slices belong to the response now. */
    void handedOver() {
        Arrays.fill(results, null);
    }

    /** Frees what the last pass read. */
    void close() {
        for (int i = 0; i < results.length; i++) {
            ReadResult result = results[i];
            LogSlice slice = result == null ? null : result.slice();
            if (slice != null) {
                slice.close();
            }
            results[i] = null;
        }
    }

    private ReadResult read(FetchPartition fetch, int index, MetaImage image) {
        TopicImage topic = topic(fetch, image);
        if (topic == null) {
            boolean byId = !fetch.key.topicId().equals(Uuid.ZERO_UUID);
            return ReadResult.refused(byId ? BrokerError.UNKNOWN_TOPIC_ID : absent(fetch));
        }
        if (!access.topic(request.principal(), Operation.READ, topic.name())) {
            return ReadResult.refused(BrokerError.TOPIC_AUTHORIZATION_FAILED);
        }
        int partitionIndex = fetch.key.index();
        if (partitionIndex < 0 || partitionIndex >= topic.partitions().size()) {
            return ReadResult.refused(BrokerError.UNKNOWN_TOPIC_OR_PARTITION);
        }
        Partition partition = fetch.partitionOf(topic.id());
        Replicas.Served served = replicas.served(partition, image);
        ReadResult instead = instead(fetch, index, partition, served, image);
        if (instead != null) {
            return instead;
        }
        int budget = Math.max(0, Math.min(fetch.bytesMax, bytesMax - bytes));
        ReadResult result = served.journal().read(partition, fetch.fetchOffset, budget, bytes == 0, isolation);
        // The topic is known: a journal that does not have the partition is not its leader.
        return result.error() == BrokerError.UNKNOWN_TOPIC_OR_PARTITION
                ? ReadResult.refused(BrokerError.NOT_LEADER)
                : result;
    }

    /** What to answer without reading; null when it is to be read. */
    private @Nullable ReadResult instead(
            FetchPartition fetch, int index, Partition partition, Replicas.Served served, MetaImage image) {
        PartitionState state = served.state();
        if (fetch.currentLeaderEpoch >= 0 || fetch.lastFetchedEpoch >= 0) {
            ReadResult refusal = checkEpochs(fetch, index, partition, served);
            if (refusal != null) {
                return refusal;
            }
        }
        if (!served.leads() && state != null && fetch.fetchOffset > state.highWatermark()) {
            // Another replica has told the client of more than is known here.
            return ReadResult.refused(BrokerError.OFFSET_NOT_AVAILABLE);
        }
        if (served.leads() && state != null && state.leader()) {
            preferred[index] = nearby.preferred(partition, image, fetch.fetchOffset, state);
        }
        return state == null || preferred[index] < 0 ? null : nothing(state);
    }

    private static ReadResult nothing(PartitionState state) {
        return new ReadResult(
                BrokerError.NONE,
                null,
                state.highWatermark(),
                state.lastStableOffset(),
                state.logStartOffset(),
                List.of());
    }

    /** Tells when there is more to read of what this pass has found. */
    Cancellable onAdvance(int index, long end, MetaImage image, Runnable task) {
        Partition partition = partition(index, image);
        return replicas.served(partition, image).journal().onAdvance(partition, end, isolation, request.loop(), task);
    }

    private BrokerError absent(FetchPartition fetch) {
        return access.topic(request.principal(), Operation.READ, fetch.key.topic())
                ? BrokerError.UNKNOWN_TOPIC_OR_PARTITION
                : BrokerError.TOPIC_AUTHORIZATION_FAILED;
    }

    private static @Nullable TopicImage topic(FetchPartition fetch, MetaImage image) {
        return fetch.key.topicId().equals(Uuid.ZERO_UUID) ? image.topic(fetch.key.topic()) : image.topic(fetch.topicId);
    }

    /** Null when the client's epochs fit the log. */
    private @Nullable ReadResult checkEpochs(
            FetchPartition fetch, int index, Partition partition, Replicas.Served served) {
        PartitionState state = served.state();
        if (state == null || (served.leads() && !state.leader())) {
            return ReadResult.refused(BrokerError.NOT_LEADER);
        }
        if (fetch.currentLeaderEpoch >= 0 && fetch.currentLeaderEpoch != state.leaderEpoch()) {
            return ReadResult.refused(
                    fetch.currentLeaderEpoch < state.leaderEpoch()
                            ? BrokerError.FENCED_LEADER_EPOCH
                            : BrokerError.UNKNOWN_LEADER_EPOCH);
        }
        boolean isBehind = !served.leads() && fetch.fetchOffset > state.highWatermark();
        if (fetch.lastFetchedEpoch < 0 || isBehind) {
            return null;
        }
        EpochEnd end = served.journal().endOfEpoch(partition, fetch.lastFetchedEpoch);
        if (end.endOffset() < 0) {
            return ReadResult.refused(BrokerError.OFFSET_OUT_OF_RANGE);
        }
        if (end.leaderEpoch() < fetch.lastFetchedEpoch || end.endOffset() < fetch.fetchOffset) {
            divergences[index] = end;
            return nothing(state);
        }
        return null;
    }
}
