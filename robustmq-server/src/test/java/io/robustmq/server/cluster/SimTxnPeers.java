package io.robustmq.server.cluster;

import io.robustmq.core.error.BrokerError;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.model.TopicName;
import io.robustmq.core.txn.MarkerOrder;
import io.robustmq.core.txn.TxnCommand;
import io.robustmq.core.txn.TxnCommand.AddPartitions;
import io.robustmq.core.txn.TxnCommand.VerifyPartitions;
import io.robustmq.core.txn.TxnPartition;
import io.robustmq.core.txn.TxnPeers;
import io.robustmq.core.txn.TxnReply;
import io.robustmq.core.txn.TxnRequester;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;

/** A node's way to the coordinators and partitions of the others: whoever does not answer has not done it, for all that is known. */
final class SimTxnPeers implements TxnPeers {
    private static final int TIMEOUT_MS = 700;

    private final SimNode node;
    private final World world;
    private final LinkOrder inOrder;

    SimTxnPeers(SimNode node) {
        this.node = node;
        this.inOrder = new LinkOrder(node);
        this.world = node.world;
    }

    @Override
    public void mark(int target, MarkerOrder order, Loop loop, BiConsumer<TxnPartition, BrokerError> reply) {
        for (TxnPartition partition : order.partitions()) {
            boolean turns = node.cluster.defect == Defect.ABORTED_OFFSETS_COMMITTED
                    && partition.topic().equals(TopicName.CONSUMER_OFFSETS);
            if (turns && !order.commits()) {
                send(target, with(order, true, List.of(partition)), loop, reply);
                List<TxnPartition> others = new ArrayList<>(order.partitions());
                others.remove(partition);
                send(target, with(order, false, others), loop, reply);
                return;
            }
        }
        send(target, order, loop, reply);
    }

    private static MarkerOrder with(MarkerOrder order, boolean commits, List<TxnPartition> partitions) {
        return new MarkerOrder(
                order.coordinator(),
                order.coordinatorEpoch(),
                order.producer(),
                commits,
                order.endsEpoch(),
                partitions);
    }

    private void send(int target, MarkerOrder order, Loop loop, BiConsumer<TxnPartition, BrokerError> reply) {
        // In an order that does not differ from one process of the test to the next.
        List<TxnPartition> partitions = order.partitions().stream()
                .sorted(Comparator.comparing(TxnPartition::topic).thenComparing(TxnPartition::partition))
                .toList();
        MarkerOrder sorted = with(order, order.commits(), partitions);
        Set<TxnPartition> open = new HashSet<>(partitions);
        SimNode other = node.cluster.node(target);
        int number = inOrder.next(target);
        Runnable arrival = () -> other.serve(services -> {
            // Without an epoch of its own, it could end the next transaction: then it comes on its connection, or not
            // at all.
            if (order.endsEpoch() || (!open.isEmpty() && inOrder.takes(target, number))) {
                services.txns
                        .markers()
                        .writeHere(
                                sorted,
                                other.loops().get(0),
                                (partition, error) -> world.send(
                                        target,
                                        node.id,
                                        () -> loop.execute(() -> {
                                            if (open.remove(partition)) {
                                                reply.accept(partition, error);
                                            }
                                        })));
            }
        });
        if (order.endsEpoch()) {
            world.send(node.id, target, arrival);
            if (world.chance(node.cluster.defect == Defect.LATE_MARKERS_TAKEN ? 1 : 10)) {
                // Long after it was answered.
                world.later(world.random.nextInt(500), arrival);
            }
        } else {
            world.sendOnce(node.id, target, arrival);
        }
        loop.schedule(TIMEOUT_MS, () -> partitions.stream()
                .filter(open::remove)
                .forEach(partition -> reply.accept(partition, BrokerError.LEADER_NOT_AVAILABLE)));
    }

    @Override
    public void submit(int target, String transactionalId, TxnCommand command) {
        Loop loop = node.loops().get(0);
        boolean[] answered = {false};
        TxnRequester once = new TxnRequester() {
            @Override
            public void answer(TxnReply reply) {
                back(() -> command.requester().answer(reply));
            }

            @Override
            public void refuse(BrokerError error) {
                back(() -> command.requester().refuse(error));
            }

            private void back(Runnable tell) {
                world.send(
                        target,
                        node.id,
                        () -> loop.execute(() -> {
                            if (!answered[0]) {
                                answered[0] = true;
                                tell.run();
                            }
                        }));
            }
        };
        TxnCommand asked = with(once, command);
        world.send(node.id, target, () -> node.cluster
                .node(target)
                .serve(services -> services.txns.submit(transactionalId, asked)));
        loop.schedule(TIMEOUT_MS, () -> {
            if (!answered[0]) {
                answered[0] = true;
                command.requester().refuse(BrokerError.COORDINATOR_NOT_AVAILABLE);
            }
        });
    }

    private static TxnCommand with(TxnRequester requester, TxnCommand command) {
        if (command instanceof AddPartitions add) {
            return new AddPartitions(
                    requester, add.transactionalId(), add.producer(), add.partitions(), add.bumpsEpoch());
        }
        if (command instanceof VerifyPartitions verify) {
            return new VerifyPartitions(requester, verify.transactionalId(), verify.producer(), verify.partitions());
        }
        throw new AssertionError(command);
    }
}
