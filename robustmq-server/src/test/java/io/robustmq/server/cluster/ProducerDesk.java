package io.robustmq.server.cluster;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.group.GroupCommand.CommitTxnOffsets;
import io.robustmq.core.group.GroupCommand.GiveUpVerification;
import io.robustmq.core.group.GroupCommand.Membership;
import io.robustmq.core.group.GroupCommand.OffsetToCommit;
import io.robustmq.core.group.GroupReply;
import io.robustmq.core.group.Requester;
import io.robustmq.core.model.Partition;
import io.robustmq.core.model.TopicId;
import io.robustmq.core.model.TopicName;
import io.robustmq.core.port.Acks;
import io.robustmq.core.port.AppendOptions;
import io.robustmq.core.port.AppendOptions.Origin;
import io.robustmq.core.port.AppendResult;
import io.robustmq.core.port.PartitionState;
import io.robustmq.core.txn.TxnCommand;
import io.robustmq.core.txn.TxnCommand.AddPartitions;
import io.robustmq.core.txn.TxnCommand.Producer;
import io.robustmq.core.txn.TxnCommand.VerifyPartitions;
import io.robustmq.core.txn.TxnPartition;
import io.robustmq.core.txn.TxnReply;
import io.robustmq.core.txn.TxnRequester;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;

/** What a node does with a producer's requests, as the product's handlers have it. */
final class ProducerDesk {
    private static final int TIMEOUT_MS = 2_000;

    private final SimNode node;
    private final NodeServices services;

    ProducerDesk(SimNode node, NodeServices services) {
        this.node = node;
        this.services = services;
    }

    /**
     * A producer, and whether it speaks the second protocol of transactions: partitions are then made part of one when they are written
     * to, and each transaction has an epoch of its own.
     */
    record Sender(String transactionalId, Producer producer, boolean isSecond) {
        /** What asks whether, or sees to it that, the transaction includes the partition. */
        TxnCommand includes(TxnPartition partition, TxnRequester answer) {
            return isSecond
                    ? new AddPartitions(answer, transactionalId, producer, Set.of(partition), true)
                    : new VerifyPartitions(answer, transactionalId, producer, Set.of(partition));
        }
    }

    /** A batch of a producer's transaction. */
    record Batch(Sender sender, int sequence, List<String> values) {
        ByteBuf bytes(long nowMs) {
            MemoryRecords records = MemoryRecords.withTransactionalRecords(
                    Compression.NONE,
                    sender.producer.id(),
                    sender.producer.epoch(),
                    sequence,
                    values.stream()
                            .map(value -> new SimpleRecord(nowMs, value.getBytes(StandardCharsets.UTF_8)))
                            .toArray(SimpleRecord[]::new));
            return Unpooled.copiedBuffer(records.buffer());
        }
    }

    /** {@code reply} is told with NONE when the batch is there for good. */
    void produce(Partition partition, int index, Batch batch, Consumer<BrokerError> reply) {
        AppendOptions options = new AppendOptions(Acks.ALL, Origin.CLIENT, AppendOptions.ANY_EPOCH, TIMEOUT_MS);
        append(partition, batch, options, result -> {
            if (result.error() == BrokerError.TRANSACTION_NOT_VERIFIED) {
                verify(partition, index, batch, reply);
            } else {
                reply.accept(result.error());
            }
        });
    }

    private void verify(Partition partition, int index, Batch batch, Consumer<BrokerError> reply) {
        PartitionState state = services.real.state(partition);
        if (state == null || !state.leader()) {
            reply.accept(BrokerError.NOT_LEADER);
            return;
        }
        boolean isLax = node.cluster.defect == Defect.VERIFIED_FOR_EVER;
        // In this epoch alone: another leader may have written markers meanwhile.
        AppendOptions verified = new AppendOptions(
                Acks.ALL,
                Origin.CLIENT,
                isLax ? AppendOptions.ANY_EPOCH : state.leaderEpoch(),
                TIMEOUT_MS,
                isLax ? Long.MAX_VALUE : state.logEndOffset());
        boolean isSlow = isLax || node.world.chance(10);
        Runnable goOn = () -> append(partition, batch, verified, result -> reply.accept(moved(result.error())));
        TxnRequester answer =
                asking(done -> node.loops().get(0).schedule(isSlow ? node.world.random.nextInt(300) : 0, goOn), reply);
        services.txns.submitAnywhere(
                batch.sender.transactionalId, batch.sender.includes(new TxnPartition(SimCluster.DATA, index), answer));
    }

    private static BrokerError moved(BrokerError error) {
        boolean fenced = error == BrokerError.FENCED_LEADER_EPOCH || error == BrokerError.UNKNOWN_LEADER_EPOCH;
        return fenced ? BrokerError.NOT_LEADER : error;
    }

    private void append(Partition partition, Batch batch, AppendOptions options, Consumer<AppendResult> reply) {
        services.real.append(
                partition,
                batch.bytes(node.world.wallMs()),
                options,
                node.loops().get(0),
                reply);
    }

    /** Commits the offset of the group that is named as the producer, as part of its transaction. */
    void commitOffset(Sender sender, long offset, long verification, Consumer<BrokerError> reply) {
        String transactionalId = sender.transactionalId;
        Requester answer = new Requester() {
            @Override
            public void answer(GroupReply given) {
                if (given instanceof GroupReply.NeedsVerification needed) {
                    include(sender, offset, needed.token(), reply);
                } else if (given instanceof GroupReply.Done done) {
                    reply.accept(done.error());
                } else {
                    reply.accept(((GroupReply.Outcomes) given).errors().get(0));
                }
            }

            @Override
            public void refuse(BrokerError error) {
                reply.accept(error);
            }
        };
        services.groups.submit(
                transactionalId,
                new CommitTxnOffsets(
                        answer,
                        transactionalId,
                        sender.producer.id(),
                        sender.producer.epoch(),
                        new Membership(-1, "", null),
                        verification,
                        List.of(new OffsetToCommit(SimCluster.DATA, TopicId.ZERO, 0, offset, -1, ""))));
    }

    private void include(Sender sender, long offset, long token, Consumer<BrokerError> reply) {
        String id = sender.transactionalId;
        TxnRequester answer = asking(done -> commitOffset(sender, offset, token, reply), error -> {
            services.groups.submit(id, new GiveUpVerification(sender.producer.id(), token));
            reply.accept(error);
        });
        services.txns.submitAnywhere(
                id,
                sender.includes(new TxnPartition(TopicName.CONSUMER_OFFSETS, services.groups.partitionOf(id)), answer));
    }

    /** The first answer counts. */
    private static TxnRequester asking(Consumer<TxnReply> done, Consumer<BrokerError> refused) {
        boolean[] answered = {false};
        return new TxnRequester() {
            @Override
            public void answer(TxnReply reply) {
                if (!answered[0]) {
                    answered[0] = true;
                    done.accept(reply);
                }
            }

            @Override
            public void refuse(BrokerError error) {
                if (!answered[0]) {
                    answered[0] = true;
                    refused.accept(error);
                }
            }
        };
    }
}
