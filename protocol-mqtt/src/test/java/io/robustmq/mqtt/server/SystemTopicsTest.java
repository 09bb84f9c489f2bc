package io.robustmq.mqtt.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.core.login.Logins;
import io.robustmq.core.model.Principal;
import io.robustmq.core.security.Authorizer;
import io.robustmq.core.security.Operation;
import io.robustmq.core.security.ResourceType;
import io.robustmq.mqtt.server.RawClient.Received;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class SystemTopicsTest {
    @Test
    void figuresComeAtOnceAndAgainWhenTheyChange() throws Exception {
        TestBroker broker = new TestBroker(Map.of("mqtt.sys.interval.seconds", "1"));
        try (RawClient reader = new RawClient(broker.port()).connect("reader");
                RawClient everything = new RawClient(broker.port()).connect("everything")) {
            everything.subscribe("#", 0);
            assertThat(reader.subscribe("$SYS/broker/clients/connected", 2)).isEqualTo(2);
            Received first = reader.received();
            assertThat(first.retain()).isTrue();
            assertThat(first.qos()).isZero();
            Received last = first;
            while (!last.payload().equals("2")) {
                last = reader.received();
                assertThat(last.retain()).isFalse();
            }
            assertThat(everything.isQuiet())
                    .as("no wildcard at the start matches")
                    .isTrue();
        } finally {
            broker.stop();
        }
    }

    @Test
    void clientsThatComeAndGoAreTold() throws Exception {
        TestBroker broker = new TestBroker(Map.of("mqtt.sys.interval.seconds", "0"));
        try (RawClient reader = new RawClient(broker.port()).connect("reader")) {
            reader.subscribe("$SYS/brokers/+/clients/dev%2F1/+", 1);
            reader.subscribe("$share/g/$SYS/brokers/+/clients/#", 0);
            try (RawClient device = new RawClient(broker.port()).connect("dev/1")) {
                device.subscribe("a/b", 1);
                device.send(0xE0, 0).packet();
            }
            List<String> topics = new ArrayList<>();
            List<String> events = new ArrayList<>();
            while (events.size() < 6) {
                Received event = reader.received();
                if (event.topic().contains("dev%2F1")) {
                    topics.add(event.topic().substring(event.topic().lastIndexOf('/') + 1));
                    events.add(event.payload());
                }
            }
            assertThat(topics.stream().distinct()).containsExactly("connected", "subscribed", "disconnected");
            assertThat(events.get(0))
                    .contains("\"clientid\":\"dev/1\"", "\"ipaddress\":\"127.0.0.1\"", "\"proto_ver\":5");
            assertThat(events.get(5)).contains("\"reason\":\"the client disconnected\"");
        } finally {
            broker.stop();
        }
    }

    @Test
    void whoMayNotDescribeTheClusterMayNotRead() throws Exception {
        Authorizer topicsOnly = new Authorizer() {
            @Override
            public boolean allows(Principal principal, Operation operation, ResourceType type, String name) {
                return type == ResourceType.TOPIC;
            }
        };
        TestBroker broker = new TestBroker(Map.of(), new MqttServer.Access(Logins.none(), topicsOnly, null));
        try (RawClient reader = new RawClient(broker.port()).connect("reader")) {
            assertThat(reader.subscribe("$SYS/#", 0)).isEqualTo(0x87);
            assertThat(reader.subscribe("$share/g/$SYS/#", 0)).isEqualTo(0x87);
        } finally {
            broker.stop();
        }
    }
}
