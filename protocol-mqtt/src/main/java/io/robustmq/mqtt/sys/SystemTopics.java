package io.robustmq.mqtt.sys;

import io.robustmq.core.loop.Cancellable;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.retained.RetainedIndex;
import io.robustmq.mqtt.MqttMetrics;
import io.robustmq.mqtt.deliver.Router;
import io.robustmq.mqtt.deliver.SystemMessages;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.DoubleSupplier;

/**
 * Tells the node's figures under {@code $SYS/broker}, by mosquitto's names, each when it has changed. Messages are those that
 * are published, not all packets. Owned by the router's loop.
 */
public final class SystemTopics {
    private static final String ROOT = SystemMessages.PREFIX + "broker/";

    private final Router router;
    private final Loop loop;
    private final int intervalSeconds;
    private final Map<String, DoubleSupplier> figures = new LinkedHashMap<>();
    private final Map<String, Load> loads = new LinkedHashMap<>();
    private final Map<String, DoubleSupplier> loadSources = new HashMap<>();
    private final Map<String, String> told = new HashMap<>();
    private Cancellable timer = Cancellable.NOTHING;
    private long startedNanos;
    private long updatedNanos;

    /** Not telling yet. */
    public SystemTopics(Router router, MqttMetrics metrics, RetainedIndex retained, int intervalSeconds) {
        this.router = router;
        this.loop = router.loop();
        this.intervalSeconds = intervalSeconds;
        figures.put("clients/connected", metrics::clients);
        figures.put("clients/active", metrics::clients);
        figures.put("clients/maximum", metrics::clientsMost);
        figures.put("clients/total", () -> router.sessions().count());
        figures.put("clients/disconnected", () -> Math.max(0, router.sessions().count() - metrics.clients()));
        figures.put("clients/inactive", () -> Math.max(0, router.sessions().count() - metrics.clients()));
        figures.put("messages/received", metrics::messagesReceived);
        figures.put("messages/sent", metrics::messagesSent);
        figures.put("publish/messages/received", metrics::messagesReceived);
        figures.put("publish/messages/sent", metrics::messagesSent);
        figures.put("publish/messages/dropped", metrics::messagesDropped);
        figures.put("publish/bytes/received", metrics::bytesReceived);
        figures.put("retained messages/count", retained::count);
        figures.put("subscriptions/count", router::subscriptionCount);
        figures.put(
                "heap/current",
                () -> Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory());
        figures.put("heap/maximum", () -> Runtime.getRuntime().maxMemory());
        load("messages/received", metrics::messagesReceived);
        load("messages/sent", metrics::messagesSent);
        load("publish/received", metrics::messagesReceived);
        load("publish/sent", metrics::messagesSent);
        load("publish/dropped", metrics::messagesDropped);
        load("connections", metrics::connects);
    }

    private void load(String name, DoubleSupplier source) {
        loads.put(name, new Load());
        loadSources.put(name, source);
    }

    /** From any thread. */
    public void start() {
        if (intervalSeconds > 0) {
            loop.run(() -> {
                startedNanos = loop.nanoTime();
                updatedNanos = startedNanos;
                tell("version", version());
                update();
            });
        }
    }

    private static String version() {
        String version = SystemTopics.class.getPackage().getImplementationVersion();
        return version == null ? "robustmq" : "robustmq version " + version;
    }

    /** From any thread. */
    public void stop() {
        loop.run(() -> timer.cancel());
    }

    private void update() {
        long now = loop.nanoTime();
        long elapsedMs = (now - updatedNanos) / 1_000_000;
        updatedNanos = now;
        tell("uptime", (now - startedNanos) / 1_000_000_000L + " seconds");
        figures.forEach((name, figure) -> tell(name, Long.toString((long) figure.getAsDouble())));
        loads.forEach((name, load) -> {
            DoubleSupplier source = loadSources.get(name);
            if (source != null) {
                load.update(source.getAsDouble(), elapsedMs);
            }
            for (int i = 0; i < Load.MINUTES.length; i++) {
                String average = String.format(Locale.ROOT, "%.2f", load.perMinute(i));
                tell("load/" + name + "/" + Load.MINUTES[i] + "min", average);
            }
        });
        timer = loop.schedule(intervalSeconds * 1000L, this::update);
    }

    private void tell(String name, String value) {
        if (!value.equals(told.put(name, value))) {
            router.system().keep(ROOT + name, value.getBytes(StandardCharsets.UTF_8));
        }
    }
}
