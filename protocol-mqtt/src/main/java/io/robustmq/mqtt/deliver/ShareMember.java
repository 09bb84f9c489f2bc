package io.robustmq.mqtt.deliver;

import io.robustmq.core.model.Principal;
import io.robustmq.mqtt.share.Holding;
import io.robustmq.mqtt.share.SeatState;
import org.jspecify.annotations.Nullable;

/** One session's part in a shared subscription, at the node that deals. Owned by the router's loop. */
final class ShareMember {
    private final ShareGroup group;
    private final String clientId;
    private final int hash;
    private SeatState state;
    /** What it was dealt and has not settled; of a session that lives here, the seat's own. */
    private Holding held = new Holding();
    /** Of a session that lives here. */
    private @Nullable ShareSeat seat;
    /** Its home is not known, or does not hear. */
    private boolean cutOff;

    ShareMember(ShareGroup group, SeatState state) {
        this.group = group;
        this.clientId = state.clientId();
        this.hash = clientId.hashCode();
        this.state = state;
    }

    ShareGroup group() {
        return group;
    }

    String clientId() {
        return clientId;
    }

    int clientHash() {
        return hash;
    }

    SeatState state() {
        return state;
    }

    void state(SeatState newer) {
        state = newer;
    }

    Holding held() {
        return held;
    }

    /** Its home says what it holds. */
    void holds(Holding what) {
        held = what;
    }

    @Nullable
    ShareSeat seat() {
        return seat;
    }

    void seat(@Nullable ShareSeat here) {
        seat = here;
    }

    void cutOff(boolean value) {
        cutOff = value;
    }

    boolean isCutOff() {
        return cutOff;
    }

    /** Messages that it has not settled. */
    int owed() {
        return held.size();
    }

    boolean isPersistent() {
        ShareSeat here = seat;
        return here == null ? state.persistent() : here.session().persistent;
    }

    /** Who is connected, or was last; null if nobody was since the session came from storage. */
    @Nullable
    Principal principal() {
        ShareSeat here = seat;
        return here == null ? state.principal() : here.session().knownPrincipal();
    }

    boolean isLive() {
        ShareSeat here = seat;
        if (here != null) {
            return here.session().isLive() && !here.isLeaving() && !here.isFull();
        }
        return !cutOff && state.live();
    }

    boolean hasRoom() {
        ShareSeat here = seat;
        return isLive()
                && held.size() < (here == null ? state.window() : here.session().window());
    }

    /** A session of this node speaks this version. */
    boolean speaks(boolean five) {
        ShareSeat here = seat;
        return here != null && here.session().isLive() && here.session().isV5() == five;
    }
}
