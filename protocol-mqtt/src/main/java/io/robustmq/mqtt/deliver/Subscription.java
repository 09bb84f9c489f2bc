package io.robustmq.mqtt.deliver;

import io.robustmq.core.subscription.TopicFilter;
import io.robustmq.mqtt.session.PartitionLog;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What one session subscribed to with one filter. Its options never change: subscribing again makes a new one. The fences, and
 * whether it is live, are owned by the router's loop.
 */
public final class Subscription {
    private final Session session;
    private final TopicFilter filter;
    private final int qos;
    private final boolean noLocal;
    private final boolean retainAsPublished;
    private final int id;
    /** Where the subscription begins in partitions that were being read when it was made. */
    private @Nullable Map<PartitionLog, Long> fences;

    private boolean isOut;

    /**
     * As the client asked for it.
     *
     * @param id 0 for none
     */
    public Subscription(
            Session session, TopicFilter filter, int qos, boolean noLocal, boolean retainAsPublished, int id) {
        this.session = session;
        this.filter = filter;
        this.qos = qos;
        this.noLocal = noLocal;
        this.retainAsPublished = retainAsPublished;
        this.id = id;
    }

    public Session session() {
        return session;
    }

    public TopicFilter filter() {
        return filter;
    }

    public int qos() {
        return qos;
    }

    public boolean noLocal() {
        return noLocal;
    }

    public boolean retainAsPublished() {
        return retainAsPublished;
    }

    public int id() {
        return id;
    }

    /** Taken out, by the router, perhaps before it was in. */
    void out() {
        isOut = true;
    }

    boolean isOut() {
        return isOut;
    }

    /** Whether it matches the message by itself, and does not leave out who published it. */
    boolean wants(Message message) {
        return !filter.isShared()
                && filter.matches(message.topic())
                && !(noLocal && session.clientId().equals(message.publisher()));
    }

    SessionInfo.SubscriptionInfo info() {
        return new SessionInfo.SubscriptionInfo(filter.text(), qos, noLocal, retainAsPublished, id);
    }

    /** Goes on where another one of the same filter is. */
    void takeOver(Subscription other) {
        fences = other.fences == null ? null : new HashMap<>(other.fences);
    }

    /** Messages of the partition before {@code offset} are not for this subscription. */
    void fence(PartitionLog log, long offset) {
        if (fences == null) {
            fences = new HashMap<>();
        }
        fences.merge(log, offset, Math::max);
    }

    /** Where it begins in the partition; 0 where that is not bounded. */
    long fenceOf(PartitionLog log) {
        return fences == null ? 0 : fences.getOrDefault(log, 0L);
    }

    /** Whether records have to be looked at one by one. */
    boolean isSelective() {
        return noLocal || fences != null;
    }

    boolean admits(PartitionLog log, long offset, @Nullable String publisher) {
        if (noLocal && session.clientId().equals(publisher)) {
            return false;
        }
        Map<PartitionLog, Long> begins = fences;
        Long fence = begins == null ? null : begins.get(log);
        if (begins == null || fence == null) {
            return true;
        }
        if (offset < fence) {
            return false;
        }
        // The partition is read in order: nothing older comes.
        begins.remove(log);
        if (begins.isEmpty()) {
            fences = null;
        }
        return true;
    }
}
