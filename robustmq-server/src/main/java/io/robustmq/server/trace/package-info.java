/** Traces of MQTT clients as files. Entry: TraceFiles. */
@NullMarked
package io.robustmq.server.trace;

import org.jspecify.annotations.NullMarked;
