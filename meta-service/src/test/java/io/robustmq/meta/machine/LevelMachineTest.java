package io.robustmq.meta.machine;

import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.core.coordinator.Decision;
import io.robustmq.core.meta.ClusterLevel;
import io.robustmq.core.meta.ClusterLevel.Range;
import io.robustmq.core.meta.MetaCommand;
import io.robustmq.core.meta.MetaCommand.FenceNode;
import io.robustmq.core.meta.MetaCommand.RegisterNode;
import io.robustmq.core.meta.MetaCommand.SetLevel;
import io.robustmq.core.meta.MetaCommand.UnregisterNode;
import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.meta.MetaReply;
import io.robustmq.core.model.TopicId;
import io.robustmq.meta.fact.MetaFact;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A cluster is upgraded node by node, and its level then. */
class LevelMachineTest {
    private static final Range OLD = new Range(1, 1);
    private static final Range BOTH = new Range(1, 2);
    private static final Range NEW = new Range(2, 3);

    private MetaImage image = MetaImage.EMPTY;

    @Test
    void aLevelIsFinalizedOnceEveryNodeKnowsIt() {
        register(1, OLD);
        register(2, OLD);
        assertThat(ClusterLevel.finalized(image)).isEqualTo(1);
        register(1, BOTH);
        assertThat(refusal(new SetLevel(2, false))).contains("node 2 knows level 1, not level 2");
        // It will come back as it was.
        run(new FenceNode(2, 1));
        assertThat(refusal(new SetLevel(2, false))).contains("node 2");
        register(2, BOTH);
        run(new SetLevel(2, true));
        assertThat(ClusterLevel.finalized(image)).isEqualTo(1);
        run(new SetLevel(2, false));
        assertThat(ClusterLevel.finalized(image)).isEqualTo(2);
        assertThat(decide(new SetLevel(2, false)).facts()).isEmpty();
    }

    @Test
    void whoDoesNotKnowTheLevelIsRefused() {
        register(1, BOTH);
        assertThat(refusal(command(2, NEW))).contains("the cluster is at level 1, and node 2 knows levels 2 to 3");
        run(new SetLevel(2, false));
        register(2, NEW);
        assertThat(refusal(command(3, OLD))).contains("the cluster is at level 2, and node 3 knows level 1");
        assertThat(refusal(command(1, OLD))).contains("start a version that knows it");
        assertThat(image.nodes().keySet()).containsExactlyInAnyOrder(1, 2);
    }

    @Test
    void thereIsNoWayBack() {
        register(1, BOTH);
        run(new SetLevel(2, false));
        assertThat(refusal(new SetLevel(1, false))).contains("cannot be read at level 1");
    }

    @Test
    void aNodeThatIsRemovedCountsNoMore() {
        register(1, BOTH);
        register(2, OLD);
        run(new FenceNode(2, 1));
        run(new UnregisterNode(2, false));
        run(new SetLevel(2, false));
        register(2, BOTH);
        run(new FenceNode(2, 1));
        run(new UnregisterNode(2, false));
        assertThat(image.configs(ClusterLevel.SCOPE).keySet()).containsExactlyInAnyOrder("1", ClusterLevel.FINALIZED);
    }

    @Test
    void aNewClusterBeginsAtTheLevelOfWhoFormsIt() {
        apply(machine().form("cluster", 2).facts());
        assertThat(image.clusterId()).isEqualTo("cluster");
        assertThat(ClusterLevel.finalized(image)).isEqualTo(2);
    }

    private void register(int node, Range levels) {
        run(command(node, levels));
        assertThat(ClusterLevel.of(image.configs(ClusterLevel.SCOPE), node)).isEqualTo(levels);
    }

    private static RegisterNode command(int node, Range levels) {
        return new RegisterNode(node, "", Map.of(), -1, levels);
    }

    private void run(MetaCommand command) {
        Decision<MetaFact, MetaReply> decision = decide(command);
        assertThat(decision.effects().get(0)).isNotInstanceOf(MetaReply.Refused.class);
        apply(decision.facts());
    }

    private void apply(List<MetaFact> facts) {
        MetaState state = new MetaState(image);
        facts.forEach(state::apply);
        image = state.toImage(image.index() + 1, 1);
    }

    private String refusal(MetaCommand command) {
        return ((MetaReply.Refused) decide(command).effects().get(0)).message();
    }

    private Decision<MetaFact, MetaReply> decide(MetaCommand command) {
        return machine().decide(command, TopicId.ZERO);
    }

    private MetaMachine machine() {
        return new MetaMachine(image, new TopicDefaults(1, 1, 100), 100);
    }
}
