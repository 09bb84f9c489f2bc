package io.robustmq.core.txn;

/**
 * Where a transactional id stands, with Kafka's names and numbers.
 *
 * <pre>
 *   EMPTY ──► ONGOING ──► PREPARE_COMMIT ──► COMPLETE_COMMIT ──┐
 *               ▲  └────► PREPARE_ABORT ───► COMPLETE_ABORT ───┤
 *               └──────────────────────────────────────────────┘
 * </pre>
 */
public enum TxnState {
    EMPTY(0, "Empty"),
    ONGOING(1, "Ongoing"),
    PREPARE_COMMIT(2, "PrepareCommit"),
    PREPARE_ABORT(3, "PrepareAbort"),
    COMPLETE_COMMIT(4, "CompleteCommit"),
    COMPLETE_ABORT(5, "CompleteAbort"),
    DEAD(6, "Dead");

    private final int id;
    private final String text;

    TxnState(int id, String text) {
        this.id = id;
        this.text = text;
    }

    /** In the log. */
    public int id() {
        return id;
    }

    /** As clients are told. */
    public String text() {
        return text;
    }

    /** The outcome is decided, the markers are being written. */
    public boolean isPrepared() {
        return this == PREPARE_COMMIT || this == PREPARE_ABORT;
    }

    static TxnState of(int id) {
        for (TxnState state : values()) {
            if (state.id == id) {
                return state;
            }
        }
        throw new IllegalArgumentException("transaction state " + id);
    }
}
