package io.robustmq.server.transaction;

import io.robustmq.core.error.BrokerError;
import io.robustmq.core.group.GroupCommand;
import io.robustmq.core.group.GroupReply;
import io.robustmq.core.group.Requester;
import io.robustmq.core.model.TopicId;
import io.robustmq.core.port.AppendOptions;
import io.robustmq.core.txn.TxnCommand;
import io.robustmq.core.txn.TxnCommand.Producer;
import io.robustmq.core.txn.TxnPartition;
import io.robustmq.core.txn.TxnReply;
import io.robustmq.core.txn.TxnRequester;
import io.robustmq.journal.shard.Verdict;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A producer of the second transaction protocol, one request at a time, each sent again until it is answered; what was sent
 * stays on the network. It gives up for good at an error, as a zombie that nobody told.
 */
final class SimProducer {
    final String transactionalId;
    final int incarnation;
    /** What this producer was told, by transaction. */
    final List<Told> transactions = new ArrayList<>();

    private final SimBroker broker;
    private final SimNetwork network;
    private final Random random;
    private final int[] sequences = new int[SimBroker.PARTITIONS];
    private @Nullable Runnable request;
    private @Nullable Producer producer;
    private int step;
    private int requests;
    boolean dead;

    /** One transaction as its producer knows it. */
    static final class Told {
        final List<String> acked = new ArrayList<>();
        boolean offsetsAcked;
        long offset;
        boolean commits;
        /** Null while the producer does not know. */
        @Nullable
        Boolean outcome;
    }

    /** Tells when a producer is given its epoch, at the moment the coordinator decides it. */
    private final Consumer<SimProducer> onStart;

    private final BiConsumer<SimProducer, Told> onCommit;

    SimProducer(
            String transactionalId,
            int incarnation,
            SimBroker broker,
            SimNetwork network,
            Random random,
            Consumer<SimProducer> onStart,
            BiConsumer<SimProducer, Told> onCommit) {
        this.transactionalId = transactionalId;
        this.incarnation = incarnation;
        this.broker = broker;
        this.network = network;
        this.random = random;
        this.onStart = onStart;
        this.onCommit = onCommit;
        init();
    }

    /** Sends the present request once more. */
    void nudge() {
        Runnable now = request;
        if (!dead && now != null) {
            network.send(now);
        }
    }

    private Told now() {
        return transactions.get(transactions.size() - 1);
    }

    private void ask(Function<Integer, Runnable> made) {
        requests++;
        request = made.apply(requests);
        nudge();
    }

    /** The first answer to the present request; every other is dropped. */
    private void answered(int number, Runnable then) {
        network.send(() -> {
            if (!dead && number == requests) {
                then.run();
            }
        });
    }

    private void failed(BrokerError error) {
        boolean again =
                switch (error) {
                    case CONCURRENT_TRANSACTIONS, COORDINATOR_LOADING, NOT_COORDINATOR, STORAGE_ERROR -> true;
                    default -> false;
                };
        if (!again) {
            dead = true;
        }
    }

    private void init() {
        long freshId = broker.nextProducerId++;
        ask(number -> () -> broker.submit(new TxnCommand.InitProducer(
                telling(number, reply -> {
                    TxnReply.Producer given = (TxnReply.Producer) reply;
                    onStart.accept(this);
                    answered(number, () -> begin(new Producer(given.producerId(), given.producerEpoch())));
                }),
                transactionalId,
                60_000,
                -1,
                (short) -1,
                freshId)));
    }

    private void begin(Producer given) {
        if (producer == null || !producer.equals(given)) {
            Arrays.fill(sequences, 0);
        }
        producer = given;
        transactions.add(new Told());
        step = 0;
        next();
    }

    private void next() {
        step++;
        if (step <= 1 + random.nextInt(4)) {
            produce(random.nextInt(SimBroker.PARTITIONS));
        } else if (!now().offsetsAcked && random.nextBoolean()) {
            commitOffsets();
        } else {
            end(random.nextInt(3) > 0);
        }
    }

    private void produce(int index) {
        Producer me = Objects.requireNonNull(producer);
        Told told = now();
        String value = transactionalId + "/" + incarnation + "/" + transactions.size() + "/" + step;
        int sequence = sequences[index];
        ask(number -> () -> append(number, me, index, sequence, value, AppendOptions.NOT_VERIFIED, told));
    }

    private void append(int number, Producer me, int index, int sequence, String value, long verifiedAt, Told told) {
        SimPartition partition = broker.partitions.get(index);
        Verdict verdict = partition.append(me, sequence, value, verifiedAt);
        if (verdict.error() == BrokerError.TRANSACTION_NOT_VERIFIED) {
            long end = partition.endOffset();
            TxnPartition named = new TxnPartition("t", index);
            network.send(() -> broker.submit(new TxnCommand.AddPartitions(
                    telling(number, done -> network.send(() -> append(number, me, index, sequence, value, end, told))),
                    transactionalId,
                    me,
                    Set.of(named),
                    true)));
            return;
        }
        answered(number, () -> {
            if (verdict.accepted()) {
                told.acked.add(value);
                sequences[index]++;
                next();
            } else {
                failed(verdict.error());
            }
        });
    }

    private void commitOffsets() {
        Producer me = Objects.requireNonNull(producer);
        Told told = now();
        told.offset = (long) incarnation * 1_000 + transactions.size();
        long offset = told.offset;
        ask(number -> () -> offsets(number, me, -1, offset, told));
    }

    private void offsets(int number, Producer me, long token, long offset, Told told) {
        broker.group(new GroupCommand.CommitTxnOffsets(
                new Requester() {
                    @Override
                    public void answer(GroupReply reply) {
                        if (reply instanceof GroupReply.NeedsVerification needed) {
                            network.send(() -> broker.submit(new TxnCommand.AddPartitions(
                                    telling(
                                            number,
                                            done -> network.send(
                                                    () -> offsets(number, me, needed.token(), offset, told))),
                                    transactionalId,
                                    me,
                                    Set.of(SimBroker.OFFSETS),
                                    true)));
                        } else if (reply instanceof GroupReply.Done done) {
                            answered(number, () -> failed(done.error()));
                        } else {
                            answered(number, () -> {
                                told.offsetsAcked = true;
                                next();
                            });
                        }
                    }

                    @Override
                    public void refuse(BrokerError error) {
                        answered(number, () -> failed(error));
                    }
                },
                transactionalId,
                me.id(),
                me.epoch(),
                new GroupCommand.Membership(-1, "", null),
                token,
                List.of(new GroupCommand.OffsetToCommit("t", TopicId.ZERO, 0, offset, -1, ""))));
    }

    private void end(boolean commits) {
        Producer me = Objects.requireNonNull(producer);
        Told told = now();
        told.commits = commits;
        boolean wrote = !told.acked.isEmpty() || told.offsetsAcked;
        if (!wrote) {
            produce(0);
            return;
        }
        ask(number -> () -> broker.submit(new TxnCommand.EndTransaction(
                telling(number, reply -> {
                    TxnReply.Producer given = (TxnReply.Producer) reply;
                    if (commits) {
                        onCommit.accept(this, told);
                    }
                    answered(number, () -> {
                        told.outcome = commits;
                        begin(new Producer(given.producerId(), given.producerEpoch()));
                    });
                }),
                transactionalId,
                me,
                commits,
                true,
                -1)));
    }

    private TxnRequester telling(int number, Consumer<TxnReply> told) {
        return new TxnRequester() {
            @Override
            public void answer(TxnReply reply) {
                told.accept(reply);
            }

            @Override
            public void refuse(BrokerError error) {
                answered(number, () -> failed(error));
            }
        };
    }
}
