package io.robustmq.e2e.nemesis.history;

/** Something that must not happen. */
public record Violation(Kind kind, String stream, String text) {

    public enum Kind {
        /** Acknowledged, and not there in the end. */
        LOST,
        /** There twice, or delivered twice, where once is promised. */
        DUPLICATED,
        /** Not in the order in which it was written. */
        REORDERED,
        /** A reader saw it, and in the end it is not there. */
        SEEN_THEN_GONE,
        /** Something else was told or seen at this offset. */
        CHANGED,
        /** An offset without a record, or a reader that was led past one. */
        SKIPPED,
        /** Nobody has written it. */
        INVENTED,
        /** Part of a transaction is there and part is not, or not all of one that was committed. */
        HALF_A_TRANSACTION,
        /** It was aborted and is there. */
        ABORTED_BUT_THERE,
        /** Acknowledged, and never came to somebody who was waiting for it. */
        NOT_DELIVERED,
        /** A client was told what cannot be: of a session that it is not there, of an offset that it is out of range. */
        CONTRADICTED,
        TWO_LEADERS,
        /** Leader epochs in a log never fall. */
        EPOCH_FELL,
        TOPIC_LOST,
        /** The object store lacks what it was said to have, or has something else. */
        STORE_NOT_WHOLE,
        /** Something is in the object store that nothing refers to, and nobody deletes it. */
        STORE_LEFT_OVER,
        /** The files of two replicas differ. */
        REPLICAS_DIFFER,
        /** A client gave up what it had tried for longer than any disturbance lasts. */
        GIVEN_UP,
        /** All was healed, and something did not go on. */
        NOT_AVAILABLE
    }

    @Override
    public String toString() {
        return kind + " in " + stream + ": " + text;
    }
}
