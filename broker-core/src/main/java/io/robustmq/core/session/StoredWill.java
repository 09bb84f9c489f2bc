package io.robustmq.core.session;

import io.robustmq.core.mapping.WaitingPublish;

/** What is published for a client that goes without a word, {@code delaySeconds} later unless its session ends before. */
public record StoredWill(WaitingPublish message, long delaySeconds) {}
