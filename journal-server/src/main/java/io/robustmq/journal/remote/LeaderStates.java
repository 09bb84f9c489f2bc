package io.robustmq.journal.remote;

import io.netty.buffer.ByteBuf;
import io.robustmq.core.loop.Cancellable;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.model.Partition;
import io.robustmq.core.port.Journal.LeaderReply;
import io.robustmq.core.port.NodeLink;
import io.robustmq.core.port.PartitionState;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One question to a leader: what it says of its partitions in time is the answer. Owned by its loop; used once. */
final class LeaderStates {
    /** Who waits does not wait longer for one that is dying. */
    private static final int PATIENCE_MS = 1_000;
    /** Only says that the connection is dead. */
    private static final int ANSWER_MS_MAX = 10_000;

    private final Loop loop;
    private final List<Partition> partitions;
    private final LeaderReply reply;
    private Cancellable patience = Cancellable.NOTHING;
    private boolean isOver;

    LeaderStates(Loop loop, List<Partition> partitions, LeaderReply reply) {
        this.loop = loop;
        this.partitions = partitions;
        this.reply = reply;
    }

    void ask(NodeLink link, int node) {
        patience = loop.schedule(PATIENCE_MS, () -> end(new HashMap<>()));
        link.ask(
                node,
                NodeLink.Call.TAIL,
                TailCodec.states(partitions),
                ANSWER_MS_MAX,
                loop,
                answer -> end(read(answer)));
    }

    private Map<Partition, PartitionState> read(@Nullable ByteBuf answer) {
        Map<Partition, PartitionState> states = new HashMap<>();
        for (int i = 0; answer != null && i < partitions.size(); i++) {
            PartitionState state = LogCodec.readState(answer);
            if (state != null) {
                states.put(partitions.get(i), state);
            }
        }
        return states;
    }

    private void end(Map<Partition, PartitionState> states) {
        if (!isOver) {
            isOver = true;
            patience.cancel();
            reply.told(partitions, states);
        }
    }
}
