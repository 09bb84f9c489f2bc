package io.robustmq.e2e;

import java.util.Queue;
import org.eclipse.paho.client.mqttv3.IMqttDeliveryToken;
import org.eclipse.paho.client.mqttv3.MqttCallback;
import org.eclipse.paho.client.mqttv3.MqttMessage;

/** Collects the payloads a Paho client gets. */
record PahoInbox(Queue<String> received) implements MqttCallback {
    @Override
    public void connectionLost(Throwable cause) {}

    @Override
    public void messageArrived(String topic, MqttMessage message) {
        received.add(message.toString());
    }

    @Override
    public void deliveryComplete(IMqttDeliveryToken token) {}
}
