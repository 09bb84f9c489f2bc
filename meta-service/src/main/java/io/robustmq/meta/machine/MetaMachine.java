package io.robustmq.meta.machine;

import io.robustmq.core.coordinator.Decision;
import io.robustmq.core.meta.ClusterLevel;
import io.robustmq.core.meta.MetaCommand;
import io.robustmq.core.meta.MetaCommand.AllocateProducerIds;
import io.robustmq.core.meta.MetaCommand.AlterAcls;
import io.robustmq.core.meta.MetaCommand.AlterConfigs;
import io.robustmq.core.meta.MetaCommand.AlterInSync;
import io.robustmq.core.meta.MetaCommand.AlterUser;
import io.robustmq.core.meta.MetaCommand.BalanceLeaders;
import io.robustmq.core.meta.MetaCommand.BalanceReplicas;
import io.robustmq.core.meta.MetaCommand.CreatePartitions;
import io.robustmq.core.meta.MetaCommand.CreateTopic;
import io.robustmq.core.meta.MetaCommand.DeleteTopic;
import io.robustmq.core.meta.MetaCommand.ElectPreferred;
import io.robustmq.core.meta.MetaCommand.FenceNode;
import io.robustmq.core.meta.MetaCommand.HandOver;
import io.robustmq.core.meta.MetaCommand.MendPartitions;
import io.robustmq.core.meta.MetaCommand.MovePartition;
import io.robustmq.core.meta.MetaCommand.MoveReplicas;
import io.robustmq.core.meta.MetaCommand.RegisterNode;
import io.robustmq.core.meta.MetaCommand.SetFull;
import io.robustmq.core.meta.MetaCommand.SetLevel;
import io.robustmq.core.meta.MetaCommand.SetNodeState;
import io.robustmq.core.meta.MetaCommand.SetOffline;
import io.robustmq.core.meta.MetaCommand.UnregisterNode;
import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.meta.MetaReply;
import io.robustmq.core.model.TopicId;
import io.robustmq.meta.fact.MetaFact;
import io.robustmq.meta.fact.MetaFact.ClusterFormed;
import java.util.List;

/**
 * Decides the commands of one batch, each on the state that the facts of those before it lead to. Owned by the meta thread;
 * made for one batch and dropped with it, so that a batch that fails needs no undoing. A decision is exactly one reply.
 *
 * <p>It is a Decider but for its second argument: what a decision needs from outside is not the time but a fresh id.
 */
public final class MetaMachine {
    private final MetaState state;
    private final TopicMachine topics;
    private final NodeMachine nodes;
    private final OfflineMachine offline;
    private final LevelMachine levels;
    private final ReplicaMachine replicas;
    private final MoveMachine moves;
    private final RebalanceMachine rebalance;
    private final ConfigMachine configs;
    private final ProducerIdMachine producerIds;
    private final SecurityMachine security;

    public MetaMachine(MetaImage image, TopicDefaults defaults, int configScopesMax) {
        this.state = new MetaState(image);
        this.topics = new TopicMachine(state, defaults);
        this.offline = new OfflineMachine(state);
        this.replicas = new ReplicaMachine(state, offline);
        this.moves = new MoveMachine(state);
        this.rebalance = new RebalanceMachine(state, moves, replicas, defaults);
        this.levels = new LevelMachine(state);
        this.nodes = new NodeMachine(state, replicas, rebalance, defaults, levels);
        this.configs = new ConfigMachine(state, configScopesMax, defaults.store());
        this.producerIds = new ProducerIdMachine(state);
        this.security = new SecurityMachine(state);
    }

    /**
     * Changes nothing; {@link #apply} does.
     *
     * @param fresh an id never given before, for a topic that the command may create
     */
    public Decision<MetaFact, MetaReply> decide(MetaCommand command, TopicId fresh) {
        if (command instanceof RegisterNode c) {
            return nodes.register(c);
        }
        if (command instanceof FenceNode c) {
            return nodes.fence(c);
        }
        if (command instanceof HandOver c) {
            return replicas.handOver(c);
        }
        if (command instanceof AlterInSync c) {
            return replicas.alter(c);
        }
        if (command instanceof ElectPreferred c) {
            return replicas.elect(c);
        }
        if (command instanceof BalanceLeaders) {
            return replicas.balance();
        }
        if (command instanceof MovePartition c) {
            return moves.move(c);
        }
        if (command instanceof MoveReplicas) {
            return rebalance.turn();
        }
        if (command instanceof BalanceReplicas c) {
            return rebalance.balance(c);
        }
        if (command instanceof SetNodeState c) {
            return nodes.setState(c);
        }
        if (command instanceof SetLevel c) {
            return levels.set(c);
        }
        if (command instanceof SetOffline c) {
            return offline.set(c);
        }
        if (command instanceof SetFull c) {
            return offline.set(c);
        }
        if (command instanceof UnregisterNode c) {
            return nodes.unregister(c);
        }
        if (command instanceof MendPartitions) {
            return replicas.mend();
        }
        if (command instanceof CreateTopic c) {
            return topics.create(c, fresh);
        }
        if (command instanceof DeleteTopic c) {
            return topics.delete(c);
        }
        if (command instanceof CreatePartitions c) {
            return topics.addPartitions(c);
        }
        if (command instanceof AlterConfigs c) {
            return configs.alter(c);
        }
        if (command instanceof AllocateProducerIds c) {
            return producerIds.allocate(c);
        }
        if (command instanceof AlterUser c) {
            return security.alter(c);
        }
        if (command instanceof AlterAcls c) {
            return security.alter(c);
        }
        throw new AssertionError(command);
    }

    /** The first leader of a new cluster names it, once, and says at which level it begins. */
    public Decision<MetaFact, MetaReply> form(String clusterId, int level) {
        if (!state.clusterId().isEmpty()) {
            return Answers.done(List.of(), false);
        }
        ClusterFormed formed = new ClusterFormed(clusterId);
        return Answers.done(
                level == ClusterLevel.BASE ? List.of(formed) : List.of(formed, LevelMachine.finalized(level)), false);
    }

    public void apply(MetaFact fact) {
        state.apply(fact);
    }
}
