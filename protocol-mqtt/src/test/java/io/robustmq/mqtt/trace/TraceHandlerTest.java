package io.robustmq.mqtt.trace;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.mqtt.MqttMessageBuilders;
import io.netty.handler.codec.mqtt.MqttProperties;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.handler.codec.mqtt.MqttQoS;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TraceHandlerTest {
    private final List<String> lines = new ArrayList<>();
    private final Traces traces =
            new Traces((trace, line) -> lines.add(line.substring(line.indexOf("client="))), () -> 0);

    /** Of a connection on which alias 7 stood for a topic before the trace began. */
    private static final TraceHandler.Aliases ALIASES = new TraceHandler.Aliases() {
        @Override
        public boolean isV5() {
            return true;
        }

        @Override
        public String received(int alias) {
            return alias == 7 ? "a/before" : "";
        }

        @Override
        public String sent(int alias) {
            return alias == 9 ? "a/sent" : "";
        }
    };

    private static MqttPublishMessage publish(String topic, int alias) {
        MqttProperties properties = new MqttProperties();
        properties.add(new MqttProperties.IntegerProperty(0x23, alias));
        return MqttMessageBuilders.publish()
                .topicName(topic)
                .qos(MqttQoS.AT_MOST_ONCE)
                .properties(properties)
                .payload(Unpooled.EMPTY_BUFFER)
                .build();
    }

    @Test
    void packetsThatOnlyHaveAnAliasAreOfItsTopic() {
        traces.start(new Trace("one", "", "a/#", 1000));
        EmbeddedChannel channel = new EmbeddedChannel(new TraceHandler(traces, "c", ALIASES));
        channel.writeInbound(publish("", 7), publish("a/new", 8), publish("", 8), publish("b", 7), publish("", 7));
        channel.writeOutbound(Unpooled.wrappedBuffer(new byte[] {0x30, 6, 0, 0, 3, 0x23, 0, 9}));
        assertThat(lines)
                .containsExactly(
                        "client=c received PUBLISH topic=a/before qos=0 retain=false bytes=0",
                        "client=c received PUBLISH topic=a/new qos=0 retain=false bytes=0",
                        "client=c received PUBLISH topic=a/new qos=0 retain=false bytes=0",
                        "client=c sent PUBLISH topic=a/sent qos=0 length=6");
        channel.finishAndReleaseAll();
    }
}
