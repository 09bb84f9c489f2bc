/** Starts and wires a node. */
@NullMarked
package io.robustmq.server;

import org.jspecify.annotations.NullMarked;
