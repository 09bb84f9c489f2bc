package io.robustmq.kafka.telemetry;

import io.robustmq.core.meta.ConfigScope;
import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.port.MetaLog;
import java.util.ArrayList;
import java.util.List;

/** The subscriptions of the newest metadata. Thread-safe; read anew when the metadata has changed. */
final class Subscriptions {
    private final MetaLog metaLog;
    private volatile Seen seen = new Seen(MetaImage.EMPTY, List.of());

    Subscriptions(MetaLog metaLog) {
        this.metaLog = metaLog;
    }

    Wanted of(Client client) {
        MetaImage image = metaLog.image();
        Seen last = seen;
        if (last.image().index() != image.index()) {
            last = new Seen(image, read(image));
            seen = last;
        }
        return Wanted.of(client, last.subscriptions());
    }

    private static List<MetricsSubscription> read(MetaImage image) {
        List<MetricsSubscription> subscriptions = new ArrayList<>();
        image.configs().forEach((scope, values) -> {
            if (scope.kind() == ConfigScope.Kind.CLIENT_METRICS && !values.isEmpty()) {
                subscriptions.add(MetricsSubscription.of(values));
            }
        });
        return List.copyOf(subscriptions);
    }

    private record Seen(MetaImage image, List<MetricsSubscription> subscriptions) {}
}
