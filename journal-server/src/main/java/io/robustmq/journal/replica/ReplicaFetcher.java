package io.robustmq.journal.replica;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.model.Partition;
import io.robustmq.core.port.NodeLink;
import io.robustmq.journal.replica.ReplicaThrottle.Role;
import io.robustmq.journal.shard.FetchAnswer;
import io.robustmq.journal.shard.FetchPosition;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fetches from one node what this node follows there. Owned by its loop; {@link #follow} and {@link #leave} hand over to it.
 *
 * <pre>
 *   idle ── something to follow ──► asked ── answer ──► appending ── all appended ──► asked ...
 *    ▲                                │ no answer
 *    └──────────── pause ─────────────┘
 * </pre>
 *
 * A fetch waits at the leader; when something changes here meanwhile, a second one is sent after it, which ends the wait. So
 * an answer may be to a position that is not the present one: it is left alone, as the present one is under way.
 */
public final class ReplicaFetcher {
    private static final Logger LOG = LoggerFactory.getLogger(ReplicaFetcher.class);
    private static final int ANSWER_BYTES_MAX = 8 << 20;
    private static final int WAIT_MS = 500;
    private static final int ANSWER_MS_MAX = 10_000;
    private static final int PAUSE_MS = 50;
    private static final int PAUSE_MS_MAX = 1_000;
    private static final int ASKED_MAX = 2;

    private final int leader;
    private final int nodeId;
    private final LongSupplier incarnation;
    private final NodeLink link;
    private final ReplicaThrottle throttle;
    private final Loop loop;
    private final Map<Partition, Followed> followed = new HashMap<>();
    private final Map<Partition, FetchPosition> changed = new LinkedHashMap<>();
    private final Set<Partition> removed = new HashSet<>();
    /** Where the leader had heard that this node stands when it gave the answer that is read. */
    private final Map<Partition, FetchPosition> heard = new HashMap<>();

    private boolean fresh = true;
    private boolean pausing;
    private boolean askScheduled;
    private int asked;
    private int appending;
    private int pauseMs = PAUSE_MS;

    /** A partition, and where it stood when that was last told to the leader. */
    private static final class Followed {
        private final ReplicaLog log;
        private @Nullable FetchPosition position;
        /** What the leader said last to be committed. */
        private long committed = Long.MAX_VALUE;

        private Followed(ReplicaLog log) {
            this.log = log;
        }
    }

    /**
     * @param incarnation of this node, so that the leader knows what became of an earlier process
     */
    public ReplicaFetcher(
            int leader, int nodeId, LongSupplier incarnation, NodeLink link, ReplicaThrottle throttle, Loop loop) {
        this.leader = leader;
        this.nodeId = nodeId;
        this.incarnation = incarnation;
        this.link = link;
        this.throttle = throttle;
        this.loop = loop;
    }

    /** Begins to follow, or goes on from where the log stands now. */
    public void follow(Partition partition, ReplicaLog log) {
        loop.run(() -> {
            Followed each = new Followed(log);
            followed.put(partition, each);
            log.position(loop, position -> stands(partition, each, position));
        });
    }

    public void leave(Partition partition) {
        loop.run(() -> {
            if (followed.remove(partition) != null) {
                changed.remove(partition);
                removed.add(partition);
                askSoon();
            }
        });
    }

    /** Tells the leader everything again: this node has begun a new life. */
    public void renew() {
        loop.run(() -> {
            fresh = true;
            askSoon();
        });
    }

    /** Somebody waits here for what is committed of the partition: its leader is to tell it at once. */
    public void readersCame(Partition partition) {
        loop.run(() -> {
            Followed each = followed.get(partition);
            if (each != null && each.position != null) {
                changed.putIfAbsent(partition, each.position);
                askSoon();
            }
        });
    }

    /** What comes in one turn of the loop is asked together. */
    private void askSoon() {
        if (!askScheduled) {
            askScheduled = true;
            loop.execute(() -> {
                askScheduled = false;
                ask();
            });
        }
    }

    private void ask() {
        boolean news = fresh || !changed.isEmpty() || !removed.isEmpty();
        boolean mayAsk = asked == 0 || (news && asked < ASKED_MAX);
        if (pausing || appending > 0 || !mayAsk || followed.isEmpty()) {
            return;
        }
        if (fresh) {
            followed.forEach((partition, each) -> {
                if (each.position != null) {
                    changed.put(partition, each.position);
                }
            });
        }
        FetchCodec.Request request = new FetchCodec.Request(
                nodeId,
                incarnation.getAsLong(),
                fresh,
                ANSWER_BYTES_MAX,
                WAIT_MS,
                Map.copyOf(changed),
                changedWithReaders(),
                List.copyOf(removed));
        ByteBuf body = ByteBufAllocator.DEFAULT.buffer();
        try {
            FetchCodec.write(request, body);
        } catch (RuntimeException | Error e) {
            body.release();
            LOG.error("leader={} action=ask again reason=\"the fetch cannot be written\"", leader, e);
            pause("not written");
            return;
        }
        fresh = false;
        changed.clear();
        removed.clear();
        asked++;
        link.ask(leader, NodeLink.Call.FETCH, body, ANSWER_MS_MAX, loop, answer -> answered(request, answer));
    }

    private Set<Partition> changedWithReaders() {
        return changed.keySet().stream()
                .filter(partition -> {
                    Followed each = followed.get(partition);
                    return each != null && each.log.hasReaders();
                })
                .collect(Collectors.toSet());
    }

    private void answered(FetchCodec.Request request, @Nullable ByteBuf answer) {
        asked--;
        if (request.fresh()) {
            heard.clear();
        }
        request.removed().forEach(heard::remove);
        heard.putAll(request.changed());
        if (answer == null) {
            pause("no answer");
            return;
        }
        pauseMs = PAUSE_MS;
        try {
            while (answer.isReadable()) {
                Partition partition = FetchCodec.readPartition(answer);
                FetchAnswer head = FetchCodec.readAnswer(answer);
                ByteBuf batches = answer.readRetainedSlice(answer.readInt());
                take(partition, head, batches);
            }
        } catch (RuntimeException | Error e) {
            LOG.warn("leader={} action=ask again reason=\"its answer cannot be taken\"", leader, e);
            pause("malformed");
            return;
        }
        if (appending == 0) {
            ask();
        }
    }

    private void take(Partition partition, FetchAnswer head, ByteBuf batches) {
        Followed each = followed.get(partition);
        FetchPosition position = each == null ? null : each.position;
        if (each == null || position == null || !position.equals(heard.get(partition))) {
            batches.release();
            return;
        }
        each.committed = head.highWatermark();
        throttle.took(Role.FETCHES, each.log.held(), batches.readableBytes(), loop.nanoTime());
        appending++;
        each.log.answered(position, head, batches, loop, next -> {
            appending--;
            if (followed.get(partition) == each) {
                stands(partition, each, next);
            }
            if (appending == 0) {
                askSoon();
            }
        });
    }

    private void stands(Partition partition, Followed each, @Nullable FetchPosition position) {
        if (followed.get(partition) != each) {
            return;
        }
        int waitMs = position == null ? PAUSE_MS : restMs(each, position);
        if (position == null || waitMs > 0) {
            // Not now: what the leader remembers of it is of no use.
            each.position = null;
            changed.remove(partition);
            removed.add(partition);
            loop.schedule(waitMs, () -> again(partition, each));
        } else if (!position.equals(each.position)) {
            each.position = position;
            removed.remove(partition);
            changed.put(partition, position);
        }
        askSoon();
    }

    /** How long to ask for nothing, by the rates; who has all that is committed may be in sync soon, and asks. */
    private int restMs(Followed each, FetchPosition position) {
        return position.fetchOffset() >= each.committed
                ? 0
                : throttle.waitMs(Role.FETCHES, each.log.held(), loop.nanoTime());
    }

    private void again(Partition partition, Followed each) {
        if (followed.get(partition) == each) {
            each.log.position(loop, position -> stands(partition, each, position));
        }
    }

    /** The connection is gone, and with it what the leader remembers. */
    private void pause(String reason) {
        fresh = true;
        if (!pausing) {
            pausing = true;
            LOG.debug("leader={} action=pause ms={} reason=\"{}\"", leader, pauseMs, reason);
            loop.schedule(pauseMs, () -> {
                pausing = false;
                ask();
            });
            pauseMs = Math.min(2 * pauseMs, PAUSE_MS_MAX);
        }
    }
}
