package io.robustmq.journal.shard;

/**
 * Where a follower stands: it has the log up to {@code fetchOffset}.
 *
 * @param leaderEpoch in which it follows
 * @param lastFetchedEpoch of its last batch, -1 for an empty log
 */
public record FetchPosition(int leaderEpoch, long fetchOffset, int lastFetchedEpoch) {}
