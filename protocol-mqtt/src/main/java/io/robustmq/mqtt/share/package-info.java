/**
 * What nodes tell each other of subscriptions that belong to several clients, shared or exclusive: the homes of their sessions to
 * the node that deals, and back. Values, and their way over the link.
 */
@NullMarked
package io.robustmq.mqtt.share;

import org.jspecify.annotations.NullMarked;
