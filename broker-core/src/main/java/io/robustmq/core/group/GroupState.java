package io.robustmq.core.group;

/**
 * Where a group is in its cycle.
 *
 * <pre>
 *   EMPTY ──join──▶ PREPARING_REBALANCE ──all joined or time is up──▶ COMPLETING_REBALANCE ──leader assigns──▶ STABLE
 *     ▲                 │        ▲                                            │                                │
 *     └──nobody joined──┘        └── a member joins, leaves, or is lost ──────┴────────────────────────────────┘
 * </pre>
 */
public enum GroupState {
    EMPTY("Empty"),
    PREPARING_REBALANCE("PreparingRebalance"),
    COMPLETING_REBALANCE("CompletingRebalance"),
    STABLE("Stable"),
    /** Does not exist (any more). */
    DEAD("Dead");

    private final String text;

    GroupState(String text) {
        this.text = text;
    }

    /** As Kafka's tools show it. */
    public String text() {
        return text;
    }
}
