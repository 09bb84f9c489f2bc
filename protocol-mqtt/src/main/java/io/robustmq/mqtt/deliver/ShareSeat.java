package io.robustmq.mqtt.deliver;

import io.robustmq.core.model.Partition;
import io.robustmq.mqtt.session.PartitionLog;
import io.robustmq.mqtt.share.Holding;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One session's part in a subscription that belongs to several clients, at the session's home. Owned by the router's loop, but for what the
 * session's loop tells by {@link #settled} and reads of the subscription.
 */
final class ShareSeat {
    private final Seats seats;
    private volatile Subscription subscription;
    private volatile Target target;
    /** What was dealt to it and is not settled. */
    private Holding held = new Holding();
    /** How far the session had come, of one that was stored before shares were. */
    private final Map<Partition, Long> begins;
    /** The same part at this node, while this one deals. */
    private @Nullable ShareMember dealtBy;
    /** Whether the one who deals knows it. */
    private boolean joined;

    private boolean leaving;
    private boolean full;
    private boolean lingering;
    private boolean gone;

    ShareSeat(Seats seats, Subscription subscription, Map<Partition, Long> begins) {
        this.seats = seats;
        this.subscription = subscription;
        this.target = Target.of(subscription, this);
        this.begins = begins;
    }

    /** The client has subscribed again. */
    void renew(Subscription newer) {
        leaving = false;
        lingering = false;
        subscription = newer;
        target = Target.of(newer, this);
    }

    Target target() {
        return target;
    }

    Subscription subscription() {
        return subscription;
    }

    /** The subscription as the client sent it. */
    String text() {
        return subscription.filter().text();
    }

    /** The share that a message came by; null if it came by none. */
    static @Nullable String textOf(@Nullable Object via) {
        if (via instanceof LeftShare left) {
            return left.text();
        }
        return via instanceof ShareSeat seat ? seat.text() : null;
    }

    Session session() {
        return subscription.session();
    }

    Holding held() {
        return held;
    }

    Map<Partition, Long> begins() {
        return begins;
    }

    @Nullable
    ShareMember dealtBy() {
        return dealtBy;
    }

    void dealtBy(@Nullable ShareMember member) {
        dealtBy = member;
    }

    boolean isJoined() {
        return joined;
    }

    void joined() {
        joined = true;
    }

    /** The session's queue had no room. */
    void full(boolean value) {
        full = value;
    }

    boolean isFull() {
        return full;
    }

    /** It ends as soon as the session's loop has said what it leaves. */
    boolean isLeaving() {
        return leaving || gone;
    }

    void leaving() {
        leaving = true;
    }

    /** It ends as soon as the client has settled what it was sent. */
    void lingers() {
        lingering = true;
    }

    boolean isLingering() {
        return lingering && !gone;
    }

    boolean isGone() {
        return gone;
    }

    /** What is still said about it is of no interest. */
    void gone() {
        gone = true;
        dealtBy = null;
        held = new Holding();
    }

    /** In the session's loop: a message was settled, or will not be sent. */
    void settled(PartitionLog log, long offset) {
        seats.settled(this, log.partition(), offset);
    }
}
