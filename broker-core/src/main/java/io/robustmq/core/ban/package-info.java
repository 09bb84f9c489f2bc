/**
 * Who may not connect. The Decider runs in the loop of its partition of {@code __mqtt_bans}; every connection asks the index. Entry:
 * BanMachine, BanIndex.
 */
@NullMarked
package io.robustmq.core.ban;

import org.jspecify.annotations.NullMarked;
