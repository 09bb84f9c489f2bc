package io.robustmq.server.cluster;

import io.robustmq.core.loop.Loop;
import io.robustmq.core.loop.LoopGroup;
import io.robustmq.core.meta.MetaCommand.AlterInSync;
import io.robustmq.core.meta.MetaCommand.RegisterNode;
import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.meta.MetaReply;
import io.robustmq.core.meta.NodeImage;
import io.robustmq.core.model.Partition;
import io.robustmq.journal.shard.FetchPosition;
import io.robustmq.server.replication.SimReplica.Fetched;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A node: its disk with replicas, which stays, and its process with loops and coordinators, which comes and goes. */
final class SimNode implements LoopGroup {
    private static final int FETCH_MAX = 32;
    private static final int BEAT_MS = 60;
    private static final int LOOPS = 2;

    final int id;
    final Map<Partition, SimShard> shards = new LinkedHashMap<>();
    final World world;
    final SimCluster cluster;
    boolean up;
    long incarnation = -1;
    private int life;
    private long leaseUntil;
    private long stoppedUntil;
    /** What it knew last, and finds again when it starts. */
    private MetaImage known = MetaImage.EMPTY;

    private List<NodeLoop> loops = List.of();
    private @Nullable SimMetaLog metaLog;

    @Nullable
    NodeServices services;

    SimNode(int id, SimCluster cluster) {
        this.id = id;
        this.cluster = cluster;
        this.world = cluster.world;
    }

    // ---- the process

    void start() {
        world.note(() -> "node " + id + " starts");
        up = true;
        List<NodeLoop> fresh = new ArrayList<>();
        for (int i = 0; i < LOOPS; i++) {
            fresh.add(new NodeLoop(world, this));
        }
        loops = List.copyOf(fresh);
        SimMetaLog log = new SimMetaLog(world, known);
        metaLog = log;
        services = new NodeServices(this, new SimJournal(this), log);
    }

    /** Whatever ran is gone. The replicas are crashed, or stopped, by whoever calls. */
    void end() {
        world.note(() -> "node " + id + " ends");
        up = false;
        life++;
        incarnation = -1;
        leaseUntil = 0;
        stoppedUntil = 0;
        loops.forEach(NodeLoop::end);
        if (metaLog != null) {
            metaLog.end();
        }
        metaLog = null;
        services = null;
        shards.values().forEach(SimShard::ended);
    }

    void restart() {
        shards.values().forEach(shard -> shard.replica.restart());
        start();
    }

    /** Stands still, and does not know. */
    void stop(long ms) {
        world.note(() -> "node " + id + " stands still for " + ms + " ms");
        stoppedUntil = world.now + ms;
    }

    boolean isStopped() {
        return stoppedUntil > world.now;
    }

    long stoppedForMs() {
        return stoppedUntil - world.now;
    }

    private boolean runs() {
        return up && !isStopped();
    }

    @Override
    public List<Loop> loops() {
        return List.copyOf(loops);
    }

    /** A request has come: it is handled in some loop, if the process lives. */
    void serve(Consumer<NodeServices> request) {
        NodeServices present = services;
        if (up && present != null) {
            loops.get(0).execute(() -> request.accept(present));
        }
    }

    /** Which of its processes this is. */
    int life() {
        return life;
    }

    boolean isLeased() {
        return leaseUntil > world.now;
    }

    boolean hasJoined() {
        return incarnation >= 0 && isRegistered(known);
    }

    private boolean isRegistered(MetaImage image) {
        NodeImage self = image.nodes().get(id);
        return self != null && self.incarnationEpoch() == incarnation;
    }

    /** The newest that its services have. */
    MetaImage image() {
        return metaLog == null ? known : metaLog.image();
    }

    void begin() {
        world.later(1, this::fetch);
        world.later(1, this::tick);
        world.later(1, this::beat);
    }

    // ---- the metadata

    void show(MetaImage image) {
        if (up && isStopped()) {
            world.later(stoppedForMs(), () -> show(image));
            return;
        }
        SimMetaLog log = metaLog;
        if (log == null) {
            return;
        }
        if (image.index() > known.index()) {
            known = image;
            shards.values().forEach(shard -> shard.onImage(image));
            log.show(image);
        } else if (image.index() == known.index()) {
            // The incarnation may be known only now.
            shards.values().forEach(shard -> shard.onImage(image));
        }
    }

    private void beat() {
        world.later(BEAT_MS, this::beat);
        if (!runs()) {
            return;
        }
        NodeImage self = known.nodes().get(id);
        if (incarnation < 0 || (isRegistered(known) && self != null && self.fenced())) {
            register();
            return;
        }
        long sentAt = world.now;
        long mine = incarnation;
        int now = life;
        world.sendOnce(id, World.META, () -> {
            boolean lives = cluster.meta.heard(id, mine);
            MetaImage newest = cluster.meta.image;
            world.sendOnce(World.META, id, () -> {
                if (life == now) {
                    leaseUntil = lives ? Math.max(leaseUntil, sentAt + SimMeta.SESSION_MS) : leaseUntil;
                    show(newest);
                }
            });
        });
    }

    void register() {
        int now = life;
        world.sendOnce(id, World.META, () -> {
            NodeImage self = cluster.meta.image.nodes().get(id);
            boolean stands = self != null && self.incarnationEpoch() == incarnation && !self.fenced();
            if (!up || life != now || stands) {
                return;
            }
            long previous =
                    incarnation >= 0 ? incarnation : shards.values().iterator().next().replica.previous;
            MetaReply reply = cluster.meta.decide(new RegisterNode(id, "", Map.of(), previous));
            if (reply instanceof MetaReply.Registered registered) {
                incarnation = registered.incarnationEpoch();
                cluster.meta.heard(id, incarnation);
                shards.values().forEach(shard -> {
                    shard.replica.incarnation = incarnation;
                    shard.replica.previous = -1;
                    shard.replica.lost = false;
                });
            }
        });
    }

    // ---- replication

    private record Asked(Partition partition, FetchPosition position) {}

    private record Answered(Asked asked, Fetched fetched) {}

    private void fetch() {
        world.later(3 + world.random.nextInt(9), this::fetch);
        if (!runs() || incarnation < 0) {
            return;
        }
        Map<Integer, List<Asked>> byLeader = new TreeMap<>();
        for (SimShard shard : shards.values()) {
            FetchPosition position = shard.replica.position();
            int leader = shard.replica.leaderNode;
            if (position != null && leader >= 1 && leader != id) {
                byLeader.computeIfAbsent(leader, node -> new ArrayList<>()).add(new Asked(shard.partition, position));
            }
        }
        long mine = incarnation;
        byLeader.forEach((node, asked) -> {
            SimNode leader = cluster.node(node);
            world.send(id, node, () -> leader.answer(this, mine, asked));
        });
    }

    private void answer(SimNode follower, long itsIncarnation, List<Asked> asked) {
        if (!runs()) {
            return;
        }
        List<Answered> answers = new ArrayList<>();
        for (Asked each : asked) {
            SimShard shard = cluster.shard(id, each.partition);
            answers.add(new Answered(
                    each, shard.replica.onFetch(follower.id, itsIncarnation, each.position, FETCH_MAX, world.now)));
            shard.advance();
        }
        world.send(id, follower.id, () -> follower.answered(itsIncarnation, answers));
    }

    private void answered(long asIncarnation, List<Answered> answers) {
        if (!runs() || incarnation != asIncarnation) {
            return;
        }
        for (Answered each : answers) {
            cluster.shard(id, each.asked.partition).replica.onAnswer(each.asked.position, each.fetched);
        }
    }

    private void tick() {
        world.later(8 + world.random.nextInt(16), this::tick);
        if (!runs()) {
            return;
        }
        for (SimShard shard : shards.values()) {
            if (shard.replica.wantsSync() || world.random.nextInt(10) == 0) {
                shard.replica.sync();
            }
            shard.advance();
            AlterInSync command = shard.replica.propose(world.now);
            if (command != null) {
                propose(shard, command);
            }
        }
    }

    private void propose(SimShard shard, AlterInSync command) {
        world.send(id, World.META, () -> {
            boolean made = cluster.meta.decide(command) instanceof MetaReply.Done;
            MetaImage decided = cluster.meta.image;
            if (!made) {
                world.sendOnce(World.META, id, () -> {
                    // A node is answered when it has seen what the answer was decided on.
                    show(decided);
                    shard.replica.refused(command, world.now);
                });
            }
        });
        // Without an answer, it is not known either.
        world.later(200, () -> shard.replica.unanswered(command, world.now));
    }
}
