package io.robustmq.e2e.nemesis.load;

import com.hivemq.client.mqtt.MqttClient;
import com.hivemq.client.mqtt.lifecycle.MqttClientConnectedContext;
import com.hivemq.client.mqtt.lifecycle.MqttDisconnectSource;
import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import com.hivemq.client.mqtt.mqtt5.lifecycle.Mqtt5ClientConnectedContext;
import io.robustmq.e2e.nemesis.history.Event.Contradicted;
import io.robustmq.e2e.nemesis.history.History;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Where MQTT is served. Clients made here have a session that outlives all connections, and go round the nodes until one takes them. */
public final class MqttNodes {
    private static final int SESSION_SECONDS = 36_000;
    private static final int CONNECT_SECONDS = 5;

    private final History history;
    private final List<InetSocketAddress> nodes;

    public MqttNodes(History history, List<InetSocketAddress> nodes) {
        this.history = history;
        this.nodes = List.copyOf(nodes);
    }

    Mqtt5AsyncClient connected(String clientId) {
        var turn = new AtomicInteger(Math.floorMod(clientId.hashCode(), nodes.size()));
        var times = new AtomicInteger();
        Mqtt5AsyncClient client = MqttClient.builder()
                .useMqttVersion5()
                .identifier(clientId)
                .serverAddress(nodes.get(turn.get()))
                .addConnectedListener(context -> expectSession(context, clientId, times.getAndIncrement() > 0))
                .addDisconnectedListener(context -> context.getReconnector()
                        .reconnect(context.getSource() != MqttDisconnectSource.USER)
                        .delay(200, TimeUnit.MILLISECONDS)
                        .transportConfig()
                        .serverAddress(nodes.get(Math.floorMod(turn.incrementAndGet(), nodes.size())))
                        .mqttConnectTimeout(CONNECT_SECONDS, TimeUnit.SECONDS)
                        .applyTransportConfig())
                .buildAsync();
        client.connectWith()
                .cleanStart(false)
                .keepAlive(CONNECT_SECONDS)
                .sessionExpiryInterval(SESSION_SECONDS)
                .send()
                .join();
        return client;
    }

    private void expectSession(MqttClientConnectedContext context, String clientId, boolean again) {
        if (again
                && context instanceof Mqtt5ClientConnectedContext five
                && !five.getConnAck().isSessionPresent()) {
            history.add(new Contradicted(history.now(), "session " + clientId, "the session is gone"));
        }
    }
}
