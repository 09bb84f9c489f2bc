package io.robustmq.server.node;

import io.robustmq.core.config.Configuration;
import io.robustmq.core.meta.NodeRole;
import io.robustmq.core.port.Journal;
import io.robustmq.core.port.MetaLog;
import io.robustmq.core.retained.RetainedConfig;
import io.robustmq.mqtt.MqttConfig;
import io.robustmq.mqtt.MqttMetrics;
import io.robustmq.mqtt.server.MqttServer;
import io.robustmq.server.admin.AdminApi;
import io.robustmq.server.admin.MqttCalls;
import io.robustmq.server.config.StartRules;
import io.robustmq.server.security.Security;
import io.robustmq.server.trace.TraceFiles;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Makes the MQTT side. A node without the role broker has none of its listeners, and is home to sessions. Used by the thread that starts the node. */
record MqttParts(NodeParts node, Transport transport) {
    private static final long CLIENTS_TOLD_MS_MAX = 5_000;

    /** @param others null on a node alone */
    MqttServer make(MetaLog meta, Journal journal, MqttServer.@Nullable Cluster others, Security security) {
        Configuration values = node.values;
        boolean listens = node.config.roleSet().contains(NodeRole.BROKER);
        MqttConfig mqttConfig = MqttConfig.from(listens ? values : StartRules.withoutMqttListeners(values));
        TraceFiles traces = node.parts.add(
                "traces",
                new TraceFiles(
                        node.directory.path().resolve("traces"),
                        mqttConfig.operations().traceBytesMax()));
        MqttServer mqtt = new MqttServer(
                mqttConfig,
                RetainedConfig.from(values),
                new MqttMetrics(node.registry()),
                new MqttServer.Platform(transport.group(), transport.loops(), transport.serverChannel()),
                new MqttServer.Core(node.config.nodeId(), journal, meta, traces, others),
                new MqttServer.Access(security.logins(), security.authorizer(), node.tls()));
        node.parts.add("mqtt", () -> mqtt.stop().get(CLIENTS_TOLD_MS_MAX, TimeUnit.MILLISECONDS));
        return mqtt;
    }

    void bind(MqttServer mqtt) throws IOException {
        try {
            MqttServer.Bound listeners = mqtt.start(node.config.bind());
            if (listeners.port() >= 0) {
                node.bound("mqtt", listeners.port());
            }
            if (listeners.webSocketPort() >= 0) {
                node.bound("mqtt-ws", listeners.webSocketPort());
            }
            if (listeners.tlsPort() >= 0) {
                node.bound("mqtt-tls", listeners.tlsPort());
            }
            if (listeners.webSocketTlsPort() >= 0) {
                node.bound("mqtt-wss", listeners.webSocketTlsPort());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StartException("interrupted while starting");
        } catch (Exception e) {
            // Netty throws what binding threw, checked or not.
            MqttConfig wanted = MqttConfig.from(node.values);
            throw new IOException(
                    "cannot listen on " + node.config.bind() + ", mqtt.port=" + wanted.port() + " mqtt.ws.port="
                            + wanted.webSocketPort(),
                    e);
        }
    }

    void serve(MqttServer mqtt, AdminApi api) throws IOException {
        bind(mqtt);
        api.serve("/api/v1/mqtt/", new MqttCalls(mqtt.admin(), System::currentTimeMillis));
    }

    /** When the cluster knows this node. */
    static void letClientsIn(MqttServer mqtt) {
        try {
            mqtt.accept();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StartException("interrupted while starting");
        }
    }
}
