/**
 * What the node tells its clients about itself: the {@code $SYS} tree and events of clients. Entry: SystemTopics, in the
 * router's loop, and ClientEvents, in the loops of connections.
 */
@NullMarked
package io.robustmq.mqtt.sys;

import org.jspecify.annotations.NullMarked;
