package io.robustmq.meta.store;

/**
 * How far the log is in the state.
 *
 * @param term of the last entry applied
 * @param index of the last entry applied
 * @param base index of the last entry that changed the state; see MetaEntry
 */
public record Applied(long term, long index, long base) {
    public static final Applied NOTHING = new Applied(0, -1, -1);
}
