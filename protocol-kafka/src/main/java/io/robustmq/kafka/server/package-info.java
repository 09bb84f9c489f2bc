/**
 * Connections: cuts frames, decodes requests, keeps answers in request order. Each class is owned by its connection's
 * event loop. Entry: KafkaServer.
 */
@NullMarked
package io.robustmq.kafka.server;

import org.jspecify.annotations.NullMarked;
