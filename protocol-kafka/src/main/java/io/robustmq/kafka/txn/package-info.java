/**
 * The Kafka APIs of transactions, one handler each; {@link io.robustmq.kafka.txn.TxnApis} has the table. Handlers run in the
 * connection's loop.
 */
@NullMarked
package io.robustmq.kafka.txn;

import org.jspecify.annotations.NullMarked;
