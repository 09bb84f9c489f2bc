/**
 * Kinds of stores that come apart from the server, each by a class loader of its own. Entry:
 * {@link io.robustmq.storage.plugin.PluginLoader}. Called once, at the start.
 */
@NullMarked
package io.robustmq.storage.plugin;

import org.jspecify.annotations.NullMarked;
