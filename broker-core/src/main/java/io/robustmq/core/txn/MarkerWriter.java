package io.robustmq.core.txn;

import io.netty.buffer.ByteBufAllocator;
import io.robustmq.core.coordinator.Coordinator;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.group.GroupCommand.EndOffsets;
import io.robustmq.core.group.GroupReply;
import io.robustmq.core.group.GroupService;
import io.robustmq.core.group.Requester;
import io.robustmq.core.loop.Cancellable;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.loop.LoopGroup;
import io.robustmq.core.meta.PartitionImage;
import io.robustmq.core.meta.TopicImage;
import io.robustmq.core.model.Partition;
import io.robustmq.core.model.TopicName;
import io.robustmq.core.port.Acks;
import io.robustmq.core.port.AppendOptions;
import io.robustmq.core.port.AppendOptions.Origin;
import io.robustmq.core.port.Isolation;
import io.robustmq.core.port.Journal;
import io.robustmq.core.port.MetaLog;
import io.robustmq.core.port.PartitionState;
import io.robustmq.core.record.TransactionMarker;
import io.robustmq.core.txn.TxnCommand.Producer;
import io.robustmq.core.txn.TxnCommand.ReportMarker;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells partitions how a transaction ended: a control batch in a topic's log, a command to the groups of a partition of
 * {@code __consumer_offsets}; those that other nodes lead, by these nodes. Thread-safe.
 */
public final class MarkerWriter {
    private static final Logger LOG = LoggerFactory.getLogger(MarkerWriter.class);
    private static final int TIMEOUT_MS = 10_000;

    private final int nodeId;
    private final Journal journal;
    private final GroupService groups;
    private final MetaLog metaLog;
    private final LoopGroup loops;
    private final ByteBufAllocator allocator;
    private final CoordinatorFence fence;
    private volatile TxnPeers peers = TxnPeers.NONE;

    MarkerWriter(
            int nodeId,
            Journal journal,
            GroupService groups,
            MetaLog metaLog,
            LoopGroup loops,
            ByteBufAllocator allocator) {
        this.nodeId = nodeId;
        this.journal = journal;
        this.groups = groups;
        this.metaLog = metaLog;
        this.loops = loops;
        this.allocator = allocator;
        this.fence = new CoordinatorFence(metaLog::image);
    }

    void joinCluster(TxnPeers others) {
        peers = others;
    }

    /** Writes to all partitions, wherever they are led; each is reported to {@code coordinator}. */
    void write(TxnEffect.WriteMarkers markers, Coordinator<TxnCommand> coordinator) {
        String id = markers.transactionalId();
        Loop loop = loops.loopFor(id);
        Map<Integer, List<TxnPartition>> byNode = new HashMap<>();
        for (TxnPartition partition : markers.partitions()) {
            byNode.computeIfAbsent(leaderOf(partition), node -> new ArrayList<>())
                    .add(partition);
        }
        byNode.forEach((node, partitions) -> {
            MarkerOrder order = new MarkerOrder(
                    coordinator.partitionOf(id),
                    markers.coordinatorEpoch(),
                    markers.producer(),
                    markers.commits(),
                    markers.endsEpoch(),
                    partitions);
            BiConsumer<TxnPartition, BrokerError> reply = (partition, error) -> {
                boolean settled = error == BrokerError.NONE || isMoot(partition, error);
                if (!settled) {
                    LOG.info("transaction={} partition={} marker=again reason={}", id, partition, error);
                }
                coordinator.submit(
                        id, new ReportMarker(id, markers.producer(), markers.preparedMs(), partition, settled));
            };
            if (node == nodeId) {
                writeHere(order, loop, reply);
            } else {
                peers.mark(node, order, loop, reply);
            }
        });
    }

    /** This node's own for what nobody leads, which refuses it. */
    private int leaderOf(TxnPartition partition) {
        int leader = metaLog.image().leaderOf(partition.topic(), partition.partition());
        return leader == PartitionImage.NO_LEADER ? nodeId : leader;
    }

    /** Writes to partitions that this node leads. {@code reply} is told of each once, in {@code loop}. */
    public void writeHere(MarkerOrder order, Loop loop, BiConsumer<TxnPartition, BrokerError> reply) {
        boolean fenced = fence.isFenced(order.coordinator(), order.coordinatorEpoch());
        for (TxnPartition partition : order.partitions()) {
            if (fenced) {
                loop.run(() -> reply.accept(partition, BrokerError.TRANSACTION_COORDINATOR_FENCED));
            } else {
                write(
                        partition,
                        order.producer(),
                        order.marker(),
                        order.endsEpoch(),
                        loop,
                        error -> reply.accept(partition, error));
            }
        }
    }

    /**
     * Writes to one partition, which this node leads. {@code reply} is told once, in {@code loop}, when the marker is durable.
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
                    new EndOffsets(
                            asking(loop, error -> reply.accept(sure(topic.partition(partition.partition()), error))),
                            producer.id(),
                            producer.epoch(),
                            marker.commits(),
                            endsEpoch));
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
                    result -> answer(topic.partition(partition.partition()), result.error(), loop, reply));
        }
    }

    /**
     * Where a newer epoch is known already, the marker was written before. That counts once it cannot be lost with this
     * leader, as it may not be committed yet.
     */
    private void answer(Partition partition, BrokerError error, Loop loop, Consumer<BrokerError> reply) {
        PartitionState state = journal.state(partition);
        if (error != BrokerError.INVALID_PRODUCER_EPOCH) {
            reply.accept(error);
        } else if (state == null || !state.leader()) {
            reply.accept(BrokerError.NOT_LEADER);
        } else if (state.highWatermark() >= state.logEndOffset()) {
            reply.accept(error);
        } else {
            Settling settling = new Settling(journal, partition, state, reply);
            settling.wait(loop);
        }
    }

    /** Waits until all that is in the log is committed. Owned by its loop. */
    private static final class Settling {
        private final Journal journal;
        private final Partition partition;
        private final PartitionState then;
        private final Consumer<BrokerError> reply;
        private Cancellable timeout = Cancellable.NOTHING;
        private Cancellable waiter = Cancellable.NOTHING;
        private boolean answered;

        Settling(Journal journal, Partition partition, PartitionState then, Consumer<BrokerError> reply) {
            this.journal = journal;
            this.partition = partition;
            this.then = then;
            this.reply = reply;
        }

        void wait(Loop loop) {
            timeout = loop.schedule(TIMEOUT_MS, () -> answer(BrokerError.REQUEST_TIMED_OUT));
            waiter = journal.onAdvance(
                    partition, then.logEndOffset() - 1, Isolation.READ_UNCOMMITTED, loop, this::advanced);
        }

        private void advanced() {
            PartitionState now = journal.state(partition);
            boolean committed = now != null
                    && now.leader()
                    && now.leaderEpoch() == then.leaderEpoch()
                    && now.highWatermark() >= then.logEndOffset();
            answer(committed ? BrokerError.INVALID_PRODUCER_EPOCH : BrokerError.NOT_LEADER);
        }

        private void answer(BrokerError error) {
            if (!answered) {
                answered = true;
                timeout.cancel();
                waiter.cancel();
                reply.accept(error);
            }
        }
    }

    /** Groups that have nothing to end answer from memory: who is cut off may not know of offsets that another one took. */
    private BrokerError sure(Partition partition, BrokerError error) {
        return error == BrokerError.NONE && !journal.isSureToLead(partition) ? BrokerError.NOT_COORDINATOR : error;
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
