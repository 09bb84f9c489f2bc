/** Where log lines go and how they look. Configured once, by the first logger. Entry: LogSetup. */
@NullMarked
package io.robustmq.server.logging;

import org.jspecify.annotations.NullMarked;
