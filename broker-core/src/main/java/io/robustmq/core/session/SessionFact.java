package io.robustmq.core.session;

import io.robustmq.core.model.Partition;

/** What happened to a session, or to a shared subscription. Facts about one thing replace each other in the compacted topic. */
public sealed interface SessionFact {
    /** Whose session, or which shared subscription, the fact is about. */
    String clientId();

    /** The session exists. {@code parkedAtMs} is 0 while it is connected. */
    record SessionStarted(String clientId, long expirySeconds, long parkedAtMs) implements SessionFact {}

    /** The session is over; facts that remove its parts come first. */
    record SessionEnded(String clientId) implements SessionFact {}

    /** It subscribes. */
    record SubscriptionAdded(String clientId, StoredSubscription subscription) implements SessionFact {}

    /** It no longer subscribes. */
    record SubscriptionRemoved(String clientId, String filter) implements SessionFact {}

    /** Everything before the offset is settled. */
    record PositionMoved(String clientId, Partition partition, long offset) implements SessionFact {}

    /** Nothing is remembered of the partition. */
    record PositionForgotten(String clientId, Partition partition) implements SessionFact {}

    /** Messages before the offset were sent, and are settled unless a flow says otherwise. */
    record SentMoved(String clientId, SentOf of, long offset) implements SessionFact {}

    /** Nothing is remembered of what was sent from the partition. */
    record SentForgotten(String clientId, SentOf of) implements SessionFact {}

    /** A message is about to be sent, or PUBREL for it. */
    record FlowKept(String clientId, StoredFlow flow) implements SessionFact {}

    /** The packet id is free. */
    record FlowSettled(String clientId, int packetId) implements SessionFact {}

    /** A QoS 2 message was received and is about to be appended. */
    record ReceiptKept(String clientId, StoredReceipt receipt) implements SessionFact {}

    /** The client released the message. */
    record ReceiptReleased(String clientId, int packetId) implements SessionFact {}

    /** These messages of a share were settled; none: nothing is remembered of the partition. */
    record ShareSettled(String clientId, StoredShare share) implements SessionFact {}

    /** A shared subscription has members; {@code share} is the subscription as clients send it. */
    record GroupStarted(String share) implements SessionFact {
        @Override
        public String clientId() {
            return share;
        }
    }

    /** Its last member is gone; facts that remove its parts come first. */
    record GroupEnded(String share) implements SessionFact {
        @Override
        public String clientId() {
            return share;
        }
    }

    /** So far has a shared subscription come. */
    record GroupMoved(String share, Partition partition, StoredGroup.Place place) implements SessionFact {
        @Override
        public String clientId() {
            return share;
        }
    }

    /** Nothing is remembered of how far a shared subscription has come in the partition. */
    record GroupForgotten(String share, Partition partition) implements SessionFact {
        @Override
        public String clientId() {
            return share;
        }
    }

    /** What is to be published when the client goes without a word. */
    record WillKept(String clientId, StoredWill will) implements SessionFact {}

    /** The will was published, or is not to be. */
    record WillDropped(String clientId) implements SessionFact {}
}
