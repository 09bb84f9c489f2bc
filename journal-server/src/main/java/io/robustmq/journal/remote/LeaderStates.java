package io.robustmq.journal.remote;

import io.robustmq.core.loop.Cancellable;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.model.Partition;
import io.robustmq.core.port.NodeLink;
import io.robustmq.core.port.PartitionState;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** One question to each of several leaders: what they say of their partitions in time is the answer. Owned by its loop; used once. */
final class LeaderStates {
    /** Those who answer do not wait longer for one that is dying. */
    private static final int PATIENCE_MS = 1_000;
    /** Only says that the connection is dead. */
    private static final int ANSWER_MS_MAX = 10_000;

    private final NodeLink link;
    private final Loop loop;
    private final Consumer<Map<Partition, PartitionState>> reply;
    private final Map<Partition, PartitionState> states = new HashMap<>();
    private Cancellable patience = Cancellable.NOTHING;
    private int missing;
    private boolean isOver;

    LeaderStates(NodeLink link, Loop loop, Consumer<Map<Partition, PartitionState>> reply) {
        this.link = link;
        this.loop = loop;
        this.reply = reply;
    }

    void ask(Map<Integer, List<Partition>> byLeader) {
        missing = byLeader.size();
        if (missing == 0) {
            reply.accept(states);
            return;
        }
        patience = loop.schedule(PATIENCE_MS, this::end);
        byLeader.forEach((node, partitions) ->
                link.ask(node, NodeLink.Call.TAIL, TailCodec.states(partitions), ANSWER_MS_MAX, loop, answer -> {
                    if (isOver) {
                        return;
                    }
                    for (int i = 0; answer != null && i < partitions.size(); i++) {
                        PartitionState state = LogCodec.readState(answer);
                        if (state != null) {
                            states.put(partitions.get(i), state);
                        }
                    }
                    if (--missing == 0) {
                        end();
                    }
                }));
    }

    private void end() {
        if (!isOver) {
            isOver = true;
            patience.cancel();
            reply.accept(states);
        }
    }
}
