/**
 * What a shard decides: which appends are accepted, at which offsets, and when they count as committed. Pure; owned by the
 * shard's loop. Entry: {@link io.robustmq.journal.shard.ShardMachine}.
 */
@NullMarked
package io.robustmq.journal.shard;

import org.jspecify.annotations.NullMarked;
