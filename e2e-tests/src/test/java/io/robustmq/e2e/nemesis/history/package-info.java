/**
 * What clients did and were told while nodes were ill treated, and whether that is possible if the cluster keeps its promises.
 * Values and pure functions, but for {@link io.robustmq.e2e.nemesis.history.History}, which all clients' threads write to. Entry:
 * {@link io.robustmq.e2e.nemesis.history.Checker}.
 */
@NullMarked
package io.robustmq.e2e.nemesis.history;

import org.jspecify.annotations.NullMarked;
