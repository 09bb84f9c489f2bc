package io.robustmq.server.cluster;

import io.robustmq.core.error.BrokerError;
import io.robustmq.core.model.TopicName;
import io.robustmq.core.txn.TxnCommand.AddPartitions;
import io.robustmq.core.txn.TxnCommand.EndTransaction;
import io.robustmq.core.txn.TxnCommand.InitProducer;
import io.robustmq.core.txn.TxnCommand.Producer;
import io.robustmq.core.txn.TxnPartition;
import io.robustmq.core.txn.TxnReply;
import io.robustmq.core.txn.TxnRequester;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A producer of the first or the second transaction protocol, one request at a time, each sent again until it is answered; what was
 * sent stays on the network. Now and then it gives a record up, and aborts. It ends at an error, and perhaps another takes its place
 * while it goes on, as one that nobody told.
 */
final class TxnClient {
    private static final int AGAIN_MS = 150;
    private static final int TRANSACTION_MS = 2_500;

    final String transactionalId;
    private final int incarnation;
    private final World world;
    private final SimCluster cluster;
    private final TxnHistory history;
    private final boolean isSecond;
    /** Of the first protocol: what the transaction includes. */
    private final Set<TxnPartition> included = new HashSet<>();

    private final int[] sequences = new int[SimCluster.DATA_PARTITIONS];
    private @Nullable Runnable request;
    private @Nullable Producer producer;
    private Told now;
    private int step;
    private int transactions;
    private int requests;
    private long sentAtMs;
    private long notBeforeMs;
    private boolean rests;
    private boolean produces;
    /** What it gave up may be there or not: it needs another epoch before it goes on. */
    private boolean needsEpoch;

    boolean dead;

    TxnClient(String transactionalId, int incarnation, SimCluster cluster) {
        this.transactionalId = transactionalId;
        this.incarnation = incarnation;
        this.cluster = cluster;
        this.world = cluster.world;
        this.history = cluster.transactions;
        this.now = new Told(transactionalId);
        boolean either = world.random.nextBoolean();
        this.isSecond = switch (cluster.defect) {
            case LATE_MARKERS_TAKEN -> true;
            case VERIFIED_FOR_EVER -> false;
            default -> either;
        };
        init();
        act();
    }

    /** Ends the transaction that it is in, and begins no other. */
    void rest() {
        rests = true;
    }

    boolean isAtRest() {
        return dead || (rests && request == null);
    }

    private void act() {
        if (!dead) {
            world.later(10 + world.random.nextInt(30), this::act);
            Runnable asked = request;
            if (produces && asked != null && world.chance(10)) {
                needsEpoch = !isSecond;
                end(false);
            } else if (asked != null && world.now - sentAtMs > AGAIN_MS && world.now >= notBeforeMs) {
                sentAtMs = world.now;
                asked.run();
            }
        }
    }

    private void ask(Consumer<Integer> made) {
        ask(false, made);
    }

    private void ask(boolean toProduce, Consumer<Integer> made) {
        int number = ++requests;
        produces = toProduce;
        request = () -> made.accept(number);
        sentAtMs = world.now;
        made.accept(number);
    }

    private void send(@Nullable SimNode to, Consumer<NodeServices> what) {
        int number = requests;
        boolean mayBeLate = isSecond || produces;
        if (to != null) {
            world.send(
                    World.CLIENTS,
                    to.id,
                    () -> to.serve(services -> {
                        // The epochs of the first protocol do not tell transactions apart: it relies on connections
                        // that end.
                        if (mayBeLate || number == requests) {
                            what.accept(services);
                        }
                    }));
        }
    }

    /** The first answer to the present request; every other is dropped. */
    private void answered(int number, NodeServices from, Runnable then) {
        world.send(from.nodeId, World.CLIENTS, () -> {
            if (!dead && number == requests && request != null) {
                then.run();
            }
        });
    }

    private void failed(BrokerError error) {
        if (error == BrokerError.TRANSACTION_ABORTABLE) {
            end(false);
        } else if (!error.retriable()) {
            dead = true;
            request = null;
        } else {
            notBeforeMs = world.now + 20;
            sentAtMs = 0;
        }
    }

    private void init() {
        long freshId = history.freshProducerId();
        Producer known = producer;
        ask(number -> send(
                coordinator(),
                services -> services.txns.submit(
                        transactionalId,
                        new InitProducer(
                                telling(number, services, this::begin),
                                transactionalId,
                                TRANSACTION_MS,
                                known == null ? -1 : known.id(),
                                known == null ? -1 : known.epoch(),
                                freshId))));
    }

    private @Nullable SimNode coordinator() {
        return cluster.leaderOf(TopicName.TRANSACTION_STATE, 0);
    }

    private void begin(Producer given) {
        request = null;
        if (!given.equals(producer)) {
            Arrays.fill(sequences, 0);
        }
        producer = given;
        included.clear();
        if (needsEpoch) {
            needsEpoch = false;
            init();
            return;
        }
        now = new Told(transactionalId);
        step = 0;
        if (!rests) {
            history.begun(now);
            transactions++;
            next();
        }
    }

    private void next() {
        step++;
        if (step <= 1 + world.random.nextInt(4)) {
            int index = world.random.nextInt(SimCluster.DATA_PARTITIONS);
            include(new TxnPartition(SimCluster.DATA, index), () -> produce(index));
        } else if (!now.offsetsAcked && world.random.nextBoolean()) {
            include(new TxnPartition(TopicName.CONSUMER_OFFSETS, 0), this::commitOffset);
        } else {
            end(world.random.nextInt(3) > 0);
        }
    }

    private ProducerDesk.Sender sender() {
        return new ProducerDesk.Sender(transactionalId, Objects.requireNonNull(producer), isSecond);
    }

    private void include(TxnPartition partition, Runnable then) {
        if (isSecond || included.contains(partition)) {
            then.run();
            return;
        }
        Producer me = Objects.requireNonNull(producer);
        ask(number -> send(
                coordinator(),
                services -> services.txns.submit(
                        transactionalId,
                        new AddPartitions(
                                hearing(number, services, done -> {
                                    included.add(partition);
                                    then.run();
                                }),
                                transactionalId,
                                me,
                                Set.of(partition),
                                false))));
    }

    private void produce(int index) {
        Told told = now;
        List<String> values = new ArrayList<>();
        for (int i = 0; i <= world.random.nextInt(3); i++) {
            values.add(transactionalId + "/" + incarnation + "/" + transactions + "/" + step + "." + i);
        }
        ProducerDesk.Batch batch = new ProducerDesk.Batch(sender(), sequences[index], values);
        ask(
                true,
                number -> send(
                        cluster.leaderOf(SimCluster.DATA, index),
                        services -> services.producers.produce(
                                cluster.dataPartition(index),
                                index,
                                batch,
                                error -> answered(number, services, () -> {
                                    if (error == BrokerError.NONE) {
                                        told.acked.addAll(values);
                                        sequences[index] += values.size();
                                        next();
                                    } else {
                                        failed(error);
                                    }
                                }))));
    }

    private void commitOffset() {
        ProducerDesk.Sender me = sender();
        Told told = now;
        told.offset = history.nextOffset();
        ask(number -> send(
                cluster.leaderOf(TopicName.CONSUMER_OFFSETS, 0),
                services -> services.producers.commitOffset(
                        me,
                        told.offset,
                        -1,
                        error -> answered(number, services, () -> {
                            if (error == BrokerError.NONE) {
                                told.offsetsAcked = true;
                                next();
                            } else {
                                failed(error);
                            }
                        }))));
    }

    private void end(boolean commits) {
        Producer me = Objects.requireNonNull(producer);
        Told told = now;
        if (commits && told.acked.isEmpty() && !told.offsetsAcked) {
            include(new TxnPartition(SimCluster.DATA, 0), () -> produce(0));
            return;
        }
        if (!isSecond && included.isEmpty()) {
            // Nobody knows of it.
            begin(me);
            return;
        }
        told.commits = commits;
        ask(number -> send(
                coordinator(),
                services -> services.txns.submit(
                        transactionalId,
                        new EndTransaction(
                                telling(number, services, given -> {
                                    told.outcome = commits;
                                    history.ended(told);
                                    begin(given);
                                }),
                                transactionalId,
                                me,
                                commits,
                                isSecond,
                                -1))));
    }

    private TxnRequester telling(int number, NodeServices from, Consumer<Producer> then) {
        return hearing(number, from, reply -> {
            TxnReply.Producer given = (TxnReply.Producer) reply;
            then.accept(new Producer(given.producerId(), given.producerEpoch()));
        });
    }

    private TxnRequester hearing(int number, NodeServices from, Consumer<TxnReply> then) {
        return new TxnRequester() {
            @Override
            public void answer(TxnReply reply) {
                answered(number, from, () -> then.accept(reply));
            }

            @Override
            public void refuse(BrokerError error) {
                answered(number, from, () -> failed(error));
            }
        };
    }
}
