package io.robustmq.e2e.ecosystem;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.eclipse.paho.client.mqttv3.IMqttDeliveryToken;
import org.eclipse.paho.client.mqttv3.IMqttToken;
import org.eclipse.paho.client.mqttv3.MqttAsyncClient;
import org.eclipse.paho.client.mqttv3.MqttCallback;
import org.eclipse.paho.client.mqttv3.MqttConnectOptions;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.eclipse.paho.client.mqttv3.MqttMessage;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;

/** Eclipse Paho for Java: MQTT 3.1.1, or 3.1. */
record PahoLibrary(int port, int version) implements MqttTour.Library {
    @Override
    public MqttTour.Client connect(String clientId, boolean lasting, MqttTour.Inbox inbox) throws MqttException {
        var client = newClient(clientId);
        client.setCallback(new Receiver(inbox));
        IMqttToken connected = client.connect(options(lasting));
        connected.waitForCompletion();
        boolean present = connected.getSessionPresent();
        return new MqttTour.Client() {
            @Override
            public Optional<Boolean> sessionPresent() {
                return version == MqttConnectOptions.MQTT_VERSION_3_1 ? Optional.empty() : Optional.of(present);
            }

            @Override
            public void subscribe(String filter, int qos) throws MqttException {
                client.subscribe(filter, qos).waitForCompletion();
            }

            @Override
            public void publish(String topic, String text, int qos, boolean retain) throws MqttException {
                client.publish(topic, text.getBytes(StandardCharsets.UTF_8), qos, retain)
                        .waitForCompletion();
            }

            @Override
            public void disconnect() throws MqttException {
                client.disconnect().waitForCompletion();
                client.close();
            }
        };
    }

    private MqttAsyncClient newClient(String clientId) throws MqttException {
        return new MqttAsyncClient("tcp://127.0.0.1:" + port, clientId, new MemoryPersistence());
    }

    private MqttConnectOptions options(boolean lasting) {
        var options = new MqttConnectOptions();
        options.setMqttVersion(version);
        options.setCleanSession(!lasting);
        return options;
    }

    @Override
    public void die(String clientId, String willTopic, String text) throws MqttException {
        var client = newClient(clientId);
        MqttConnectOptions options = options(false);
        options.setWill(willTopic, text.getBytes(StandardCharsets.UTF_8), 1, false);
        client.connect(options).waitForCompletion();
        client.disconnectForcibly(0, 1000, false);
        client.close();
    }

    /** Passes on what comes. */
    private record Receiver(MqttTour.Inbox inbox) implements MqttCallback {
        @Override
        public void connectionLost(Throwable cause) {}

        @Override
        public void messageArrived(String topic, MqttMessage message) {
            inbox.add(new MqttTour.Got(topic, message.toString(), message.getQos(), message.isRetained()));
        }

        @Override
        public void deliveryComplete(IMqttDeliveryToken token) {}
    }
}
