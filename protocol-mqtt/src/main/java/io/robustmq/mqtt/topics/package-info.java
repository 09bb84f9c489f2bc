/**
 * What operators change about the topics that clients name: rewriting, and subscriptions that clients get without asking. Entry:
 * TopicRewrite, AutoSubscriptions; immutable, any thread.
 */
@NullMarked
package io.robustmq.mqtt.topics;

import org.jspecify.annotations.NullMarked;
