/**
 * The one catalogue of expected refusals. Each protocol maps it to its own codes in one exhaustive switch.
 */
@NullMarked
package io.robustmq.core.error;

import org.jspecify.annotations.NullMarked;
