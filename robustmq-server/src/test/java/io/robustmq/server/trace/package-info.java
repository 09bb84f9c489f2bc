@NullMarked
package io.robustmq.server.trace;

import org.jspecify.annotations.NullMarked;
