package io.robustmq.core.share;

/**
 * What a share group has done with a record.
 *
 * <pre>
 *              acquired                  accepted
 *   AVAILABLE ─────────▶ ACQUIRED ────────────────────▶ ACKNOWLEDGED
 *       ▲                  │  │   rejected, or delivered
 *       └── released, ─────┘  │   as often as it may be
 *           lock over         └─────────┬─────────────▶ ARCHIVED
 *                                       │ group has a       ▲
 *                                       ▼ dead letter queue │ letter written, or never will be
 *                                   ARCHIVING ──────────────┘
 * </pre>
 */
public enum RecordState {
    AVAILABLE(0),
    ACQUIRED(1),
    ACKNOWLEDGED(2),
    ARCHIVING(3),
    ARCHIVED(4);

    private final int code;

    RecordState(int code) {
        this.code = code;
    }

    /** As Kafka's records have it. */
    public int code() {
        return code;
    }

    public static RecordState of(int code) {
        for (RecordState state : values()) {
            if (state.code == code) {
                return state;
            }
        }
        throw new IllegalArgumentException("records in state " + code);
    }

    /** Nothing is left to be done. */
    public boolean isFinal() {
        return this == ACKNOWLEDGED || this == ARCHIVED;
    }
}
