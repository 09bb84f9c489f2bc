package io.robustmq.core.retained;

import io.robustmq.core.mapping.PublishProperties;
import io.robustmq.core.record.RecordView;
import io.robustmq.core.subscription.MqttTopic;
import io.robustmq.core.subscription.TopicFilter;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The retained message of each topic, within limits of count and bytes. Written by one loop, the tailer of
 * {@code __mqtt_retained}; any thread reads.
 *
 * <p>Topics are in order, so a page of what a filter matches starts where the one before it ended, whatever changed in
 * between, and skips the subtrees that cannot match. A message put or removed while a client pages may or may not be seen;
 * its live copy reaches the subscription by the usual way.
 *
 * <p>What the node itself tells, under topics that begin with $, neither counts nor is refused: it is bounded by its kinds.
 *
 * <p>When full, a message for a new topic is refused and counted; one for a topic that has a message takes its place if
 * the bytes allow. {@link #hasRoom} tells a publisher's broker before it writes a record that nobody could keep.
 */
public final class RetainedIndex {
    /** A page looks at no more entries than this, so that a filter which matches few does not hold its loop. */
    private static final int EXAMINED_MAX = 2_000;

    private final RetainedConfig config;
    private final ConcurrentNavigableMap<String, RetainedMessage> messages = new ConcurrentSkipListMap<>();
    /** The writer's own: which message expires first. */
    private final TreeSet<Expiry> expiries = new TreeSet<>();

    private final AtomicInteger count = new AtomicInteger();
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();

    public RetainedIndex(RetainedConfig config) {
        this.config = config;
    }

    /** The writer's: takes over a record of {@code __mqtt_retained}; false if it is refused for want of room. */
    public boolean apply(RecordView record) {
        Optional<String> topic = RetainedCodec.topic(record);
        if (topic.isEmpty()) {
            return true;
        }
        Optional<RetainedMessage> message = RetainedCodec.message(topic.get(), record);
        if (message.isPresent()) {
            return put(message.get());
        }
        remove(topic.get());
        return true;
    }

    /** The writer's: false if there is no room, and then the topic's former message is gone as well: it is outdated. */
    public boolean put(RetainedMessage message) {
        RetainedMessage former = messages.get(message.topic());
        if (!MqttTopic.isSystem(message.topic()) && !hasRoom(former, message.memoryBytes())) {
            remove(message.topic());
            refused.incrementAndGet();
            return false;
        }
        messages.put(message.topic(), message);
        if (former != null) {
            forget(former);
        }
        account(message);
        return true;
    }

    /** The writer's: false if the topic has no message. */
    public boolean remove(String topic) {
        RetainedMessage former = messages.remove(topic);
        if (former == null) {
            return false;
        }
        forget(former);
        return true;
    }

    /** The writer's: forgets up to {@code max} messages whose time is over; their topics, for tombstones. */
    public List<String> removeExpired(long nowMs, int max) {
        List<String> topics = new ArrayList<>();
        while (!expiries.isEmpty() && topics.size() < max && expiries.first().atMs() <= nowMs) {
            String topic = expiries.first().topic();
            remove(topic);
            topics.add(topic);
        }
        return topics;
    }

    /** The topic's message, if there is one whose time is not over. */
    public Optional<RetainedMessage> get(String topic, long nowMs) {
        RetainedMessage message = messages.get(topic);
        return message == null || message.isExpired(nowMs) ? Optional.empty() : Optional.of(message);
    }

    /** Whether a message with so long a payload would be kept if its record arrived now. */
    public boolean hasRoom(String topic, int payloadBytes, PublishProperties properties) {
        return hasRoom(messages.get(topic), RetainedMessage.memoryBytes(topic, payloadBytes, properties));
    }

    /**
     * The next messages that a valid filter, without share prefix, matches.
     *
     * @param from null for the first page, then {@link RetainedPage#next} of the page before
     * @param countMax at most so many, and no more once their payloads have {@code bytesMax} bytes; at least one is given
     */
    public RetainedPage page(String filter, @Nullable String from, int countMax, long bytesMax, long nowMs) {
        if (!TopicFilter.hasWildcards(filter)) {
            return new RetainedPage(get(filter, nowMs).stream().toList(), null);
        }
        List<RetainedMessage> found = new ArrayList<>();
        String at = from == null ? FilterScan.start(filter) : from;
        Iterator<RetainedMessage> entries = from(at);
        long payloadBytes = 0;
        for (int examined = 0; entries.hasNext(); examined++) {
            RetainedMessage message = entries.next();
            String topic = message.topic();
            boolean full = found.size() >= countMax || payloadBytes >= bytesMax;
            if (examined == EXAMINED_MAX || (full && !found.isEmpty())) {
                return new RetainedPage(found, topic);
            }
            String next = FilterScan.next(filter, topic);
            if (next == null) {
                break;
            }
            if (!next.equals(topic)) {
                entries = from(next);
            } else if (!message.isExpired(nowMs)) {
                found.add(message);
                payloadBytes += message.payload().length;
            }
        }
        return new RetainedPage(found, null);
    }

    public int count() {
        return count.get();
    }

    /** About what the messages take of the heap. */
    public long bytes() {
        return bytes.get();
    }

    /** How many messages found no room since the start. */
    public long refusedCount() {
        return refused.get();
    }

    private Iterator<RetainedMessage> from(String topic) {
        return messages.tailMap(topic, true).values().iterator();
    }

    private boolean hasRoom(@Nullable RetainedMessage former, long memoryBytes) {
        if (former != null) {
            return bytes.get() - former.memoryBytes() + memoryBytes <= config.bytesMax();
        }
        return count.get() < config.countMax() && bytes.get() + memoryBytes <= config.bytesMax();
    }

    private void forget(RetainedMessage message) {
        if (MqttTopic.isSystem(message.topic())) {
            return;
        }
        count.decrementAndGet();
        bytes.addAndGet(-message.memoryBytes());
        if (message.expires()) {
            expiries.remove(new Expiry(message.expiresAtMs(), message.topic()));
        }
    }

    private void account(RetainedMessage message) {
        if (MqttTopic.isSystem(message.topic())) {
            return;
        }
        count.incrementAndGet();
        bytes.addAndGet(message.memoryBytes());
        if (message.expires()) {
            expiries.add(new Expiry(message.expiresAtMs(), message.topic()));
        }
    }

    /** Ordered by time. */
    private record Expiry(long atMs, String topic) implements Comparable<Expiry> {
        @Override
        public int compareTo(Expiry other) {
            int byTime = Long.compare(atMs, other.atMs);
            return byTime != 0 ? byTime : topic.compareTo(other.topic);
        }
    }
}
