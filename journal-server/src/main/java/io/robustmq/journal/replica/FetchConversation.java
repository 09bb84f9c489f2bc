package io.robustmq.journal.replica;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.robustmq.core.loop.Cancellable;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.model.Partition;
import io.robustmq.core.port.NodeLink;
import io.robustmq.journal.replica.ReplicaThrottle.Role;
import io.robustmq.journal.shard.FetchAnswer;
import io.robustmq.journal.shard.FetchAnswer.Outcome;
import io.robustmq.journal.shard.FetchPosition;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One node's fetches from this one: remembers the position in every partition, so that a fetch names only those that
 * changed, and looks only into partitions that have something new. Owned by the connection's loop; growth is told from any
 * thread.
 */
final class FetchConversation implements NodeLink.Conversation {
    private static final int PARTITION_BYTES_MAX = 1 << 20;
    /** What comes after an answer this large is worth another one. */
    private static final int GATHERED_BYTES_MAX = 64 << 10;
    /** After one was held back and nothing more came, so many answers are not. */
    private static final int AT_ONCE_AFTER_NOTHING = 64;

    private final Function<Partition, @Nullable ReplicaLog> logs;
    private final ReplicaThrottle throttle;
    private final long paceMs;
    private final long paceNs;
    private final Loop loop;
    private final Map<Partition, Followed> followed = new HashMap<>();
    private final Set<Followed> ready = new LinkedHashSet<>();
    private final Queue<Followed> grown = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean wakeScheduled = new AtomicBoolean();
    private NodeLink.@Nullable Answer pending;
    private int maxBytes;
    private int node = -1;
    private Cancellable deadline = Cancellable.NOTHING;
    private Cancellable rest = Cancellable.NOTHING;
    private long sentNs;
    /** Whether what was sent last was small. */
    private boolean isSentFew;

    private boolean gathers;
    /** How often partitions have grown since batches were sent. */
    private int growths;

    private int atOnce;

    /** @param paceMs how long after an answer with batches what comes is gathered for the next one */
    FetchConversation(
            Function<Partition, @Nullable ReplicaLog> logs, ReplicaThrottle throttle, long paceMs, Loop loop) {
        this.logs = logs;
        this.throttle = throttle;
        this.paceMs = paceMs;
        this.paceNs = TimeUnit.MILLISECONDS.toNanos(paceMs);
        this.loop = loop;
    }

    /** A partition that the other node follows here. */
    private final class Followed implements ReplicaLog.Growth {
        private final Partition partition;
        private final @Nullable ReplicaLog log;
        private final Cancellable growth;
        private final AtomicBoolean told = new AtomicBoolean();
        private final AtomicBoolean grew = new AtomicBoolean();
        private FetchPosition position;
        /** The other node has readers of it. */
        private volatile boolean isRead;

        private long sentHighWatermark = -1;
        /** What lies below is in the object store, and need not be kept. */
        private long sentLocalStart = -1;
        /** With batches, or that there are none for it: it takes these before it is sent more, and says where it stands then. */
        private boolean answered;
        /** It said twice that it stands there. */
        private boolean isRepeated;

        /** @param log null for a partition that is not here */
        private Followed(Partition partition, @Nullable ReplicaLog log, FetchPosition position) {
            this.partition = partition;
            this.log = log;
            this.position = position;
            this.growth = log == null ? Cancellable.NOTHING : log.onGrowth(this);
        }

        private void forgetSent() {
            sentHighWatermark = -1;
            sentLocalStart = -1;
        }

        private Held held() {
            return log == null ? Held.NO : log.heldFor(node);
        }

        private ReplicaLog.Fetched read(int bytesMax) {
            return log == null ? new ReplicaLog.Fetched(FetchAnswer.refused(-1), null) : log.read(position, bytesMax);
        }

        @Override
        public void grew() {
            grew.set(true);
            tell();
            wakeSoon();
        }

        /** Where nobody reads it is heard of with what comes next. */
        @Override
        public void committed() {
            tell();
            if (isRead) {
                wakeSoon();
            }
        }

        private void tell() {
            if (told.compareAndSet(false, true)) {
                grown.add(this);
            }
        }
    }

    private void wakeSoon() {
        if (wakeScheduled.compareAndSet(false, true)) {
            loop.execute(this::wake);
        }
    }

    @Override
    public void onCall(ByteBuf body, NodeLink.Answer answer) {
        if (pending != null) {
            respond(true);
        }
        FetchCodec.Request request = FetchCodec.readRequest(body);
        pending = answer;
        node = request.node();
        maxBytes = request.maxBytes();
        if (request.fresh()) {
            ended();
        }
        request.removed().forEach(this::remove);
        request.changed().forEach((partition, position) -> change(request, partition, position));
        deadline = loop.schedule(request.maxWaitMs(), () -> respond(true));
        gather();
    }

    @Override
    public void ended() {
        followed.values().forEach(each -> each.growth.cancel());
        followed.clear();
        ready.clear();
    }

    private void change(FetchCodec.Request request, Partition partition, FetchPosition position) {
        Followed known = followed.get(partition);
        ReplicaLog log = logs.apply(partition);
        if (log == null || (known != null && known.log != log)) {
            remove(partition);
            known = null;
        }
        boolean isRepeated = known != null && position.equals(known.position);
        if (known == null) {
            known = new Followed(partition, log, position);
            followed.put(partition, known);
        }
        if (isRepeated || known.isRepeated) {
            // What was sent for it may not have been taken: of two answers to the same position one is dropped.
            known.forgetSent();
        }
        known.isRepeated = isRepeated;
        known.position = position;
        known.isRead = request.read().contains(partition);
        known.answered = false;
        ready.add(known);
        if (log != null) {
            log.heard(request.node(), request.incarnation(), position);
        }
    }

    private void remove(Partition partition) {
        Followed gone = followed.remove(partition);
        if (gone != null) {
            gone.growth.cancel();
            ready.remove(gone);
        }
    }

    private void wake() {
        wakeScheduled.set(false);
        takeGrown();
        if (pending != null) {
            gather();
        }
    }

    private void takeGrown() {
        for (Followed next = grown.poll(); next != null; next = grown.poll()) {
            next.told.set(false);
            if (next.grew.getAndSet(false)) {
                growths++;
            }
            if (followed.get(next.partition) == next && !next.answered) {
                ready.add(next);
            }
        }
    }

    /**
     * Sends what there is, at once or, right after batches were sent, with what comes in the next moment. Not where nothing comes:
     * who appends the next only when this is acknowledged is not kept waiting.
     */
    private void gather() {
        if (gathers) {
            return;
        }
        boolean isSoon = isSentFew && growths > 0 && loop.nanoTime() - sentNs < paceNs;
        if (!isSoon || atOnce > 0) {
            atOnce -= isSoon ? 1 : 0;
            respond(false);
            return;
        }
        gathers = true;
        loop.schedule(paceMs, () -> {
            gathers = false;
            atOnce = growths > 1 ? 0 : AT_ONCE_AFTER_NOTHING;
            respond(false);
        });
    }

    /**
     * Sends what there is; unless it is {@code due}, only when there is more than new high watermarks. Of what is held to a
     * rate that is used up only what costs nothing.
     */
    private void respond(boolean due) {
        NodeLink.Answer answer = pending;
        if (answer == null) {
            return;
        }
        takeGrown();
        List<Object> parts = new ArrayList<>();
        List<Followed> quiet = new ArrayList<>();
        List<Followed> resting = new ArrayList<>();
        List<Followed> looked = new ArrayList<>(ready);
        int bytes = 0;
        int restMs = 0;
        for (Followed each : looked) {
            if (bytes >= maxBytes) {
                break;
            }
            ready.remove(each);
            Held held = each.held();
            int waitMs = throttle.waitMs(Role.SENDS, held, loop.nanoTime());
            int bytesMax = Math.min(PARTITION_BYTES_MAX, maxBytes - bytes);
            ReplicaLog.Fetched fetched = each.read(waitMs > 0 ? 0 : throttle.bytesMax(Role.SENDS, held, bytesMax));
            if (fetched.bytes() > 0 || fetched.answer().outcome() != Outcome.AGREES) {
                bytes += fetched.bytes();
                throttle.took(Role.SENDS, held, fetched.bytes(), loop.nanoTime());
                add(each, fetched, parts);
                continue;
            }
            quiet.add(each);
            if (waitMs > 0) {
                resting.add(each);
                restMs = restMs == 0 ? waitMs : Math.min(restMs, waitMs);
            }
        }
        boolean news = due || quiet.stream().anyMatch(each -> each.isRead && hasNews(each));
        if (parts.isEmpty() && !news) {
            ready.addAll(quiet);
            if (restMs > 0) {
                rest.cancel();
                rest = loop.schedule(restMs, () -> respond(false));
            }
            return;
        }
        for (Followed each : quiet) {
            addHighWatermark(each, parts);
        }
        ready.addAll(resting);
        if (bytes > 0) {
            sentNs = loop.nanoTime();
            isSentFew = bytes < GATHERED_BYTES_MAX;
            growths = 0;
        }
        pending = null;
        deadline.cancel();
        rest.cancel();
        answer.send(parts.toArray());
    }

    /** Whether more is committed than the follower knows. */
    private static boolean hasNews(Followed each) {
        ReplicaLog.Fetched fetched = each.read(0);
        if (fetched.slice() != null) {
            fetched.slice().close();
        }
        return fetched.answer().highWatermark() > each.sentHighWatermark;
    }

    private static void add(Followed each, ReplicaLog.Fetched fetched, List<Object> parts) {
        FetchAnswer answer = fetched.answer();
        boolean agrees = answer.outcome() == Outcome.AGREES;
        each.answered = !agrees || fetched.bytes() > 0;
        if (agrees) {
            each.sentHighWatermark = answer.highWatermark();
            each.sentLocalStart = answer.localStart();
        } else {
            // It takes nothing else of it, and begins anew elsewhere.
            each.forgetSent();
        }
        ByteBuf head = ByteBufAllocator.DEFAULT.buffer(FetchCodec.answerBytes());
        FetchCodec.write(each.partition, answer, fetched.bytes(), head);
        parts.add(head);
        if (fetched.slice() != null) {
            parts.add(fetched.slice().toOutbound());
        }
    }

    private static void addHighWatermark(Followed each, List<Object> parts) {
        ReplicaLog.Fetched fetched = each.read(0);
        if (fetched.slice() != null) {
            fetched.slice().close();
        }
        FetchAnswer answer = fetched.answer();
        boolean isStored = answer.localStart() > answer.logStart() && answer.localStart() != each.sentLocalStart;
        boolean isNews = answer.highWatermark() > each.sentHighWatermark || isStored;
        if (answer.outcome() == Outcome.AGREES && isNews) {
            add(each, new ReplicaLog.Fetched(answer, null), parts);
        }
    }
}
