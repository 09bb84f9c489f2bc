package io.robustmq.core.session;

import io.robustmq.core.model.Partition;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the node reports that holds a session, or deals for a shared subscription. Each is answered by {@link SessionEffect.Stored} with its ticket once it
 * survives a crash.
 */
public sealed interface SessionCommand {
    /** Chosen by the sender, to know the answer by. */
    long ticket();

    /**
     * A connection has the session; its will takes the place of an earlier one.
     *
     * @param isNew nothing that is stored of an earlier session of the client is its
     */
    record ConnectSession(
            long ticket,
            String clientId,
            boolean isNew,
            long expirySeconds,
            @Nullable StoredWill will) implements SessionCommand {}

    /**
     * The connection is gone; the session ends {@code expirySeconds} after {@code atMs}.
     *
     * @param keepsWill whether its will is still to be published
     */
    record ParkSession(long ticket, String clientId, long expirySeconds, long atMs, boolean keepsWill)
            implements SessionCommand {}

    /** The will was published. */
    record DropWill(long ticket, String clientId) implements SessionCommand {}

    /** The session is over. */
    record EndSession(long ticket, String clientId) implements SessionCommand {}

    /** Subscriptions were made, starting at the positions of partitions that are new to the session. */
    record AddSubscriptions(
            long ticket, String clientId, List<StoredSubscription> added, Map<Partition, Long> positions)
            implements SessionCommand {
        public AddSubscriptions {
            added = List.copyOf(added);
            positions = Map.copyOf(positions);
        }
    }

    /** Subscriptions were ended; no other one of the session gets anything of the {@code forgotten} partitions. */
    record RemoveSubscriptions(long ticket, String clientId, List<String> filters, List<Partition> forgotten)
            implements SessionCommand {
        public RemoveSubscriptions {
            filters = List.copyOf(filters);
            forgotten = List.copyOf(forgotten);
        }
    }

    /** Everything before these offsets is settled. */
    record MovePositions(long ticket, String clientId, Map<Partition, Long> positions) implements SessionCommand {
        public MovePositions {
            positions = Map.copyOf(positions);
        }
    }

    /**
     * Handshakes went on.
     *
     * @param kept outgoing messages about to be sent, or released
     * @param settled packet ids of outgoing messages
     * @param sent up to where messages are sent with {@code kept}; only those that are stored before they are sent
     * @param received incoming messages about to be appended
     * @param released packet ids of incoming messages
     * @param floors where shared subscriptions of the session would be read from again after a crash, at the earliest
     */
    record ChangeFlows(
            long ticket,
            String clientId,
            List<StoredFlow> kept,
            List<Integer> settled,
            Map<SentOf, Long> sent,
            List<StoredReceipt> received,
            List<Integer> released,
            Map<Partition, Long> floors)
            implements SessionCommand {
        public ChangeFlows {
            kept = List.copyOf(kept);
            settled = List.copyOf(settled);
            sent = Map.copyOf(sent);
            received = List.copyOf(received);
            released = List.copyOf(released);
            floors = Map.copyOf(floors);
        }
    }

    /** A shared subscription has come so far; a new one is known from then on. */
    record KeepGroup(long ticket, StoredGroup group) implements SessionCommand {}

    /** A shared subscription has no members any more. */
    record EndGroup(long ticket, String share) implements SessionCommand {}

    /** Only if the partition is led in this epoch: later on the sessions may be others than the sender knows. */
    record InEpoch(int leaderEpoch, SessionCommand command) implements SessionCommand {
        @Override
        public long ticket() {
            return command.ticket();
        }
    }

    /** Time has passed; nothing is due in this machine. */
    record Tick() implements SessionCommand {
        @Override
        public long ticket() {
            return 0;
        }
    }
}
