package io.robustmq.e2e.nemesis.load;

import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import io.robustmq.e2e.nemesis.history.Event.Delivered;
import io.robustmq.e2e.nemesis.history.Event.Item;
import io.robustmq.e2e.nemesis.history.History;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicLong;

/** A subscriber with a session, there before anything is published. */
public final class MqttSubscribeLoad implements Load {
    private final Mqtt5AsyncClient client;
    private final String name;
    private final AtomicLong received = new AtomicLong();

    public MqttSubscribeLoad(History history, MqttNodes nodes, String topic, MqttQos qos) {
        name = "subscriber of QoS " + qos.getCode();
        client = nodes.connected("subscriber-" + topic);
        client.publishes(MqttGlobalPublishFilter.ALL, publish -> {
            var item = Item.of(new String(publish.getPayloadAsBytes(), StandardCharsets.UTF_8));
            history.add(new Delivered(history.now(), topic, name, item));
            received.incrementAndGet();
        });
        client.subscribeWith().topicFilter(topic + "/#").qos(qos).send().join();
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public long progress() {
        return received.get();
    }

    @Override
    public void stop() {
        client.disconnect().join();
    }
}
