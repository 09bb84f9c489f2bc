package io.robustmq.mqtt.deliver;

import io.robustmq.mqtt.session.FlowMachine;
import io.robustmq.mqtt.session.InFlight;
import io.robustmq.mqtt.session.PartitionLog;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;

/** How far a session has come, with what it has not settled, and what of that others may get. Stateless; runs in the session's loop. */
final class Unsettled {
    private Unsettled() {}

    /** The positions in {@code read}, lowered to what is neither settled nor stored by itself, nor dealt by a share. Stores what is unsettled for long. */
    static Map<PartitionLog, Long> lowest(Session session, Map<PartitionLog, Long> read) {
        Map<PartitionLog, Long> lowest = new HashMap<>(read);
        for (InFlight sent = session.flow().oldest(); sent != null; sent = sent.next()) {
            if (!sent.isStored() && sent.via() == null) {
                lowest.computeIfPresent(sent.log(), lower(sent.offset()));
                storeIfOld(session, sent);
            }
        }
        session.backlog().forEachOwnRun((log, offset) -> lowest.computeIfPresent(log, lower(offset)));
        return lowest;
    }

    /** Its packet id then survives a crash as well. */
    private static void storeIfOld(Session session, InFlight sent) {
        if (session.persistent && sent.state() == InFlight.State.PUBLISHED && !sent.isStored() && sent.grewOld()) {
            session.store().keep(session.asStored(sent, false));
            session.store().whenStored(ok -> oldStored(session, sent));
        }
    }

    private static void oldStored(Session session, InFlight sent) {
        InFlight now = session.flow().find(sent.packetId());
        if (now == sent) {
            sent.stored();
        } else if (now == null || !(now.isStored() || now.state() == InFlight.State.STORING)) {
            session.store().settled(sent.packetId());
        }
    }

    private static BiFunction<PartitionLog, Long, Long> lower(long offset) {
        return (log, position) -> Math.min(position, offset);
    }

    /**
     * What a seat leaves.
     *
     * @param begun of QoS 2, and in flight, whatever crashes
     * @param unsettled taken out for others
     * @param isUndecided something has to be stored before it counts as in flight, and may still go to others
     */
    record Left(
            boolean isConnected,
            List<Session.Reference> begun,
            List<Session.Reference> unsettled,
            boolean isUndecided) {}

    /**
     * Takes out what came by this share and can still go to others: nothing that a client which is there was sent.
     *
     * @param mayBeStored what is to be stored before it is sent; else it never will be
     */
    static Left leave(Session session, ShareSeat seat, boolean mayBeStored) {
        boolean isConnected = session.isConnected();
        List<Session.Reference> begun = new ArrayList<>(0);
        List<Session.Reference> unsettled = new ArrayList<>();
        boolean isUndecided = false;
        FlowMachine flow = session.flow();
        InFlight sent = flow.oldest();
        while (sent != null) {
            InFlight next = sent.next();
            boolean isStoring = sent.state() == InFlight.State.STORING;
            if (sent.via() == seat && !isConnected && (sent.qos() == 1 || (isStoring && !mayBeStored))) {
                flow.settle(sent);
                if (sent.isStored()) {
                    session.store().settled(sent.packetId());
                }
                unsettled.add(new Session.Reference(sent.log(), sent.offset()));
            } else if (sent.via() == seat && sent.qos() == 2 && !isStoring) {
                begun.add(new Session.Reference(sent.log(), sent.offset()));
            } else if (sent.via() == seat && isStoring) {
                isUndecided = !isConnected;
            }
            sent = next;
        }
        session.backlog().removeShare(seat, (log, offset) -> unsettled.add(new Session.Reference(log, offset)));
        return new Left(isConnected, begun, unsettled, isUndecided);
    }
}
