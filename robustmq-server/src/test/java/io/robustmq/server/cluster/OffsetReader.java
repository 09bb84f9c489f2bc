package io.robustmq.server.cluster;

import io.robustmq.core.error.BrokerError;
import io.robustmq.core.group.GroupCommand.FetchOffsets;
import io.robustmq.core.group.GroupCommand.TopicPartitions;
import io.robustmq.core.group.GroupReply;
import io.robustmq.core.group.GroupReply.FetchedOffset;
import io.robustmq.core.group.Requester;
import io.robustmq.core.model.TopicName;
import java.util.List;

/** Asks for the offset that a producer commits with its transactions. */
final class OffsetReader {
    private static final int PATIENCE_MS = 300;

    private final String groupId;
    private final World world;
    private final SimCluster cluster;
    private boolean waits;
    private long askedAtMs;
    private long number;
    /** What was answered last by who leads, if no transaction may change it; -1 for none. */
    long offset = -1;

    long answers;

    OffsetReader(String groupId, SimCluster cluster) {
        this.groupId = groupId;
        this.cluster = cluster;
        this.world = cluster.world;
        act();
    }

    private void act() {
        world.later(20 + world.random.nextInt(80), this::act);
        SimNode leader = cluster.leaderOf(TopicName.CONSUMER_OFFSETS, 0);
        if (leader == null || (waits && world.now - askedAtMs < PATIENCE_MS)) {
            return;
        }
        waits = true;
        askedAtMs = world.now;
        long mine = ++number;
        long atLeast = cluster.transactions.committedOffset(groupId);
        world.send(
                World.CLIENTS,
                leader.id,
                () -> leader.serve(services -> services.groups.submit(
                        groupId,
                        new FetchOffsets(
                                new Requester() {
                                    @Override
                                    public void answer(GroupReply reply) {
                                        // One that was followed by another is asked in vain: that is for its clients to
                                        // find out.
                                        boolean counts = cluster.leads(leader, TopicName.CONSUMER_OFFSETS, 0);
                                        answered(mine, leader, () -> told((GroupReply.Fetched) reply, atLeast, counts));
                                    }

                                    @Override
                                    public void refuse(BrokerError error) {
                                        answered(mine, leader, () -> {});
                                    }
                                },
                                groupId,
                                List.of(new TopicPartitions(SimCluster.DATA, List.of(0))),
                                true))));
    }

    private void answered(long mine, SimNode from, Runnable then) {
        world.send(from.id, World.CLIENTS, () -> {
            if (waits && number == mine) {
                waits = false;
                then.run();
            }
        });
    }

    private void told(GroupReply.Fetched fetched, long atLeast, boolean counts) {
        if (fetched.unstable().isEmpty() && counts) {
            answers++;
            offset = fetched.offsets().stream()
                    .map(FetchedOffset::committed)
                    .mapToLong(committed -> committed.offset())
                    .findFirst()
                    .orElse(-1);
            cluster.transactions.sawOffset(groupId, offset, atLeast);
        }
    }
}
