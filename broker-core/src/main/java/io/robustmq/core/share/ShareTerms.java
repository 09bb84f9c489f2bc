package io.robustmq.core.share;

import io.robustmq.core.port.Isolation;

/**
 * The rules of one share group.
 *
 * @param lockMs how long a member may keep a record without saying anything
 * @param deliveriesMax how often a record is delivered at most
 * @param recordsMax per partition, from the first that is not done to the last that was acquired
 * @param renews whether members may ask for more time
 * @param deadLetters whether what the group gives up goes to a dead letter queue
 */
public record ShareTerms(
        int lockMs,
        int deliveriesMax,
        int recordsMax,
        boolean renews,
        Isolation isolation,
        OffsetReset reset,
        boolean deadLetters) {}
