package io.robustmq.kafka.quota;

import io.netty.util.NetUtil;
import io.robustmq.core.meta.ConfigScope;
import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.port.MetaLog;
import io.robustmq.core.quota.Bucket;
import io.robustmq.core.quota.QuotaEntity;
import io.robustmq.core.quota.QuotaKey;
import io.robustmq.core.quota.QuotaTable;
import io.robustmq.core.quota.QuotaTable.Limit;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The limits of the newest metadata, and the buckets that all connections of one user or client id share. Thread-safe. Asks
 * the image, so that a limit counts from the next request on; while there is none, that is all it does.
 */
public final class ClientQuotas {
    private static final long SWEEP_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final MetaLog metaLog;
    private final QuotaConfig config;
    private final ConcurrentHashMap<Limit, Bucket> buckets = new ConcurrentHashMap<>();
    private volatile Seen seen = new Seen(MetaImage.EMPTY, Map.of(), QuotaTable.EMPTY);

    private volatile long sweptAtNanos;

    public ClientQuotas(MetaLog metaLog, QuotaConfig config) {
        this.metaLog = metaLog;
        this.config = config;
    }

    QuotaConfig config() {
        return config;
    }

    /** The same object as long as no limit changes. */
    public QuotaTable table() {
        MetaImage image = metaLog.image();
        Seen last = seen;
        if (last.image().index() != image.index()) {
            last = look(image, last);
            seen = last;
        }
        return last.table();
    }

    private static Seen look(MetaImage image, Seen last) {
        Map<ConfigScope, Map<String, String>> scopes = new HashMap<>();
        image.configs().forEach((scope, values) -> {
            if (scope.kind() == ConfigScope.Kind.QUOTA && !values.isEmpty()) {
                scopes.put(scope, values);
            }
        });
        return scopes.equals(last.scopes())
                ? new Seen(image, last.scopes(), last.table())
                : new Seen(image, scopes, table(scopes));
    }

    private static QuotaTable table(Map<ConfigScope, Map<String, String>> scopes) {
        Map<QuotaEntity, Map<QuotaKey, Double>> limits = new HashMap<>();
        scopes.forEach((scope, values) -> {
            Map<QuotaKey, Double> rates = new EnumMap<>(QuotaKey.class);
            values.forEach((key, value) ->
                    QuotaKey.named(key).ifPresent(known -> rates.put(known, Double.parseDouble(value))));
            limits.put(canonical(QuotaEntity.parse(scope.name())), rates);
        });
        return new QuotaTable(limits);
    }

    /** An address can be written in more than one way. */
    private static QuotaEntity canonical(QuotaEntity entity) {
        String ip = entity.ip();
        InetAddress address = ip == null || ip.equals(QuotaEntity.DEFAULT) ? null : addressOf(ip);
        return address == null ? entity : QuotaEntity.address(NetUtil.toAddressString(address));
    }

    private static @Nullable InetAddress addressOf(String ip) {
        byte[] bytes = NetUtil.createByteArrayFromIpAddressString(ip);
        try {
            return bytes == null ? null : InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new AssertionError("an address of " + ip + " has a length of its own", e);
        }
    }

    /** How long a new connection from this address is kept before it is closed; 0 when it is served, which is counted. */
    public int connect(InetAddress from, long nowNanos) {
        QuotaTable table = table();
        if (table.isEmpty()) {
            return 0;
        }
        Bucket bucket =
                bucket(table.ofAddress(QuotaKey.CONNECTION_CREATION_RATE, NetUtil.toAddressString(from)), nowNanos);
        return bucket == null ? 0 : Math.min(config.pauseMsMax(), bucket.tryTake(1, nowNanos));
    }

    /** Null without a limit. */
    @Nullable
    Bucket bucket(Optional<Limit> limit, long nowNanos) {
        if (limit.isEmpty()) {
            return null;
        }
        Bucket present = buckets.get(limit.get());
        if (present != null) {
            return present;
        }
        if (buckets.size() >= config.bucketsMax() && nowNanos - sweptAtNanos > SWEEP_NANOS) {
            sweptAtNanos = nowNanos;
            buckets.values().removeIf(bucket -> bucket.isFull(nowNanos));
        }
        Bucket fresh = new Bucket(limit.get().rate(), config.burstMs(), nowNanos);
        if (buckets.size() >= config.bucketsMax()) {
            // Whoever connects under thousands of names is measured connection by connection.
            return fresh;
        }
        Bucket raced = buckets.putIfAbsent(limit.get(), fresh);
        return raced == null ? fresh : raced;
    }

    /** Who is measured now, each on their own. */
    int measured() {
        return buckets.size();
    }

    private record Seen(MetaImage image, Map<ConfigScope, Map<String, String>> scopes, QuotaTable table) {}
}
