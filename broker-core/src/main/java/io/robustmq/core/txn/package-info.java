/**
 * Kafka transactions (KIP-98, 360, 447, 890): which transactional id has which producer, what its transaction includes and
 * how it ended. {@link io.robustmq.core.txn.TxnService} runs a {@link io.robustmq.core.txn.TxnMachine} for each partition of
 * {@code __transaction_state}, in that partition's loop, and writes the markers.
 */
@NullMarked
package io.robustmq.core.txn;

import org.jspecify.annotations.NullMarked;
