package io.robustmq.mqtt.limits;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The paces of users, each shared by all connections of one, and forgotten with the last of them. Thread-safe. */
public final class UserPaces {
    private final Paces.Rates rates;
    private final Map<String, Shared> byUser = new ConcurrentHashMap<>();

    private record Shared(Paces paces, int connections) {}

    public UserPaces(Paces.Rates rates) {
        this.rates = rates;
    }

    /** Null when users are not limited; else {@link #leave} is called once. */
    public @Nullable Paces join(String user, long nowNanos) {
        if (rates.isUnlimited()) {
            return null;
        }
        Shared shared = byUser.compute(
                user,
                (name, before) -> before == null
                        ? new Shared(new Paces(rates, nowNanos), 1)
                        : new Shared(before.paces, before.connections + 1));
        return shared == null ? null : shared.paces;
    }

    public void leave(String user) {
        byUser.computeIfPresent(
                user,
                (name, before) -> before.connections == 1 ? null : new Shared(before.paces, before.connections - 1));
    }

    int count() {
        return byUser.size();
    }
}
