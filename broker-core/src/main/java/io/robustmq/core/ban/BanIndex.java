package io.robustmq.core.ban;

import io.netty.util.NetUtil;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.jspecify.annotations.Nullable;

/** Who is banned, as every connection asks it. One writer; any thread reads, without waiting. */
public final class BanIndex {
    private static final int BITS_MAX = 128;

    private final Map<Ban.Key, Ban> bans = new ConcurrentHashMap<>();
    /** How many ranges there are of each length: only these are looked for. */
    private final AtomicIntegerArray rangesByBits = new AtomicIntegerArray(BITS_MAX + 1);

    public void put(Ban ban) {
        if (bans.put(ban.key(), ban) == null) {
            count(ban.key(), 1);
        }
    }

    public void remove(Ban.Key key) {
        if (bans.remove(key) != null) {
            count(key, -1);
        }
    }

    private void count(Ban.Key key, int change) {
        if (key.kind() == Ban.Kind.ADDRESS) {
            rangesByBits.addAndGet(AddressRange.parse(key.value()).bits(), change);
        }
    }

    public boolean isEmpty() {
        return bans.isEmpty();
    }

    /** What keeps the client or user away; empty names are not looked for. */
    public Optional<Ban> find(String clientId, String user, String address, long nowMs) {
        if (bans.isEmpty()) {
            return Optional.empty();
        }
        Ban found = valid(new Ban.Key(Ban.Kind.CLIENT, clientId), nowMs);
        if (found == null) {
            found = valid(new Ban.Key(Ban.Kind.USER, user), nowMs);
        }
        return found == null ? findAddress(address, nowMs) : Optional.of(found);
    }

    public Optional<Ban> findAddress(String address, long nowMs) {
        byte[] bytes = bans.isEmpty() || address.isEmpty() ? null : NetUtil.createByteArrayFromIpAddressString(address);
        if (bytes == null) {
            return Optional.empty();
        }
        for (int bits = bytes.length * 8; bits >= 0; bits--) {
            if (rangesByBits.get(bits) > 0) {
                Ban found = valid(new Ban.Key(Ban.Kind.ADDRESS, AddressRange.of(bytes, bits)), nowMs);
                if (found != null) {
                    return Optional.of(found);
                }
            }
        }
        return Optional.empty();
    }

    private @Nullable Ban valid(Ban.Key key, long nowMs) {
        Ban ban = key.value().isEmpty() ? null : bans.get(key);
        return ban == null || ban.isOver(nowMs) ? null : ban;
    }

    /** All, the newest first. */
    public List<Ban> all() {
        return bans.values().stream()
                .sorted(Comparator.comparingLong(Ban::atMs).reversed().thenComparing(Ban::value))
                .toList();
    }
}
