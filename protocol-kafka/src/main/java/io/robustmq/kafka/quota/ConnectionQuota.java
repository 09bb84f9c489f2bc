package io.robustmq.kafka.quota;

import io.robustmq.core.quota.Bucket;
import io.robustmq.core.quota.QuotaKey;
import io.robustmq.core.quota.QuotaTable;
import org.jspecify.annotations.Nullable;

/**
 * What one connection is measured against; looked up again when a limit, its user or its client id changes. Owned by the
 * connection's loop.
 */
public final class ConnectionQuota {
    private static final double PERCENT_PER_NANO = 100 / 1e9;

    private final ClientQuotas quotas;
    private QuotaTable table = QuotaTable.EMPTY;
    private String user = "";
    private String clientId = "";
    private @Nullable Bucket produce;
    private @Nullable Bucket fetch;
    private @Nullable Bucket requests;
    private @Nullable Bucket mutations;

    public ConnectionQuota(ClientQuotas quotas) {
        this.quotas = quotas;
    }

    /** Whether anything is to be measured for this client; to be asked before every request. */
    public boolean applies(String requestUser, String requestClientId, long nowNanos) {
        QuotaTable newest = quotas.table();
        if (newest.isEmpty() && table.isEmpty()) {
            return false;
        }
        if (newest != table || !requestUser.equals(user) || !requestClientId.equals(clientId)) {
            table = newest;
            user = requestUser;
            clientId = requestClientId;
            produce = bucket(QuotaKey.PRODUCER_BYTE_RATE, nowNanos);
            fetch = bucket(QuotaKey.CONSUMER_BYTE_RATE, nowNanos);
            requests = bucket(QuotaKey.REQUEST_PERCENTAGE, nowNanos);
            mutations = bucket(QuotaKey.CONTROLLER_MUTATION_RATE, nowNanos);
        }
        return produce != null || fetch != null || requests != null || mutations != null;
    }

    private @Nullable Bucket bucket(QuotaKey key, long nowNanos) {
        return quotas.bucket(table.ofClient(key, user, clientId), nowNanos);
    }

    /** Milliseconds to stay away after these bytes were produced. */
    public int produced(int bytes, long nowNanos) {
        return produce == null ? 0 : produce.take(bytes, nowNanos);
    }

    /** Milliseconds to stay away after these bytes were fetched. */
    public int fetched(long bytes, long nowNanos) {
        return fetch == null ? 0 : fetch.take((double) bytes, nowNanos);
    }

    /** What the whole burst of the client's rate is, so that no single answer makes it wait for long. */
    public int fetchBytesMax() {
        double bytes = fetch == null ? Integer.MAX_VALUE : fetch.burst();
        return (int) Math.max(1, Math.min(bytes, Integer.MAX_VALUE));
    }

    /**
     * Milliseconds to stay away after a loop worked for this long; 100 percent is one loop's whole time. A long pause is made
     * of several short ones, each after a request, as Kafka makes them.
     */
    public int worked(long nanos, long nowNanos) {
        return requests == null
                ? 0
                : Math.min(quotas.config().pauseMsMax(), requests.take(nanos * PERCENT_PER_NANO, nowNanos));
    }

    /**
     * Milliseconds to stay away after this many partitions are created or deleted. When {@code strict}, nothing is taken by
     * who is over already: the change is to be refused then (KIP-599).
     */
    public int mutated(int partitions, boolean strict, long nowNanos) {
        if (mutations == null) {
            return 0;
        }
        int owed = mutations.waitMs(nowNanos);
        if (strict && owed > 0) {
            return owed;
        }
        int after = mutations.take(partitions, nowNanos);
        return strict ? 0 : after;
    }
}
