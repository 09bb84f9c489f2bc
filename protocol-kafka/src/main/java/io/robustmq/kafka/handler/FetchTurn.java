package io.robustmq.kafka.handler;

import io.robustmq.core.error.BrokerError;
import io.robustmq.core.loop.Cancellable;
import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.meta.NodeImage;
import io.robustmq.core.meta.PartitionImage;
import io.robustmq.core.port.AbortedTransaction;
import io.robustmq.core.port.EpochEnd;
import io.robustmq.core.port.Isolation;
import io.robustmq.core.port.LogSlice;
import io.robustmq.core.port.MetaLog;
import io.robustmq.core.port.ReadResult;
import io.robustmq.kafka.ErrorCodes;
import io.robustmq.kafka.server.KafkaRequest;
import io.robustmq.kafka.server.SliceRecords;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.FetchResponseData.FetchableTopicResponse;
import org.apache.kafka.common.message.FetchResponseData.NodeEndpoint;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One fetch: reads, and while there are fewer bytes than the client waits for, parks until some partition advances or the
 * time is over. Slices are held only between a pass and its answer. Owned by the connection's loop.
 */
final class FetchTurn {
    private static final Logger LOG = LoggerFactory.getLogger(FetchTurn.class);
    private static final short CURRENT_LEADER = 12;
    private static final long UNKNOWN_OFFSET = -1;
    private static final short NODE_ENDPOINTS = 16;

    private final MetaLog metaLog;
    private final Brokers brokers;
    private final KafkaRequest request;
    private final FetchSessions.Turn turn;
    private final FetchReads reads;
    private final int bytesMin;
    private final long deadlineNanos;
    private List<Cancellable> waits = List.of();
    private boolean parking;
    private boolean wokenWhileParking;
    private boolean abandoned;

    FetchTurn(
            KafkaContext context,
            Brokers brokers,
            KafkaRequest request,
            FetchRequestData body,
            FetchSessions.Turn turn,
            FetchReads reads) {
        this.metaLog = context.metaLog();
        this.brokers = brokers;
        this.request = request;
        this.turn = turn;
        this.reads = reads;
        this.bytesMin = Math.min(body.minBytes(), reads.bytesMax());
        this.deadlineNanos = request.loop().nanoTime() + TimeUnit.MILLISECONDS.toNanos(Math.max(0, body.maxWaitMs()));
    }

    void start() {
        request.onClose(this::abandon);
        attempt();
    }

    private void attempt() {
        if (abandoned) {
            return;
        }
        try {
            readAndAnswer();
        } catch (RuntimeException e) {
            LOG.error("client={} fetch failed, connection closed", request.remoteAddress(), e);
            reads.close();
            request.close("the fetch failed");
        }
    }

    private void readAndAnswer() {
        reads.pass();
        long leftNanos = deadlineNanos - request.loop().nanoTime();
        boolean enough =
                reads.bytes() >= bytesMin || reads.failed() || turn.partitions().isEmpty();
        if (enough || leftNanos <= 0) {
            respond();
        } else {
            park(leftNanos);
        }
    }

    private void park(long leftNanos) {
        MetaImage image = metaLog.image();
        Isolation isolation = reads.isolation();
        int count = turn.partitions().size();
        long[] ends = new long[count];
        for (int i = 0; i < count; i++) {
            ends[i] = reads.result(i).waitFrom(turn.partitions().get(i).fetchOffset, isolation);
        }
        reads.close();
        List<Cancellable> registered = new ArrayList<>(count + 1);
        waits = registered;
        parking = true;
        wokenWhileParking = false;
        long leftMs = TimeUnit.NANOSECONDS.toMillis(leftNanos) + 1;
        registered.add(request.loop().schedule(leftMs, () -> wake(registered)));
        for (int i = 0; i < count && !wokenWhileParking; i++) {
            registered.add(reads.onAdvance(i, ends[i], image, () -> wake(registered)));
        }
        parking = false;
        if (wokenWhileParking) {
            cancelWaits();
            request.loop().execute(this::attempt);
        }
    }

    /** {@code registration} tells a late wake-up of an earlier park from one of this. */
    private void wake(List<Cancellable> registration) {
        if (waits != registration) {
            return;
        }
        if (parking) {
            wokenWhileParking = true;
            return;
        }
        cancelWaits();
        attempt();
    }

    /** The connection is gone. */
    private void abandon() {
        abandoned = true;
        cancelWaits();
    }

    private void cancelWaits() {
        List<Cancellable> cancelled = waits;
        waits = List.of();
        for (int i = 0; i < cancelled.size(); i++) {
            cancelled.get(i).cancel();
        }
    }

    private void respond() {
        FetchResponseData response = new FetchResponseData();
        if (FetchHandler.hasSessions(request.version())) {
            response.setSessionId(turn.sessionId());
        }
        FetchSession session = turn.session();
        FetchableTopicResponse topic = null;
        List<FetchPartition> partitions = turn.partitions();
        for (int i = 0; i < partitions.size(); i++) {
            FetchPartition fetch = partitions.get(i);
            ReadResult result = reads.result(i);
            if (!turn.full() && !changed(fetch, result, reads.divergence(i)) && reads.preferred(i) < 0) {
                continue;
            }
            fetch.sentHighWatermark = result.highWatermark();
            fetch.sentLogStartOffset = result.logStartOffset();
            if (topic == null || !isOf(topic, fetch)) {
                topic = new FetchableTopicResponse().setTopic(fetch.key.topic()).setTopicId(fetch.key.topicId());
                response.responses().add(topic);
            }
            topic.partitions().add(answer(fetch, result, i, response));
            if (session != null && result.slice() != null) {
                session.rotate(fetch);
            }
        }
        reads.handedOver();
        request.respond(response);
    }

    private static boolean changed(FetchPartition fetch, ReadResult result, @Nullable EpochEnd divergence) {
        return result.slice() != null
                || result.error() != BrokerError.NONE
                || divergence != null
                || result.highWatermark() != fetch.sentHighWatermark
                || result.logStartOffset() != fetch.sentLogStartOffset;
    }

    private static boolean isOf(FetchableTopicResponse topic, FetchPartition fetch) {
        return topic.topicId().equals(fetch.key.topicId()) && topic.topic().equals(fetch.key.topic());
    }

    private PartitionData answer(FetchPartition fetch, ReadResult result, int index, FetchResponseData response) {
        LogSlice slice = result.slice();
        PartitionData answer = new PartitionData()
                .setPartitionIndex(fetch.key.index())
                .setErrorCode(ErrorCodes.code(result.error()))
                .setRecords(slice == null ? MemoryRecords.EMPTY : new SliceRecords(slice))
                .setAbortedTransactions(aborted(result));
        if (result.error() == BrokerError.NONE) {
            answer.setHighWatermark(result.highWatermark())
                    .setLastStableOffset(result.lastStableOffset())
                    .setLogStartOffset(result.logStartOffset());
        } else {
            answer.setHighWatermark(UNKNOWN_OFFSET);
        }
        if (reads.preferred(index) >= 0) {
            answer.setPreferredReadReplica(reads.preferred(index));
        }
        EpochEnd divergence = reads.divergence(index);
        if (divergence != null) {
            answer.divergingEpoch().setEpoch(divergence.leaderEpoch()).setEndOffset(divergence.endOffset());
        }
        if (request.version() >= CURRENT_LEADER
                && (result.error() == BrokerError.NOT_LEADER || result.error() == BrokerError.FENCED_LEADER_EPOCH)) {
            addLeader(answer, index, response);
        }
        return answer;
    }

    private @Nullable List<FetchResponseData.AbortedTransaction> aborted(ReadResult result) {
        if (reads.isolation() == Isolation.READ_UNCOMMITTED && !refusedAtOnce(result.error())) {
            return null;
        }
        List<FetchResponseData.AbortedTransaction> aborted =
                new ArrayList<>(result.abortedTransactions().size());
        for (AbortedTransaction transaction : result.abortedTransactions()) {
            aborted.add(new FetchResponseData.AbortedTransaction()
                    .setProducerId(transaction.producerId())
                    .setFirstOffset(transaction.firstOffset()));
        }
        return aborted;
    }

    /** Kafka answers what it refuses before it looks at the log with an empty list, whatever the isolation. */
    private static boolean refusedAtOnce(BrokerError error) {
        return error == BrokerError.UNKNOWN_TOPIC_OR_PARTITION
                || error == BrokerError.UNKNOWN_TOPIC_ID
                || error == BrokerError.TOPIC_AUTHORIZATION_FAILED;
    }

    private void addLeader(PartitionData answer, int index, FetchResponseData response) {
        MetaImage image = metaLog.image();
        PartitionImage partition = image.partition(reads.partition(index, image));
        if (partition == null) {
            return;
        }
        NodeImage node = image.nodes().get(partition.leader());
        Brokers.HostPort address = brokers.alive(image, partition.leader(), request.localAddress());
        if (address == null || node == null) {
            return;
        }
        answer.currentLeader().setLeaderId(partition.leader()).setLeaderEpoch(partition.leaderEpoch());
        if (request.version() >= NODE_ENDPOINTS && response.nodeEndpoints().find(partition.leader()) == null) {
            response.nodeEndpoints()
                    .add(new NodeEndpoint()
                            .setNodeId(partition.leader())
                            .setHost(address.host())
                            .setPort(address.port())
                            .setRack(node.rack().isEmpty() ? null : node.rack()));
        }
    }
}
