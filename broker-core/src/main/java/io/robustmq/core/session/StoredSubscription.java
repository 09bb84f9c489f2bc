package io.robustmq.core.session;

/**
 * A subscription as it is stored.
 *
 * @param filter as the client sent it
 * @param id subscription identifier, 0 for none
 */
public record StoredSubscription(String filter, int qos, boolean noLocal, boolean retainAsPublished, int id) {
    public StoredSubscription {
        if (qos < 0 || qos > 2) {
            throw new IllegalArgumentException("QoS " + qos);
        }
    }
}
