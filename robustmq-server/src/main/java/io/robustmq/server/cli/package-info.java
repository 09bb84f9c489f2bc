/**
 * The command line. Commands run in the main thread of their own process and talk to a node as any client does. Entry:
 * RootCommand.
 */
@NullMarked
package io.robustmq.server.cli;

import org.jspecify.annotations.NullMarked;
