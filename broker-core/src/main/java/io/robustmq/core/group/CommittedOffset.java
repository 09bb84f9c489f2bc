package io.robustmq.core.group;

import io.robustmq.core.model.TopicId;

/**
 * How far a group has consumed a partition.
 *
 * @param leaderEpoch of the last record consumed, -1 if not known
 * @param expiresAtMs set by old clients that choose their own retention, else -1
 * @param topicId the topic it was committed for: another topic of the same name has no part in it
 */
public record CommittedOffset(
        long offset, int leaderEpoch, String metadata, long committedAtMs, long expiresAtMs, TopicId topicId) {}
