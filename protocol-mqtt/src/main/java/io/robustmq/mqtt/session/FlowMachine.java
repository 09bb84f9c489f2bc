package io.robustmq.mqtt.session;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;
import org.agrona.collections.Int2ObjectHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The QoS 1 and 2 handshakes of one session, both ways. Pure; survives the connection. Owned by the session's loop.
 *
 * <pre>
 * out, QoS 1:  send ─▶ PUBLISHED ─puback─▶ settled
 * out, QoS 2:  send ─▶ PUBLISHED ─pubrec─▶ RELEASED ─pubcomp─▶ settled
 * in,  QoS 2:  receive ─▶ remembered (again: duplicate) ─release─▶ forgotten
 * </pre>
 */
public final class FlowMachine {
    public static final int PACKET_ID_MAX = 65_535;

    /** What a PUBREC means. */
    public enum Received {
        /** Send PUBREL. */
        RELEASE,
        /** PUBREL follows when that is stored. */
        LATER,
        /** The client refused the message: the flow has ended. */
        SETTLED,
        /** No such flow: PUBREL with 0x92. */
        UNKNOWN
    }

    private @Nullable Int2ObjectHashMap<InFlight> byId;
    private @Nullable InFlight oldest;
    private @Nullable InFlight newest;
    /** The oldest message that this connection has not sent again. */
    private @Nullable InFlight again;

    private int owedAgain;
    private int lastId;
    private int window;
    private @Nullable Int2ObjectHashMap<Receipt> received;

    /**
     * Without anything in flight.
     *
     * @param window how many messages may be unsettled at once
     */
    public FlowMachine(int window) {
        this.window = window;
    }

    /** The client resumed with another Receive Maximum; what is in flight stays so. */
    public void window(int messages) {
        window = messages;
    }

    /** A connection resumes: everything in flight has to be sent again, oldest first. */
    public void resume() {
        again = oldest;
        owedAgain = 0;
        for (InFlight sent = oldest; sent != null; sent = sent.next) {
            sent.owedAgain = true;
            owedAgain++;
        }
    }

    /** What has to be sent again next, if the window allows; null when there is nothing, or no room. */
    public @Nullable InFlight nextAgain() {
        return inFlight() - owedAgain < window ? again : null;
    }

    public boolean isResuming() {
        return again != null;
    }

    /** What {@link #nextAgain} gave was sent. */
    public void sentAgain(InFlight sent) {
        assert sent == again : "out of order";
        sent.owedAgain = false;
        owedAgain--;
        again = sent.next;
    }

    public int inFlight() {
        return byId == null ? 0 : byId.size();
    }

    public boolean hasWindow() {
        return byId == null || byId.size() < window;
    }

    /** In the order of sending. */
    public @Nullable InFlight oldest() {
        return oldest;
    }

    /** Takes the next free packet id. There must be a window. */
    public InFlight send(PartitionLog log, long offset, int qos, @Nullable Object via) {
        assert hasWindow() : "window is full";
        if (byId == null) {
            byId = new Int2ObjectHashMap<>(8, 0.65f);
        }
        do {
            lastId = lastId == PACKET_ID_MAX ? 1 : lastId + 1;
        } while (byId.containsKey(lastId));
        return restore(lastId, log, offset, qos, via);
    }

    /** Puts back a flow that was stored. */
    public InFlight restore(int packetId, PartitionLog log, long offset, int qos, @Nullable Object via) {
        if (byId == null) {
            byId = new Int2ObjectHashMap<>(8, 0.65f);
        }
        InFlight sent = new InFlight(packetId, log, offset, qos, via);
        byId.put(packetId, sent);
        sent.previous = newest;
        if (newest == null) {
            oldest = sent;
        } else {
            newest.next = sent;
        }
        newest = sent;
        return sent;
    }

    /** The settled message; null if no QoS 1 message has this id. */
    public @Nullable InFlight puback(int packetId) {
        InFlight sent = find(packetId);
        return sent == null || sent.qos() != 1 || sent.state == InFlight.State.STORING ? null : settle(sent);
    }

    /**
     * A PUBREC came.
     *
     * @param refused the reason code is 0x80 or more
     */
    public Received pubrec(int packetId, boolean refused) {
        InFlight sent = find(packetId);
        if (sent == null || sent.qos() != 2 || sent.state == InFlight.State.STORING) {
            return Received.UNKNOWN;
        }
        if (refused) {
            settle(sent);
            return Received.SETTLED;
        }
        sent.state = InFlight.State.RELEASED;
        return Received.RELEASE;
    }

    /** The settled message; null if no QoS 2 message has this id. */
    public @Nullable InFlight pubcomp(int packetId) {
        InFlight sent = find(packetId);
        return sent == null || sent.qos() != 2 ? null : settle(sent);
    }

    public @Nullable InFlight find(int packetId) {
        return byId == null ? null : byId.get(packetId);
    }

    /** Takes a message out whose record is gone, or which belongs to others now. */
    public InFlight settle(InFlight sent) {
        if (sent == again) {
            again = sent.next;
        }
        if (sent.owedAgain) {
            sent.owedAgain = false;
            owedAgain--;
        }
        if (byId != null) {
            byId.remove(sent.packetId());
        }
        if (sent.previous == null) {
            oldest = sent.next;
        } else {
            sent.previous.next = sent.next;
        }
        if (sent.next == null) {
            newest = sent.previous;
        } else {
            sent.next.previous = sent.previous;
        }
        return sent;
    }

    /** What {@link #whenAppended} tells of a message that the log has not, or that got in doubt: it is to be sent again. */
    public static final int ABSENT = 0x89;

    /** An incoming QoS 2 message, and who asked again before the log had it. */
    public static final class Receipt {
        private Receipt() {}

        boolean appended;
        boolean inDoubt;
        boolean restored;
        private List<IntConsumer> waiting = new ArrayList<>(0);

        private void tellWaiting(int reason) {
            List<IntConsumer> told = waiting;
            waiting = new ArrayList<>(0);
            told.forEach(task -> task.accept(reason));
        }
    }

    /** Remembers an incoming QoS 2 packet id; false if it is remembered already, so the message is a duplicate. */
    public boolean receive(int packetId) {
        if (received == null) {
            received = new Int2ObjectHashMap<>(8, 0.65f);
        }
        return received.putIfAbsent(packetId, new Receipt()) == null;
    }

    /** A message that was received before the node stopped, and that the log has. */
    public void restoreReceived(int packetId) {
        receive(packetId);
        appended(packetId, 0);
        Receipt receipt = received == null ? null : received.get(packetId);
        if (receipt != null) {
            receipt.restored = true;
        }
    }

    /** A message that was received, and nobody knows whether the log has it: {@link #decided} tells. */
    public Receipt restoreDoubted(int packetId) {
        receive(packetId);
        Receipt receipt = doubt(packetId);
        if (receipt == null) {
            throw new AssertionError("not remembered: " + packetId);
        }
        return receipt;
    }

    /** It is not known any more whether the log has, or will have, the message; null if it is not remembered. */
    public @Nullable Receipt doubt(int packetId) {
        Receipt receipt = received == null ? null : received.get(packetId);
        if (receipt != null) {
            receipt.inDoubt = true;
            receipt.restored = true;
            // They are to ask again: it may take long.
            receipt.tellWaiting(ABSENT);
        }
        return receipt;
    }

    /** Whether it is not known yet that the log has the message. */
    public boolean isOnItsWay(int packetId) {
        Receipt receipt = received == null ? null : received.get(packetId);
        return receipt != null && !receipt.appended;
    }

    /** Whether somebody finds out whether the log has the message. */
    public boolean isInDoubt(int packetId) {
        Receipt receipt = received == null ? null : received.get(packetId);
        return receipt != null && receipt.inDoubt;
    }

    /** Whether it is this message that is remembered by the id, and no other one. */
    public boolean remembers(int packetId, Receipt receipt) {
        return received != null && received.get(packetId) == receipt;
    }

    /** The log has the message in doubt, which is remembered, or has not and will not: then the id is forgotten. */
    public void decided(int packetId, boolean isInLog) {
        Receipt receipt = received == null ? null : received.get(packetId);
        if (receipt != null) {
            receipt.inDoubt = false;
            appended(packetId, isInLog ? 0 : ABSENT);
        }
    }

    /** What belongs to the message, and was to be written again, could not be: see {@link #takeRestored}. */
    public void restoreAgain(int packetId) {
        Receipt receipt = received == null ? null : received.get(packetId);
        if (receipt != null) {
            receipt.restored = true;
        }
    }

    /** True once for a restored message: what else belongs to it may not have been written before the node stopped. */
    public boolean takeRestored(int packetId) {
        Receipt receipt = received == null ? null : received.get(packetId);
        boolean restored = receipt != null && receipt.restored;
        if (receipt != null) {
            receipt.restored = false;
        }
        return restored;
    }

    public boolean isReceived(int packetId) {
        return received != null && received.containsKey(packetId);
    }

    /** The log has the message, or refused it with a reason of 0x80 or more: then the id is forgotten. */
    public void appended(int packetId, int reason) {
        Receipt receipt = received == null ? null : received.get(packetId);
        if (received == null || receipt == null) {
            return;
        }
        receipt.appended = true;
        if (reason >= 0x80) {
            received.remove(packetId);
        }
        receipt.tellWaiting(reason);
    }

    /**
     * Runs {@code task} with the outcome when the log has the message, at once if it has or the id is not remembered. Of a message in doubt
     * the last who asks waits: those before him have gone.
     */
    public void whenAppended(int packetId, IntConsumer task) {
        Receipt receipt = received == null ? null : received.get(packetId);
        if (receipt == null || receipt.appended) {
            task.accept(0);
        } else {
            if (receipt.inDoubt) {
                receipt.tellWaiting(ABSENT);
            }
            receipt.waiting.add(task);
        }
    }

    /** Whether the id was remembered; it may be used for a new message now. */
    public boolean release(int packetId) {
        return received != null && received.remove(packetId) != null;
    }

    /** Incoming QoS 2 messages that the client has not released. */
    public int unreleased() {
        return received == null ? 0 : received.size();
    }
}
