package io.robustmq.mqtt.deliver;

import io.robustmq.core.loop.Cancellable;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.model.TopicName;
import io.robustmq.core.retained.RetainedMessage;
import io.robustmq.core.retained.RetainedPage;
import io.robustmq.core.session.SentOf;
import io.robustmq.mqtt.MqttMetrics;
import io.robustmq.mqtt.MqttMetrics.Drop;
import io.robustmq.mqtt.codec.Encoded;
import io.robustmq.mqtt.codec.Frames;
import io.robustmq.mqtt.codec.Outbound;
import io.robustmq.mqtt.codec.PacketWriter;
import io.robustmq.mqtt.session.Backlog;
import io.robustmq.mqtt.session.FlowMachine;
import io.robustmq.mqtt.session.InFlight;
import io.robustmq.mqtt.session.PartitionLog;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a session is behind with: first what is in flight since an earlier connection, then retained messages, then the history
 * that subscriptions asked for, then what the backlog refers to, read from the log again. Owned by the session's loop.
 */
final class CatchUp {
    private static final int DRAIN_BYTES = 1 << 18;
    private static final int RETAINED_PAGE = 256;
    private static final int RETRY_MS = 1000;
    private static final int HISTORY_READS = 4;
    private static final int DUP = 0x08;

    private final Session session;
    private final LogReader reader;
    private final RetainedMessages retainedMessages;
    private final MqttMetrics metrics;
    private final FlowMachine flow;
    private final Backlog backlog;
    private final ArrayDeque<RetainedCursor> retained = new ArrayDeque<>(0);
    private final ArrayDeque<Replay> history = new ArrayDeque<>(0);
    private int historyAwaited;
    private boolean drainScheduled;
    /** For what comes from another node. */
    private Cancellable awaited = Cancellable.NOTHING;

    /** What this drain must not send before it is stored, and what comes behind it. */
    private @Nullable List<Held> held;

    private boolean storing;

    CatchUp(Session session, LogReader reader, RetainedMessages retainedMessages, MqttMetrics metrics) {
        this.session = session;
        this.reader = reader;
        this.retainedMessages = retainedMessages;
        this.metrics = metrics;
        this.flow = session.flow();
        this.backlog = session.backlog();
    }

    /** A PUBLISH that waits for its handshake to be stored. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Held(Frame frame, int flags, int @Nullable [] ids, InFlight sent) {}

    void expectHistory(int subscriptions) {
        historyAwaited += subscriptions;
    }

    void addHistory(List<Replay> replays) {
        historyAwaited--;
        history.addAll(replays);
    }

    void addRetained(List<Subscription> wanted) {
        for (Subscription subscription : wanted) {
            retained.add(new RetainedCursor(subscription));
        }
    }

    /** Sends what the client takes. */
    void drain(Outbound out) {
        Frames frames = new Frames(out.channel().alloc());
        try {
            if (flow.isResuming()) {
                resend(out, frames);
            }
            if (!flow.isResuming() && !storing) {
                drainRetained(out, frames);
            }
            if (retained.isEmpty() && !flow.isResuming() && !storing) {
                drainHistory(out, frames);
            }
            while (isBacklogNext() && out.isWritable() && flow.hasWindow()) {
                if (frames.sizeInBytes() > DRAIN_BYTES) {
                    drainLater(out, 0);
                    break;
                }
                if (!drainRun(out, frames)) {
                    readLater(out, backlog.head().log(), backlog.head().first());
                    break;
                }
            }
            out.finish();
        } finally {
            if (held != null) {
                store(out, frames, held);
                held = null;
            }
            frames.release();
        }
    }

    /** What was taken in one drain is stored together and then sent in its order; nothing overtakes it. */
    private void store(Outbound out, Frames frames, List<Held> batch) {
        storing = true;
        frames.retain();
        FlowStore store = session.store();
        for (Held one : batch) {
            InFlight sent = one.sent;
            if (sent.state() == InFlight.State.STORING) {
                store.keep(session.asStored(sent, false));
                if (sent.via() == null) {
                    store.sentUpTo(new SentOf(sent.log().partition(), sent.qos()), sent.offset() + 1);
                }
            }
        }
        store.whenStored(ok -> {
            storing = false;
            if (ok) {
                batch.forEach(one -> send(out, one));
                out.finish();
                session.drain();
            }
            frames.release();
        });
    }

    /** A connection that came meanwhile sends it again by itself. */
    private void send(Outbound out, Held one) {
        InFlight sent = one.sent;
        if (sent.state() == InFlight.State.STORING) {
            sent.stored();
        }
        if (session.isConnectedTo(out) && flow.find(sent.packetId()) == sent) {
            boolean five = session.isV5();
            out.publish(one.frame.forVersion(five), one.frame.topic(), one.flags, sent.packetId(), one.ids, five);
            metrics.sent(1);
        }
    }

    /** Sends a QoS 1 or 2 message that the client can take, or lets it wait for what must be stored first. */
    private void emit(
            Outbound out, Frame frame, int qos, boolean retain, int @Nullable [] ids, @Nullable Object via, long atMs) {
        InFlight sent = flow.send(frame.log(), frame.offset(), qos, via).publishedAt(atMs);
        int flags = (qos << 1) | (retain ? 1 : 0);
        boolean stored = session.isStored(qos);
        if (stored) {
            sent.storing();
        }
        if (stored || held != null) {
            if (held == null) {
                held = new ArrayList<>();
            }
            held.add(new Held(frame, flags, ids, sent));
            return;
        }
        boolean five = session.isV5();
        out.publish(frame.forVersion(five), frame.topic(), flags, sent.packetId(), ids, five);
        metrics.sent(1);
    }

    /** A connection begins: what was to be done for the last one is not. */
    void reset() {
        drainScheduled = false;
    }

    boolean isBehind() {
        return !backlog.isEmpty() || !retained.isEmpty() || hasHistory() || storing || flow.isResuming();
    }

    private boolean isBacklogNext() {
        return retained.isEmpty() && !hasHistory() && !backlog.isEmpty() && !storing && !flow.isResuming();
    }

    private boolean hasHistory() {
        return historyAwaited > 0 || !history.isEmpty();
    }

    private void drainHistory(Outbound out, Frames frames) {
        for (int reads = 0; !history.isEmpty() && out.isWritable() && flow.hasWindow(); reads++) {
            if (reads == HISTORY_READS || frames.sizeInBytes() > DRAIN_BYTES) {
                drainLater(out, 0);
                return;
            }
            Replay replay = history.element();
            if (!drainHistory(out, frames, replay)) {
                readLater(out, replay.log(), replay.next());
                return;
            }
            if (replay.next() >= replay.end()) {
                history.remove();
            }
        }
    }

    /** False when the log cannot be read now. */
    private boolean drainHistory(Outbound out, Frames frames, Replay replay) {
        long from = replay.next();
        boolean[] full = {false};
        long end = reader.read(replay.log(), from, frames, message -> {
            full[0] = !flow.hasWindow() || !out.isWritable();
            if (full[0] || message.offset() >= replay.end()) {
                return false;
            }
            replay.next(message.offset() + 1);
            sendPast(out, frames, message, replay.subscription());
            return true;
        });
        if (!full[0]) {
            replay.next(Math.max(replay.next(), Math.min(end, replay.end())));
        }
        return end > from;
    }

    private void sendPast(Outbound out, Frames frames, Message message, Subscription subscription) {
        if (!session.wants(message, subscription) || message.isExpired(session.nowMs())) {
            return;
        }
        Target target = Target.of(subscription, null);
        Frame frame = message.frame(frames, !session.isV5(), session.isV5(), session.nowMs());
        int qos = Math.min(frame.qos(), target.qos());
        if (qos == 0 || !session.fits(frame, target)) {
            session.send(out, frame, target, qos);
        } else {
            boolean retain = frame.retain() && target.retainAsPublished() && session.isV5();
            emit(out, frame, qos, retain, session.idsOf(target), subscription, 0);
        }
    }

    private void drainRetained(Outbound out, Frames frames) {
        while (!retained.isEmpty()) {
            if (frames.sizeInBytes() > DRAIN_BYTES) {
                drainLater(out, 0);
                return;
            }
            RetainedCursor cursor = retained.element();
            RetainedPage page = retainedMessages
                    .index()
                    .page(cursor.filter(), cursor.from(), RETAINED_PAGE, DRAIN_BYTES, session.nowMs());
            for (RetainedMessage message : page.messages()) {
                if (!flow.hasWindow() || !out.isWritable()) {
                    cursor.from(message.topic());
                    return;
                }
                if (retainedMessages.maySee(session, message)) {
                    sendRetained(out, frames, message, cursor.subscription());
                }
            }
            if (page.next() == null) {
                retained.remove();
            } else {
                cursor.from(page.next());
            }
        }
    }

    private void sendRetained(Outbound out, Frames frames, RetainedMessage retained, Subscription subscription) {
        Message message = Message.of(retained, retainedMessages.logOf(retained));
        Frame frame = message.frame(frames, !session.isV5(), session.isV5(), session.nowMs());
        Encoded encoded = frame.forVersion(session.isV5());
        int[] ids = session.isV5() && subscription.id() != 0 ? new int[] {subscription.id()} : null;
        if (PacketWriter.sizeBound(encoded, ids == null ? 0 : 1) > session.packetBytesMax()) {
            metrics.dropped(Drop.TOO_LARGE, 1);
            return;
        }
        int qos = Math.min(frame.qos(), subscription.qos());
        if (qos > 0) {
            emit(out, frame, qos, true, ids, subscription, 0);
        } else {
            out.publish(encoded, frame.topic(), 1, 0, ids, session.isV5());
            metrics.sent(1);
        }
    }

    /** False when the head cannot be read now. */
    private boolean drainRun(Outbound out, Frames frames) {
        Backlog.Run run = backlog.head();
        PartitionLog log = run.log();
        Object via = run.via();
        long from = run.first();
        long last = run.last();
        long[] done = {from};
        boolean[] full = {false};
        long end = reader.read(log, from, frames, message -> {
            if (message.offset() > last) {
                skip(via, log, done[0], last + 1);
                done[0] = message.offset();
                return false;
            }
            if (!flow.hasWindow() || !out.isWritable()) {
                full[0] = true;
                return false;
            }
            skip(via, log, done[0], message.offset());
            sendNow(out, frames, message, via);
            done[0] = message.offset() + 1;
            return true;
        });
        // Records between the last one seen and the end of the read are gone: compacted, or deleted with their segment.
        long next = full[0] ? done[0] : Math.max(done[0], end);
        if (next == from && !full[0]) {
            return false;
        }
        skip(via, log, done[0], Math.min(next, last + 1));
        backlog.advance(next);
        return true;
    }

    /** Records of a share that are gone. */
    private static void skip(@Nullable Object via, PartitionLog log, long from, long end) {
        if (via instanceof ShareSeat) {
            for (long offset = from; offset < end; offset++) {
                Session.settle(via, log, offset);
            }
        }
    }

    private void sendNow(Outbound out, Frames frames, Message message, @Nullable Object via) {
        Target target = session.targetFor(message, via);
        boolean expired = message.isExpired(session.nowMs());
        if (expired) {
            metrics.dropped(Drop.EXPIRED, 1);
        }
        boolean maySee = retainedMessages.maySee(session, message);
        if (!maySee && via instanceof ShareSeat) {
            metrics.dropped(Drop.NOBODY, 1);
        }
        if (target == null || expired || !maySee) {
            Session.settle(via, message.log(), message.offset());
            return;
        }
        Frame frame = message.frame(frames, !session.isV5(), session.isV5(), session.nowMs());
        int qos = Math.min(frame.qos(), target.qos());
        if (qos == 0 || (held == null && !session.isStored(qos)) || !session.fits(frame, target)) {
            session.send(out, frame, target, qos);
            session.sentLate(frame, qos);
        } else {
            boolean asPublished = target.retainAsPublished() && session.isV5();
            emit(out, frame, qos, frame.retain() && asPublished, session.idsOf(target), via, frame.timestampMs());
        }
    }

    /** Expiry does not end a handshake that has begun, nor does an UNSUBSCRIBE meanwhile. False if the client cannot take it. */
    private boolean repeat(Outbound out, Frames frames, Message message, InFlight sent) {
        boolean five = session.isV5();
        Target target = session.targetFor(message, sent.via());
        boolean asPublished = target != null && target.retainAsPublished() && five;
        boolean retain = sent.log().topic().equals(TopicName.MQTT_RETAINED)
                || (message.properties().retain() && asPublished);
        int flags = DUP | (sent.qos() << 1) | (retain ? 1 : 0);
        int[] ids = five && target != null ? target.subscriptionIds() : null;
        Frame frame = message.frame(frames, !five, five, session.nowMs());
        Encoded encoded = frame.forVersion(five);
        if (PacketWriter.sizeBound(encoded, ids == null ? 0 : ids.length) > session.packetBytesMax()) {
            return false;
        }
        out.publish(encoded, frame.topic(), flags, sent.packetId(), ids, five);
        return true;
    }

    /**
     * [MQTT-4.4.0-1]: unacknowledged PUBLISH with DUP and owed PUBREL, with their packet ids, in order, as far as the window
     * of this connection goes.
     */
    private void resend(Outbound out, Frames frames) {
        InFlight sent = flow.nextAgain();
        while (sent != null && out.isWritable()) {
            if (frames.sizeInBytes() > DRAIN_BYTES) {
                drainLater(out, 0);
                return;
            }
            if (sent.state() == InFlight.State.STORING || sent.state() == InFlight.State.RELEASING) {
                // Goes on when that is stored.
                return;
            }
            if (sent.state() == InFlight.State.RELEASED) {
                PacketWriter.ack(out.own(), PacketWriter.PUBREL, sent.packetId(), 0, session.isV5());
                flow.sentAgain(sent);
            } else if (!resend(out, frames, sent)) {
                readLater(out, sent.log(), sent.offset());
                return;
            }
            sent = flow.nextAgain();
        }
    }

    /** False when the log cannot be read now. A message that is gone, or too large for the client now, counts as settled. */
    private boolean resend(Outbound out, Frames frames, InFlight sent) {
        boolean[] found = {false};
        boolean[] done = {false};
        long end = reader.read(sent.log(), sent.offset(), frames, message -> {
            found[0] = message.offset() == sent.offset();
            done[0] = found[0] && repeat(out, frames, message, sent);
            return false;
        });
        if (end == sent.offset()) {
            return false;
        }
        if (done[0]) {
            flow.sentAgain(sent);
        } else {
            session.settle(flow.settle(sent));
            metrics.dropped(found[0] ? Drop.TOO_LARGE : Drop.DELETED, 1);
        }
        return true;
    }

    /** What is there cannot be read now. */
    private void readLater(Outbound out, PartitionLog log, long offset) {
        Loop loop = session.loop();
        awaited.cancel();
        if (loop != null) {
            awaited = reader.await(log, offset, loop, () -> {
                if (session.isConnectedTo(out)) {
                    session.drain();
                }
            });
        }
        drainLater(out, RETRY_MS);
    }

    private void drainLater(Outbound out, long delayMs) {
        Loop loop = session.loop();
        if (drainScheduled || loop == null) {
            return;
        }
        drainScheduled = true;
        Runnable task = () -> {
            // The session may be another loop's by now: then it has another way out.
            if (session.isConnectedTo(out)) {
                drainScheduled = false;
                session.drain();
            }
        };
        if (delayMs == 0) {
            loop.execute(task);
        } else {
            loop.schedule(delayMs, task);
        }
    }
}
