package io.robustmq.mqtt.wire;

import static io.robustmq.mqtt.wire.Packets.bytes;
import static io.robustmq.mqtt.wire.Packets.join;
import static io.robustmq.mqtt.wire.Packets.packet;
import static io.robustmq.mqtt.wire.Packets.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttMessageType;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.util.ReferenceCountUtil;
import io.robustmq.mqtt.conformance.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MqttFrameDecoderTest {
    @Test
    void everyKindOfPacketReachesNettysDecoder() {
        for (Map<String, byte[]> golden : List.of(Packets.golden4(), Packets.golden5())) {
            try (Connection connection = new Connection()) {
                golden.forEach((name, bytes) -> {
                    List<MqttMessage> messages = connection.send(bytes);
                    assertThat(messages).as(name).hasSize(1);
                    MqttMessage message = messages.get(0);
                    assertThat(message.decoderResult().isSuccess()).as(name).isTrue();
                    assertThat(message.fixedHeader().messageType()).isEqualTo(MqttMessageType.valueOf(name));
                    ReferenceCountUtil.release(message);
                });
            }
        }
    }

    @Test
    void packetsArriveWholeHoweverTheStreamIsCut() {
        byte[] stream = join(Packets.golden5().values().toArray(byte[][]::new));
        for (int step : new int[] {1, 2, 3, 7, 50, stream.length}) {
            try (Connection connection = new Connection()) {
                List<MqttMessageType> types = new ArrayList<>();
                for (int at = 0; at < stream.length; at += step) {
                    byte[] part = Arrays.copyOfRange(stream, at, Math.min(stream.length, at + step));
                    for (MqttMessage message : connection.send(part)) {
                        assertThat(message.decoderResult().isSuccess()).isTrue();
                        types.add(message.fixedHeader().messageType());
                        ReferenceCountUtil.release(message);
                    }
                }
                assertThat(types)
                        .extracting(Enum::name)
                        .containsExactlyElementsOf(Packets.golden5().keySet());
            }
        }
    }

    @Test
    void payloadIsASliceOfWhatArrived() {
        EmbeddedChannel channel = new EmbeddedChannel(new MqttFrameDecoder(100));
        ByteBuf arrived = Unpooled.wrappedBuffer(Packets.connect(4));
        channel.writeInbound(arrived);
        ByteBuf frame = channel.readInbound();
        assertThat(frame.array()).isSameAs(arrived.array());
        assertThat(arrived.refCnt()).isEqualTo(1);
        frame.release();
        assertThat(arrived.refCnt()).isZero();
        channel.finish();
    }

    @Test
    void goodPacketsBeforeABadOneAreDeliveredAndNothingAfterIt() {
        byte[] publish = packet(0x30, text("t"), bytes(0, 42));
        EmbeddedChannel channel = new EmbeddedChannel(new MqttFrameDecoder(1_000));
        byte[] stream = join(Packets.connect(5), publish, packet(0x00), publish);
        assertThatThrownBy(() -> channel.writeInbound(Unpooled.wrappedBuffer(stream)))
                .isInstanceOf(MalformedPacketException.class);
        assertThat(channel.inboundMessages()).hasSize(2);
        channel.writeInbound(Unpooled.wrappedBuffer(publish));
        assertThat(channel.inboundMessages()).hasSize(2);
        channel.finishAndReleaseAll();
    }

    @Test
    void protocolVersionIsKnownFromConnectOn() {
        for (int version = 3; version <= 5; version++) {
            Connection unopened = new Connection();
            assertThat(unopened.frames.protocolVersion()).isZero();
            unopened.close();
            try (Connection connection = Connection.open(version)) {
                assertThat(connection.frames.protocolVersion()).isEqualTo(version);
            }
        }
    }

    /** [MQTT-3.1.0-1] */
    @Test
    @Statement(value = "MQTT-3.1.0-1", v3 = "MQTT-3.1.0-1")
    void firstPacketMustBeConnectAndIsRefusedByItsFirstByte() {
        for (String start : List.of("GET / HTTP/1.1", "0", "\u00c0")) {
            try (Connection connection = new Connection()) {
                byte[] first = {(byte) start.charAt(0)};
                assertThat(connection.refusal(first)).isEqualTo(0x82);
            }
        }
        try (Connection connection = new Connection()) {
            byte tlsHandshake = 0x16;
            assertThat(connection.refusal(new byte[] {tlsHandshake})).isEqualTo(0x81);
        }
    }

    @Test
    void packetOverTheLimitIsRefusedByItsHeader() {
        try (Connection connection = Connection.open(5)) {
            assertThat(connection.refusal(bytes(0x30, 0xFF, 0xFF, 0xFF, 0x7F))).isEqualTo(0x95);
        }
        byte[] largest = packet(0x30, text("t"), bytes(0), new byte[Connection.PACKET_BYTES_MAX - 8]);
        assertThat(largest).hasSize(Connection.PACKET_BYTES_MAX);
        try (Connection connection = Connection.open(5)) {
            assertThat(connection.refusal(largest)).isZero();
            byte[] larger = packet(0x30, text("t"), bytes(0), new byte[Connection.PACKET_BYTES_MAX - 7]);
            assertThat(connection.refusal(larger)).isEqualTo(0x95);
        }
    }

    @Test
    void connectHasALimitOfItsOwn() {
        EmbeddedChannel strict = new EmbeddedChannel(new MqttFrameDecoder(1_000, 20));
        byte[] tooLarge = Packets.connect(4, 2, bytes(), text("a client id of many bytes"));
        assertThatThrownBy(() -> strict.writeInbound(Unpooled.wrappedBuffer(tooLarge)))
                .hasMessageContaining("over the limit of 20");
        strict.finishAndReleaseAll();
        EmbeddedChannel channel = new EmbeddedChannel(new MqttFrameDecoder(1_000, 20));
        byte[] publish = packet(0x30, text("t"), new byte[100]);
        channel.writeInbound(Unpooled.wrappedBuffer(join(Packets.connect(4, 2, bytes(), text("c")), publish)));
        assertThat(channel.inboundMessages()).hasSize(2);
        channel.finishAndReleaseAll();
    }

    @Test
    void payloadOfAPublishSurvivesTheWay() {
        try (Connection connection = Connection.open(5)) {
            List<MqttMessage> messages = connection.send(Packets.golden5().get("PUBLISH"));
            MqttPublishMessage publish = (MqttPublishMessage) messages.get(0);
            assertThat(publish.variableHeader().topicName()).isEqualTo("a/b");
            assertThat(publish.payload()).isEqualTo(Unpooled.wrappedBuffer(bytes(1, 2, 3)));
            assertThat(publish.payload().refCnt()).isEqualTo(1);
            publish.release();
        }
    }
}
