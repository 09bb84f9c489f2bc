/** Tests of retained messages. */
@NullMarked
package io.robustmq.core.retained;

import org.jspecify.annotations.NullMarked;
