package io.robustmq.mqtt.deliver;

import io.robustmq.core.loop.Loop;
import io.robustmq.core.retained.RetainedMessage;
import io.robustmq.core.retained.RetainedPage;
import io.robustmq.mqtt.MqttMetrics;
import io.robustmq.mqtt.codec.Encoded;
import io.robustmq.mqtt.codec.Frames;
import io.robustmq.mqtt.codec.Outbound;
import io.robustmq.mqtt.codec.PacketWriter;
import io.robustmq.mqtt.session.Backlog;
import io.robustmq.mqtt.session.FlowMachine;
import io.robustmq.mqtt.session.InFlight;
import io.robustmq.mqtt.session.PartitionLog;
import java.util.ArrayDeque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a session is behind with: first what is in flight since an earlier connection, then retained messages, then what the
 * backlog refers to, read from the log again. Owned by the session's loop.
 */
final class CatchUp {
    private static final int DRAIN_BYTES = 1 << 18;
    private static final int RETAINED_PAGE = 256;
    private static final int RETRY_MS = 1000;
    private static final int DUP = 0x08;

    private final Session session;
    private final LogReader reader;
    private final RetainedMessages retainedMessages;
    private final MqttMetrics metrics;
    private final FlowMachine flow;
    private final Backlog backlog;
    private final ArrayDeque<RetainedCursor> retained = new ArrayDeque<>(0);
    private boolean drainScheduled;

    CatchUp(Session session, LogReader reader, RetainedMessages retainedMessages, MqttMetrics metrics) {
        this.session = session;
        this.reader = reader;
        this.retainedMessages = retainedMessages;
        this.metrics = metrics;
        this.flow = session.flow();
        this.backlog = session.backlog();
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
            drainRetained(out, frames);
            while (retained.isEmpty() && !backlog.isEmpty() && out.isWritable() && flow.hasWindow()) {
                if (frames.sizeInBytes() > DRAIN_BYTES) {
                    drainLater(0);
                    break;
                }
                if (!drainRun(out, frames)) {
                    drainLater(RETRY_MS);
                    break;
                }
            }
            out.finish();
        } finally {
            frames.release();
        }
    }

    boolean isBehind() {
        return !backlog.isEmpty() || !retained.isEmpty();
    }

    private void drainRetained(Outbound out, Frames frames) {
        while (!retained.isEmpty()) {
            if (frames.sizeInBytes() > DRAIN_BYTES) {
                drainLater(0);
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
            metrics.dropped(1);
            return;
        }
        int qos = Math.min(frame.qos(), subscription.qos());
        int packetId = qos == 0
                ? 0
                : flow.send(frame.log(), frame.offset(), qos, subscription).packetId();
        out.publish(encoded, (qos << 1) | 1, packetId, ids, session.isV5());
        metrics.sent(1);
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
                done[0] = message.offset();
                return false;
            }
            if (!flow.hasWindow() || !out.isWritable()) {
                full[0] = true;
                return false;
            }
            sendNow(out, frames, message, via);
            done[0] = message.offset() + 1;
            return true;
        });
        // Records between the last one seen and the end of the read are gone: compacted, or deleted with their segment.
        long next = full[0] ? done[0] : Math.max(done[0], end);
        if (next == from && !full[0]) {
            return false;
        }
        if (via instanceof ShareGroup.Member member) {
            long unseen = Math.min(next, last + 1) - done[0];
            for (long i = 0; i < unseen; i++) {
                member.settled();
            }
        }
        backlog.advance(next);
        return true;
    }

    private void sendNow(Outbound out, Frames frames, Message message, @Nullable Object via) {
        Target target = session.targetFor(message, via);
        if (target == null || message.isExpired(session.nowMs())) {
            if (via instanceof ShareGroup.Member member) {
                member.settled();
            }
            return;
        }
        Frame frame = message.frame(frames, !session.isV5(), session.isV5(), session.nowMs());
        session.send(out, frame, target, Math.min(frame.qos(), target.qos()));
    }

    /** Expiry does not end a handshake that has begun, nor does an UNSUBSCRIBE meanwhile. */
    private void repeat(Outbound out, Frames frames, Message message, InFlight sent) {
        boolean five = session.isV5();
        Target target = session.targetFor(message, sent.via());
        boolean asPublished = target != null && target.retainAsPublished() && five;
        boolean retain =
                sent.via() instanceof Subscription || (message.properties().retain() && asPublished);
        int flags = DUP | (sent.qos() << 1) | (retain ? 1 : 0);
        int[] ids = five && target != null ? target.subscriptionIds() : null;
        Frame frame = message.frame(frames, !five, five, session.nowMs());
        out.publish(frame.forVersion(five), flags, sent.packetId(), ids, five);
    }

    /** [MQTT-4.4.0-1]: unacknowledged PUBLISH with DUP and owed PUBREL, with their packet ids, in order. */
    void resend(Outbound out) {
        Frames frames = new Frames(out.channel().alloc());
        try {
            InFlight sent = flow.oldest();
            while (sent != null) {
                InFlight next = sent.next();
                if (sent.state() == InFlight.State.RELEASED) {
                    PacketWriter.ack(out.own(), PacketWriter.PUBREL, sent.packetId(), 0, session.isV5());
                } else {
                    resend(out, frames, sent);
                }
                sent = next;
            }
            out.finish();
        } finally {
            frames.release();
        }
    }

    private void resend(Outbound out, Frames frames, InFlight sent) {
        boolean[] found = {false};
        long end = reader.read(sent.log(), sent.offset(), frames, message -> {
            if (message.offset() == sent.offset()) {
                found[0] = true;
                repeat(out, frames, message, sent);
            }
            return false;
        });
        if (!found[0] && end > sent.offset()) {
            session.settle(flow.settle(sent));
            metrics.dropped(1);
        }
    }

    private void drainLater(long delayMs) {
        Loop loop = session.loop();
        if (drainScheduled || loop == null) {
            return;
        }
        drainScheduled = true;
        Runnable task = () -> {
            drainScheduled = false;
            session.drain();
        };
        if (delayMs == 0) {
            loop.execute(task);
        } else {
            loop.schedule(delayMs, task);
        }
    }
}
