package io.robustmq.server.transaction;

import io.robustmq.core.config.Configuration;
import io.robustmq.core.coordinator.Decision;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.group.GroupCommand;
import io.robustmq.core.group.GroupConfig;
import io.robustmq.core.group.GroupEffect;
import io.robustmq.core.group.GroupFact;
import io.robustmq.core.group.GroupMachine;
import io.robustmq.core.group.GroupReply;
import io.robustmq.core.group.GroupSink;
import io.robustmq.core.group.Requester;
import io.robustmq.core.model.TopicName;
import io.robustmq.core.record.TransactionMarker;
import io.robustmq.core.txn.TxnCommand;
import io.robustmq.core.txn.TxnConfig;
import io.robustmq.core.txn.TxnEffect;
import io.robustmq.core.txn.TxnFact;
import io.robustmq.core.txn.TxnFactCodec;
import io.robustmq.core.txn.TxnMachine;
import io.robustmq.core.txn.TxnPartition;
import io.robustmq.core.txn.TxnReply;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** The coordinator of transactions, that of groups, and partitions; what they tell each other goes over the network. */
final class SimBroker {
    static final int PARTITIONS = 3;
    static final TxnPartition OFFSETS = new TxnPartition(TopicName.CONSUMER_OFFSETS, 0);
    private static final TxnFactCodec CODEC = new TxnFactCodec();

    final List<SimPartition> partitions = new ArrayList<>();
    final List<TxnFact> txnLog = new ArrayList<>();
    final List<GroupFact> groupLog = new ArrayList<>();
    private final TxnConfig config = TxnConfig.from(new Configuration(TxnConfig.keys(), Map.of()));
    private final GroupConfig groupConfig = GroupConfig.from(new Configuration(GroupConfig.keys(), Map.of()));
    private final SimNetwork network;
    private final Random random;
    private TxnMachine transactions;
    private GroupMachine groups;
    private int epoch = 1;
    /** Effects of a life that is over are not performed. */
    private int life;

    long nextProducerId = 1;

    SimBroker(SimNetwork network, Random random) {
        this.network = network;
        this.random = random;
        for (int i = 0; i < PARTITIONS; i++) {
            partitions.add(new SimPartition(random));
        }
        transactions = new TxnMachine(config);
        groups = new GroupMachine(groupConfig);
        transactions.leads(epoch);
        transactions.activated(network.nowMs);
        groups.activated(network.nowMs);
    }

    /** Everything starts anew with what is in the logs. */
    void restart() {
        life++;
        epoch++;
        partitions.forEach(SimPartition::restart);
        groups = new GroupMachine(groupConfig);
        groupLog.forEach(groups::apply);
        groups.activated(network.nowMs);
        transactions = new TxnMachine(config);
        txnLog.forEach(fact -> transactions.apply(CODEC.decode(CODEC.key(fact), CODEC.value(fact))));
        transactions.leads(epoch);
        perform(transactions.activated(network.nowMs));
    }

    void submit(TxnCommand command) {
        perform(transactions.decide(command, network.nowMs));
    }

    /** Now and then the process ends between the write and what follows from it. */
    private void perform(Decision<TxnFact, TxnEffect> decision) {
        for (TxnFact fact : decision.facts()) {
            txnLog.add(fact);
            transactions.apply(fact);
        }
        if (!decision.facts().isEmpty() && random.nextInt(60) == 0) {
            restart();
            return;
        }
        int alive = life;
        for (TxnEffect effect : decision.effects()) {
            if (alive == life) {
                perform(effect);
            }
        }
    }

    private void perform(TxnEffect effect) {
        if (effect instanceof TxnEffect.Answer answer) {
            if (answer.reply() instanceof TxnReply.Refused refused) {
                answer.requester().refuse(refused.error());
            } else {
                answer.requester().answer(answer.reply());
            }
        } else if (effect instanceof TxnEffect.Resubmit again) {
            submit(again.command());
        } else if (effect instanceof TxnEffect.WriteMarkers write) {
            TransactionMarker marker = new TransactionMarker(write.commits(), write.coordinatorEpoch());
            for (TxnPartition partition : write.partitions()) {
                network.send(() -> mark(write, partition, marker));
            }
        }
    }

    private void mark(TxnEffect.WriteMarkers write, TxnPartition partition, TransactionMarker marker) {
        if (partition.equals(OFFSETS)) {
            group(new GroupCommand.EndOffsets(
                    asking(error -> report(write, partition, error)),
                    write.producer().id(),
                    write.producer().epoch(),
                    write.commits(),
                    write.endsEpoch()));
        } else {
            report(
                    write,
                    partition,
                    partitions.get(partition.partition()).mark(write.producer(), marker, write.endsEpoch()));
        }
    }

    private void report(TxnEffect.WriteMarkers write, TxnPartition partition, BrokerError error) {
        boolean settled = error == BrokerError.NONE || error == BrokerError.INVALID_PRODUCER_EPOCH;
        network.send(() -> submit(new TxnCommand.ReportMarker(
                write.transactionalId(), write.producer(), write.preparedMs(), partition, settled)));
    }

    void group(GroupCommand command) {
        Decision<GroupFact, GroupEffect> decision = groups.decide(command, network.nowMs);
        for (GroupFact fact : decision.facts()) {
            groupLog.add(fact);
            groups.apply(fact);
        }
        decision.effects().forEach(new GroupSink()::perform);
    }

    void tick() {
        if (transactions.wakeAtMs() <= network.nowMs) {
            submit(new TxnCommand.Tick());
        }
    }

    private interface Told {
        void told(BrokerError error);
    }

    private static Requester asking(Told told) {
        return new Requester() {
            @Override
            public void answer(GroupReply reply) {
                told.told(reply instanceof GroupReply.Done done ? done.error() : BrokerError.NONE);
            }

            @Override
            public void refuse(BrokerError error) {
                told.told(error);
            }
        };
    }
}
