package io.robustmq.core.mapping;

import io.netty.buffer.ByteBuf;
import io.robustmq.core.model.Principal;

/**
 * A message that waits outside the log until it is published: a will, or one to be published later. Immutable; the payload is
 * on the heap, and read by index only.
 *
 * @param publisher in whose name it is published
 */
public record WaitingPublish(String topic, ByteBuf payload, PublishProperties properties, Principal publisher) {}
