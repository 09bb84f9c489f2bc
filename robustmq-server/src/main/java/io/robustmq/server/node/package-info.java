/**
 * A running node: what is started in which order, and stopped in which. Owned by the starting thread, then by the stopping
 * one. Entry: Node.
 */
@NullMarked
package io.robustmq.server.node;

import org.jspecify.annotations.NullMarked;
