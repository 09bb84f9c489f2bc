package io.robustmq.server.node;

import io.robustmq.server.admin.NodeStatus;
import io.robustmq.server.admin.NodeStatus.Endpoint;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The first thing an operator sees once the node is ready: one block, with the next command to try. */
final class Banner {
    private Banner() {}

    static String text(NodeStatus node, long readyAfterMs) {
        Map<String, Endpoint> endpoints = node.endpoints();
        StringBuilder text = new StringBuilder();
        text.append(String.format(
                Locale.ROOT,
                "RobustMQ %s  node %d  roles %s  ready in %.1f s%n",
                node.version(),
                node.nodeId(),
                String.join(",", node.roles()),
                readyAfterMs / 1000.0));
        line(text, "MQTT", endpoints.get("mqtt"), "");
        line(text, "WebSocket", endpoints.get("mqtt-ws"), "/mqtt");
        line(text, "Kafka", endpoints.get("kafka"), "");
        Endpoint admin = endpoints.get("admin");
        if (admin != null) {
            text.append(String.format("  %-10s http://%s%n", "Admin", admin));
        }
        text.append(String.format(
                "  %-10s %s%n", "Data", node.dataDir().toAbsolutePath().normalize()));
        Endpoint mqtt = endpoints.get("mqtt");
        if (mqtt != null) {
            text.append(String.format(
                    "  %-10s mosquitto_pub -p %d -t sensors/room1/temp -q 1 -m 21.5%n", "Try", mqtt.port()));
        }
        return text.toString();
    }

    private static void line(StringBuilder text, String title, @Nullable Endpoint endpoint, String path) {
        if (endpoint != null) {
            text.append(String.format("  %-10s %s%s%n", title, endpoint, path));
        }
    }
}
