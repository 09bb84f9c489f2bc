package io.robustmq.kafka.telemetry;

import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;
import java.util.zip.CRC32C;
import org.apache.kafka.common.Uuid;

/**
 * What one client is asked for: all subscriptions that concern it, together.
 *
 * @param metrics prefixes of names in order; one asterisk for all; none when nothing is wanted
 */
record Wanted(int id, List<String> metrics, int intervalMs) {
    private static final int INTERVAL_MS_DEFAULT = 300_000;

    static Wanted of(Client client, Collection<MetricsSubscription> subscriptions) {
        TreeSet<String> metrics = new TreeSet<>();
        int intervalMs = Integer.MAX_VALUE;
        for (MetricsSubscription subscription : subscriptions) {
            if (subscription.concerns(client)) {
                metrics.addAll(subscription.wantsAll() ? List.of(MetricsSubscription.ALL) : subscription.metrics());
                intervalMs = Math.min(intervalMs, subscription.intervalMs());
            }
        }
        List<String> told =
                metrics.contains(MetricsSubscription.ALL) ? List.of(MetricsSubscription.ALL) : List.copyOf(metrics);
        int everyMs = intervalMs == Integer.MAX_VALUE ? INTERVAL_MS_DEFAULT : intervalMs;
        return new Wanted(idOf(client.instanceId(), told, everyMs), told, everyMs);
    }

    /** Another one whenever something else is wanted, and the same on every node. */
    private static int idOf(Uuid instanceId, List<String> metrics, int intervalMs) {
        CRC32C crc = new CRC32C();
        crc.update((String.join(",", metrics) + ' ' + intervalMs).getBytes(StandardCharsets.UTF_8));
        return (int) crc.getValue() ^ instanceId.hashCode();
    }

    boolean includes(String metric) {
        return metrics.stream().anyMatch(prefix -> prefix.equals(MetricsSubscription.ALL) || metric.startsWith(prefix));
    }
}
