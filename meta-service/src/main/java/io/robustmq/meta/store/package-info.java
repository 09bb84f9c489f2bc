/**
 * The state on this node's disk: RocksDB rows, each the newest fact about one thing, and the log index they are true for,
 * written together. No write-ahead log of its own: the meta log is one. The entry class is
 * {@link io.robustmq.meta.store.MetaStore}, owned by the meta thread.
 */
@NullMarked
package io.robustmq.meta.store;

import org.jspecify.annotations.NullMarked;
