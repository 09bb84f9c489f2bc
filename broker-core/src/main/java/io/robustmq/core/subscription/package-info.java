/**
 * Who subscribes to what: MQTT topic names and filters, and the trie that finds the subscribers of a topic. Immutable
 * values and one lock-free structure, so any thread may call in. Entry: SubscriptionTrie, TopicFilter, MqttTopic.
 */
@NullMarked
package io.robustmq.core.subscription;

import org.jspecify.annotations.NullMarked;
