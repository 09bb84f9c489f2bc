package io.robustmq.server.cluster;

import io.robustmq.core.error.BrokerError;
import io.robustmq.core.share.AcknowledgeType;
import io.robustmq.core.share.ShareCommand.OffsetRange;
import io.robustmq.core.share.ShareReply.AcquiredRange;
import java.util.ArrayDeque;
import java.util.List;

/** A member of a share group: gets records, and accepts them, gives them back, or keeps them until others get them. */
final class ShareClient {
    private static final int PATIENCE_MS = 500;

    private final String memberId;
    private final World world;
    private final SimCluster cluster;
    private final ShareHistory history;
    private final ArrayDeque<OffsetRange> held = new ArrayDeque<>();
    private int index;
    private boolean waits;
    private long askedAtMs;
    private long number;
    private int emptyAnswers;

    ShareClient(String memberId, SimCluster cluster) {
        this.memberId = memberId;
        this.cluster = cluster;
        this.world = cluster.world;
        this.history = cluster.shares;
        act();
    }

    /** It was told of each partition, several times, that there is nothing. */
    boolean isAtRest() {
        return emptyAnswers > 6 * SimCluster.DATA_PARTITIONS;
    }

    void rest() {
        emptyAnswers = 0;
    }

    private void act() {
        world.later(20 + world.random.nextInt(50), this::act);
        if (waits && world.now - askedAtMs < PATIENCE_MS) {
            return;
        }
        waits = false;
        if (world.chance(20)) {
            // It forgets what it has.
            held.clear();
        }
        if (held.isEmpty()) {
            acquire();
        } else {
            acknowledge(held.remove());
        }
    }

    private void acquire() {
        index = world.random.nextInt(SimCluster.DATA_PARTITIONS);
        int at = index;
        send(at, (services, mine, leader) -> {
            long asked = askedAtMs;
            services.shareDesk.acquire(
                    cluster.dataPartition(at), memberId, ranges -> back(leader, mine, () -> given(at, asked, ranges)));
        });
    }

    private void given(int at, long asked, List<AcquiredRange> ranges) {
        emptyAnswers = ranges.isEmpty() ? emptyAnswers + 1 : 0;
        for (AcquiredRange range : ranges) {
            held.add(new OffsetRange(range.first(), range.last()));
            for (long offset = range.first(); offset <= range.last(); offset++) {
                history.given(at, offset, asked);
            }
        }
    }

    private void acknowledge(OffsetRange range) {
        int at = index;
        boolean gives = world.chance(5);
        AcknowledgeType type = gives ? AcknowledgeType.RELEASE : AcknowledgeType.ACCEPT;
        send(at, (services, mine, leader) -> {
            for (long offset = range.first(); offset <= range.last() && !gives; offset++) {
                history.acknowledging(at, offset);
            }
            services.shareDesk.acknowledge(
                    cluster.dataPartition(at),
                    memberId,
                    range,
                    type,
                    error -> back(leader, mine, () -> {
                        for (long offset = range.first();
                                offset <= range.last() && !gives && error == BrokerError.NONE;
                                offset++) {
                            history.accepted(at, offset);
                        }
                    }));
        });
    }

    /** At the node that leads the partition. */
    private interface Question {
        void put(NodeServices services, long number, SimNode node);
    }

    private void send(int at, Question question) {
        SimNode leader = cluster.leaderOf(SimCluster.DATA, at);
        if (leader == null) {
            return;
        }
        waits = true;
        askedAtMs = world.now;
        long mine = ++number;
        world.sendOnce(
                World.CLIENTS,
                leader.id,
                () -> leader.serve(services -> {
                    // Nothing comes from a connection that was given up.
                    if (waits && number == mine) {
                        question.put(services, mine, leader);
                    }
                }));
    }

    private void back(SimNode from, long mine, Runnable told) {
        world.sendOnce(from.id, World.CLIENTS, () -> {
            if (waits && number == mine) {
                waits = false;
                told.run();
            }
        });
    }
}
