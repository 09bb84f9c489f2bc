package io.robustmq.core.txn;

import io.netty.buffer.ByteBufAllocator;
import io.robustmq.core.coordinator.Coordinator;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.group.GroupCommand.EndOffsets;
import io.robustmq.core.group.GroupReply;
import io.robustmq.core.group.GroupService;
import io.robustmq.core.group.Requester;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.loop.LoopGroup;
import io.robustmq.core.meta.TopicImage;
import io.robustmq.core.model.TopicName;
import io.robustmq.core.port.Acks;
import io.robustmq.core.port.AppendOptions;
import io.robustmq.core.port.AppendOptions.Origin;
import io.robustmq.core.port.Journal;
import io.robustmq.core.port.MetaLog;
import io.robustmq.core.record.TransactionMarker;
import io.robustmq.core.txn.TxnCommand.Producer;
import io.robustmq.core.txn.TxnCommand.ReportMarker;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells partitions how a transaction ended: a control batch in a topic's log, a command to the groups of a partition of
 * {@code __consumer_offsets}. Thread-safe.
 */
public final class MarkerWriter {
    private static final Logger LOG = LoggerFactory.getLogger(MarkerWriter.class);
    private static final int TIMEOUT_MS = 10_000;

    private final Journal journal;
    private final GroupService groups;
    private final MetaLog metaLog;
    private final LoopGroup loops;
    private final ByteBufAllocator allocator;

    public MarkerWriter(
            Journal journal, GroupService groups, MetaLog metaLog, LoopGroup loops, ByteBufAllocator allocator) {
        this.journal = journal;
        this.groups = groups;
        this.metaLog = metaLog;
        this.loops = loops;
        this.allocator = allocator;
    }

    /** Writes to all partitions; each is reported to {@code coordinator}. */
    void write(TxnEffect.WriteMarkers markers, Coordinator<TxnCommand> coordinator) {
        String id = markers.transactionalId();
        TransactionMarker marker = new TransactionMarker(markers.commits(), markers.coordinatorEpoch());
        for (TxnPartition partition : markers.partitions()) {
            write(partition, markers.producer(), marker, markers.endsEpoch(), loops.loopFor(id), error -> {
                boolean settled = error == BrokerError.NONE || isMoot(partition, error);
                if (!settled) {
                    LOG.info("transaction={} partition={} marker=again reason={}", id, partition, error);
                }
                coordinator.submit(id, new ReportMarker(id, markers.producer(), partition, settled));
            });
        }
    }

    /**
     * Writes to one partition. {@code reply} is told once, in {@code loop}, when the marker is durable.
     *
     * @param endsEpoch refuse unless the producer's epoch is newer than that of the transaction
     */
    public void write(
            TxnPartition partition,
            Producer producer,
            TransactionMarker marker,
            boolean endsEpoch,
            Loop loop,
            Consumer<BrokerError> reply) {
        TopicImage topic = metaLog.image().topic(partition.topic());
        if (topic == null
                || partition.partition() < 0
                || partition.partition() >= topic.partitions().size()) {
            loop.run(() -> reply.accept(BrokerError.UNKNOWN_TOPIC_OR_PARTITION));
        } else if (partition.topic().equals(TopicName.CONSUMER_OFFSETS)) {
            groups.submitTo(
                    partition.partition(),
                    new EndOffsets(asking(loop, reply), producer.id(), producer.epoch(), marker.commits(), endsEpoch));
        } else {
            AppendOptions options = new AppendOptions(
                    Acks.ALL,
                    endsEpoch ? Origin.EPOCH_COORDINATOR : Origin.COORDINATOR,
                    AppendOptions.ANY_EPOCH,
                    TIMEOUT_MS);
            journal.append(
                    topic.partition(partition.partition()),
                    marker.toBatch(allocator, producer.id(), producer.epoch(), loop.nowMs()),
                    options,
                    loop,
                    result -> reply.accept(result.error()));
        }
    }

    /** The topic is gone, or the partition knows a newer epoch of the producer: nothing is open that could be ended. */
    private boolean isMoot(TxnPartition partition, BrokerError error) {
        return error == BrokerError.INVALID_PRODUCER_EPOCH
                || (error == BrokerError.UNKNOWN_TOPIC_OR_PARTITION
                        && metaLog.image().topic(partition.topic()) == null);
    }

    private static Requester asking(Loop loop, Consumer<BrokerError> reply) {
        return new Requester() {
            @Override
            public void answer(GroupReply given) {
                BrokerError error = given instanceof GroupReply.Done done ? done.error() : BrokerError.UNEXPECTED;
                loop.run(() -> reply.accept(error));
            }

            @Override
            public void refuse(BrokerError error) {
                loop.run(() -> reply.accept(error));
            }
        };
    }
}
