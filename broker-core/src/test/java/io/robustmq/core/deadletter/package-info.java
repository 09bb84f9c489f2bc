@NullUnmarked
package io.robustmq.core.deadletter;

import org.jspecify.annotations.NullUnmarked;
