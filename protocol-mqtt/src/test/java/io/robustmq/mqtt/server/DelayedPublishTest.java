package io.robustmq.mqtt.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.mqtt.codec.PacketWriter;
import io.robustmq.mqtt.conformance.Statement;
import io.robustmq.mqtt.server.RawClient.Received;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class DelayedPublishTest {
    private TestBroker broker;

    @BeforeEach
    void startBroker() throws Exception {
        broker = new TestBroker(Map.of("mqtt.delayed.count.max", "3"));
    }

    @AfterEach
    void stopBroker() throws Exception {
        broker.stop();
    }

    private RawClient client() throws Exception {
        return new RawClient(broker.port());
    }

    @Test
    void aMessageComesWhenItIsDueAndOnceWhateverCrashes() throws Exception {
        try (RawClient watcher = client();
                RawClient publisher = client()) {
            watcher.resume("watcher");
            watcher.subscribe("later/#", 2);
            publisher.resume("publisher");
            assertThat(publisher.publish(2, "$delayed/1/later/one", 1, "one").packet())
                    .containsExactly(0x40, 2, 0, 1);
            assertThat(publisher.publish(4, "$delayed/2/later/two", 2, "two").packet())
                    .containsExactly(0x50, 2, 0, 2);
            publisher.publish(0, "$delayed/0/later/none", 0, "now");
            assertThat(watcher.received().payload()).isEqualTo("now");
            broker.crashAndRestart();
        }
        try (RawClient publisher = client()) {
            publisher.resume("publisher");
            // That it came is known.
            assertThat(publisher
                            .publish(8 | 4, "$delayed/1/later/two", 2, "two")
                            .packet())
                    .containsExactly(0x50, 2, 0, 2);
            assertThat(publisher.ack(PacketWriter.PUBREL, 2).packet()).containsExactly(0x70, 2, 0, 2);
        }
        try (RawClient watcher = client()) {
            watcher.resume("watcher");
            Received first = watcher.received();
            Received second = watcher.received();
            assertThat(first.payload() + " " + second.payload()).isEqualTo("one two");
            assertThat(second.topic()).isEqualTo("later/two");
            assertThat(second.qos()).isEqualTo(2);
            broker.crashAndRestart();
        }
        try (RawClient watcher = client()) {
            watcher.resume("watcher");
            List<String> again =
                    List.of(watcher.received().payload(), watcher.received().payload());
            assertThat(again).as("nothing but what it has not settled").containsExactlyInAnyOrder("one", "two");
            assertThat(watcher.isQuiet()).isTrue();
        }
    }

    @Test
    void whatCannotBeDoneIsRefusedAtOnce() throws Exception {
        try (RawClient publisher = client().connect("publisher")) {
            for (String topic : new String[] {
                "$delayed/t",
                "$delayed//t",
                "$delayed/1/",
                "$delayed/x/t",
                "$delayed/99999999999/t",
                "$delayed/1/$SYS/t"
            }) {
                assertThat(publisher.publish(2, topic, 1, "x").packet()[4])
                        .as(topic)
                        .isEqualTo((byte) 0x90);
            }
            for (int id = 1; id <= 3; id++) {
                assertThat(publisher.publish(2, "$delayed/600/t", id, "x").packet())
                        .hasSize(4);
            }
            assertThat(publisher.publish(2, "$delayed/600/t", 4, "x").packet()[4])
                    .isEqualTo((byte) 0x97);
        }
    }

    @Test
    @Statement(v3 = "MQTT-4.8.0-2")
    void whatCannotBeStoredNowEndsAConnectionOfVersion3() throws Exception {
        try (RawClient publisher = client()) {
            publisher.connect3("publisher", 2);
            for (int id = 1; id <= 3; id++) {
                assertThat(publisher.publish(2, "$delayed/600/t", id, "x").packet())
                        .containsExactly(0x40, 2, 0, id);
            }
            assertThat(publisher.publish(2, "$delayed/600/t", 4, "x").packet()).isEmpty();
        }
    }
}
