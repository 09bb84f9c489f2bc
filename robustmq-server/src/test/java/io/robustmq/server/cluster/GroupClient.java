package io.robustmq.server.cluster;

import io.robustmq.core.error.BrokerError;
import io.robustmq.core.group.Bytes;
import io.robustmq.core.group.GroupCommand;
import io.robustmq.core.group.GroupCommand.Client;
import io.robustmq.core.group.GroupCommand.CommitOffsets;
import io.robustmq.core.group.GroupCommand.FetchOffsets;
import io.robustmq.core.group.GroupCommand.Heartbeat;
import io.robustmq.core.group.GroupCommand.Join;
import io.robustmq.core.group.GroupCommand.JoinOptions;
import io.robustmq.core.group.GroupCommand.JoinProtocol;
import io.robustmq.core.group.GroupCommand.Leave;
import io.robustmq.core.group.GroupCommand.Leaver;
import io.robustmq.core.group.GroupCommand.MemberTerms;
import io.robustmq.core.group.GroupCommand.Membership;
import io.robustmq.core.group.GroupCommand.OffsetToCommit;
import io.robustmq.core.group.GroupCommand.Sync;
import io.robustmq.core.group.GroupCommand.TopicPartitions;
import io.robustmq.core.group.GroupReply;
import io.robustmq.core.group.GroupReply.FetchedOffset;
import io.robustmq.core.group.GroupReply.Joined;
import io.robustmq.core.group.GroupReply.JoinedMember;
import io.robustmq.core.group.Requester;
import io.robustmq.core.model.TopicId;
import io.robustmq.core.model.TopicName;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Function;

/** A member of a group of the classic protocol: joins, is assigned partitions, and commits how far it has come in them. */
final class GroupClient {
    private static final String GROUP = "g";
    private static final int PATIENCE_MS = 400;
    private static final int REBALANCE_MS = 1_000;
    private static final int SESSION_MS = 1_500;
    private static final MemberTerms TERMS = new MemberTerms(
            REBALANCE_MS, SESSION_MS, "consumer", List.of(new JoinProtocol("range", Bytes.of(new byte[] {0, 1}))));

    private final int index;
    private final World world;
    private final SimCluster cluster;
    private final GroupHistory history;
    private String memberId = "";
    private int generation = -1;
    private boolean stable;
    private final Map<Integer, Long> positions = new HashMap<>();
    private final List<Integer> unread = new ArrayList<>();
    private boolean waits;
    private long deadlineMs;
    private long number;
    private int ids;
    private boolean rests;
    private int quietBeats;

    GroupClient(int index, SimCluster cluster) {
        this.index = index;
        this.cluster = cluster;
        this.world = cluster.world;
        this.history = cluster.groups;
        act();
    }

    void rest() {
        rests = true;
    }

    /** It has been a member for a while, and has read where its partitions are. */
    boolean isAtRest() {
        return rests && quietBeats > 5;
    }

    private void act() {
        world.later(20 + world.random.nextInt(60), this::act);
        if (waits && world.now < deadlineMs) {
            return;
        }
        if (waits) {
            // Whatever it was: it is asked again, as whoever it is now.
            waits = false;
        }
        if (!stable) {
            quietBeats = 0;
            join();
        } else if (!unread.isEmpty()) {
            fetch(unread.get(0));
        } else if (world.chance(80)) {
            leave();
        } else if (!positions.isEmpty() && world.random.nextInt(3) > 0) {
            commit();
        } else {
            heartbeat();
        }
    }

    private void forget() {
        memberId = "";
        generation = -1;
        stable = false;
    }

    private Membership me() {
        return new Membership(generation, memberId, null);
    }

    private void ask(int patienceMs, Function<Requester, GroupCommand> command, BiConsumer<GroupReply, Boolean> then) {
        SimNode leader = cluster.leaderOf(TopicName.CONSUMER_OFFSETS, 0);
        if (leader == null) {
            return;
        }
        waits = true;
        deadlineMs = world.now + patienceMs;
        long mine = ++number;
        Requester answer = new Requester() {
            @Override
            public void answer(GroupReply reply) {
                boolean counts = cluster.leads(leader, TopicName.CONSUMER_OFFSETS, 0);
                back(() -> then.accept(reply, counts));
            }

            @Override
            public void refuse(BrokerError error) {
                back(() -> {});
            }

            private void back(Runnable told) {
                world.sendOnce(leader.id, World.CLIENTS, () -> {
                    if (waits && number == mine) {
                        waits = false;
                        told.run();
                    }
                });
            }
        };
        world.sendOnce(
                World.CLIENTS,
                leader.id,
                () -> leader.serve(services -> {
                    // Nothing comes from a connection that was given up.
                    if (waits && number == mine) {
                        services.groups.submit(GROUP, command.apply(answer));
                    }
                }));
    }

    private void join() {
        String fresh = "m" + index + "." + ++ids;
        ask(
                2 * REBALANCE_MS,
                answer -> new Join(
                        answer,
                        GROUP,
                        memberId,
                        null,
                        new Client("client" + index, "host"),
                        TERMS,
                        new JoinOptions(true, false, fresh),
                        cluster.meta.image),
                (reply, counts) -> joined((Joined) reply));
    }

    private void joined(Joined joined) {
        if (joined.error() == BrokerError.MEMBER_ID_REQUIRED) {
            memberId = joined.memberId();
        } else if (joined.error() == BrokerError.NONE) {
            memberId = joined.memberId();
            generation = joined.generation();
            sync(joined);
        } else if (joined.error() != BrokerError.REBALANCE_IN_PROGRESS) {
            forget();
        }
    }

    private void sync(Joined joined) {
        List<String> members =
                joined.members().stream().map(JoinedMember::memberId).sorted().toList();
        Map<String, Bytes> assignments = new HashMap<>();
        for (int i = 0; i < members.size(); i++) {
            byte[] owned = new byte[SimCluster.DATA_PARTITIONS];
            for (int partition = 0; partition < owned.length; partition++) {
                owned[partition] = (byte) (partition % members.size() == i ? 1 : 0);
            }
            assignments.put(members.get(i), Bytes.of(owned));
        }
        ask(
                2 * REBALANCE_MS,
                answer -> new Sync(answer, GROUP, me(), "consumer", "range", assignments),
                (reply, counts) -> synced((GroupReply.Synced) reply));
    }

    private void synced(GroupReply.Synced synced) {
        if (synced.error() == BrokerError.NONE) {
            stable = true;
            positions.clear();
            unread.clear();
            byte[] owned = synced.assignment().array();
            for (int partition = 0; partition < owned.length; partition++) {
                if (owned[partition] > 0) {
                    history.owns(generation, partition, memberId);
                    unread.add(partition);
                }
            }
        } else if (synced.error() != BrokerError.REBALANCE_IN_PROGRESS) {
            forget();
        }
    }

    /** An error says that the group is not as the member thought. */
    private void heard(BrokerError error) {
        if (error == BrokerError.NONE) {
            quietBeats += rests ? 1 : 0;
        } else if (error == BrokerError.REBALANCE_IN_PROGRESS) {
            stable = false;
        } else {
            forget();
        }
    }

    private void heartbeat() {
        ask(
                PATIENCE_MS,
                answer -> new Heartbeat(answer, GROUP, me()),
                (reply, counts) -> heard(((GroupReply.Done) reply).error()));
    }

    private void leave() {
        ask(
                PATIENCE_MS,
                answer -> new Leave(answer, GROUP, List.of(new Leaver(memberId, null))),
                (reply, counts) -> forget());
    }

    private void fetch(int partition) {
        long atLeast = history.committed(partition);
        ask(
                PATIENCE_MS,
                answer -> new FetchOffsets(
                        answer, GROUP, List.of(new TopicPartitions(SimCluster.DATA, List.of(partition)))),
                (reply, counts) -> {
                    long offset = ((GroupReply.Fetched) reply)
                            .offsets().stream()
                                    .map(FetchedOffset::committed)
                                    .mapToLong(committed -> committed.offset())
                                    .findFirst()
                                    .orElse(-1);
                    if (counts) {
                        history.fetched(partition, offset, atLeast);
                    }
                    // From one that was followed by another it may be old; then it asks again.
                    if (counts && unread.remove(Integer.valueOf(partition))) {
                        positions.put(partition, offset);
                    }
                });
    }

    private void commit() {
        List<Integer> mine = List.copyOf(positions.keySet());
        int partition = mine.get(world.random.nextInt(mine.size()));
        long next = positions.get(partition) + 1;
        positions.put(partition, next);
        ask(
                PATIENCE_MS,
                answer -> new CommitOffsets(
                        answer,
                        GROUP,
                        me(),
                        -1,
                        false,
                        List.of(new OffsetToCommit(SimCluster.DATA, TopicId.ZERO, partition, next, -1, ""))),
                (reply, counts) -> {
                    BrokerError error = ((GroupReply.Outcomes) reply).errors().get(0);
                    if (error == BrokerError.NONE) {
                        history.committed(partition, next);
                    }
                    heard(error);
                });
    }
}
