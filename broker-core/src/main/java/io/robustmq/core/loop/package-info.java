/**
 * Single-threaded execution contexts. Production loops live outside the core; SimLoop in the tests.
 */
@NullMarked
package io.robustmq.core.loop;

import org.jspecify.annotations.NullMarked;
