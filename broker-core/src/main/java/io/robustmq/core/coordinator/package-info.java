/**
 * Runs Deciders over the partitions of an internal topic: decide, append, apply, then answer once committed. A
 * {@link io.robustmq.core.coordinator.CoordinatorService} follows leadership and hands commands to the partition's loop; a
 * CoordinatorShard there owns the Decider.
 *
 * <p>To add a kind of coordinator: a {@link io.robustmq.core.coordinator.Decider} for its rules, a
 * {@link io.robustmq.core.coordinator.FactCodec} for its records, an {@link io.robustmq.core.coordinator.EffectSink} for what
 * it tells the outside. A Decider hears of its own beginning ({@code activated}: the log is replayed, commands follow) and
 * end ({@code dropped}: answer whoever waits in memory), and asks for time with {@code wakeAtMs}.
 */
@NullMarked
package io.robustmq.core.coordinator;

import org.jspecify.annotations.NullMarked;
