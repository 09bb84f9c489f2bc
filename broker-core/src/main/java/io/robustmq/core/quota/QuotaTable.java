package io.robustmq.core.quota;

import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** All limits, as of one moment. Immutable. */
public final class QuotaTable {
    public static final QuotaTable EMPTY = new QuotaTable(Map.of());

    private final Map<QuotaEntity, Map<QuotaKey, Double>> limits;

    public QuotaTable(Map<QuotaEntity, Map<QuotaKey, Double>> limits) {
        Map<QuotaEntity, Map<QuotaKey, Double>> copy = new HashMap<>();
        limits.forEach((entity, values) -> {
            if (!values.isEmpty()) {
                copy.put(entity, new EnumMap<>(values));
            }
        });
        this.limits = copy;
    }

    public boolean isEmpty() {
        return limits.isEmpty();
    }

    public Map<QuotaEntity, Map<QuotaKey, Double>> limits() {
        return Map.copyOf(limits);
    }

    /**
     * The limit that counts for a client, by Kafka's order: what names both user and client id, then the user, then the
     * client id, and what names exactly before any default.
     */
    public Optional<Limit> ofClient(QuotaKey key, String user, String clientId) {
        String[] users = {user, QuotaEntity.DEFAULT};
        for (String each : users) {
            Optional<Limit> found = find(key, QuotaEntity.client(each, clientId), user, clientId)
                    .or(() -> find(key, QuotaEntity.client(each, QuotaEntity.DEFAULT), user, clientId))
                    .or(() -> find(key, QuotaEntity.client(each, null), user, null));
            if (found.isPresent()) {
                return found;
            }
        }
        return find(key, QuotaEntity.client(null, clientId), null, clientId)
                .or(() -> find(key, QuotaEntity.client(null, QuotaEntity.DEFAULT), null, clientId));
    }

    public Optional<Limit> ofAddress(QuotaKey key, String ip) {
        return limit(key, QuotaEntity.address(ip), QuotaEntity.address(ip))
                .or(() -> limit(key, QuotaEntity.address(QuotaEntity.DEFAULT), QuotaEntity.address(ip)));
    }

    private Optional<Limit> find(QuotaKey key, QuotaEntity entity, @Nullable String user, @Nullable String clientId) {
        return limit(key, entity, QuotaEntity.client(user, clientId));
    }

    private Optional<Limit> limit(QuotaKey key, QuotaEntity entity, QuotaEntity sharer) {
        Double rate = limits.getOrDefault(entity, Map.of()).get(key);
        return rate == null ? Optional.empty() : Optional.of(new Limit(key, sharer, rate));
    }

    /**
     * A limit that counts.
     *
     * @param sharer who shares it: connections of the same one measure against the same bucket
     */
    public record Limit(QuotaKey key, QuotaEntity sharer, double rate) {}
}
