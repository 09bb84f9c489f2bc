/**
 * The write-ahead files of a store: small appends of many shards, made durable by one sync and replayed into the segments
 * after a crash. Owned by one flush thread; entry: {@link io.robustmq.journal.wal.WriteAheadLog}.
 */
@NullMarked
package io.robustmq.journal.wal;

import org.jspecify.annotations.NullMarked;
