/**
 * Where a node's configuration comes from: command line, environment, file, defaults. Immutable after start. Entry:
 * ConfigLoader.
 */
@NullMarked
package io.robustmq.server.config;

import org.jspecify.annotations.NullMarked;
