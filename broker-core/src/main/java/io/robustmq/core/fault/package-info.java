/**
 * Where tests have a process killed. Any thread; does nothing unless the process was started for it. Entry:
 * {@link io.robustmq.core.fault.CrashPoint}.
 */
@NullMarked
package io.robustmq.core.fault;

import org.jspecify.annotations.NullMarked;
