/** The node's own files in its data directory. Used by the starting and the stopping thread only. Entry: DataDirectory. */
@NullMarked
package io.robustmq.server.store;

import org.jspecify.annotations.NullMarked;
