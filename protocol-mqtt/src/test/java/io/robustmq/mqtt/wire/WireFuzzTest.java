package io.robustmq.mqtt.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.util.ReferenceCountUtil;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Whatever a client sends, it is accepted or a MalformedPacketException: nothing else, and no byte beyond the packet. */
class WireFuzzTest {
    @Test
    void everyTruncationOfAGoodPacketWithItsLengthPatchedIsJudgedInBounds() {
        for (Map<String, byte[]> golden : List.of(Packets.golden3(), Packets.golden4(), Packets.golden5())) {
            byte[] connect = golden.get("CONNECT");
            golden.forEach((name, packet) -> {
                int headerBytes = packet.length < 130 ? 2 : 3;
                byte[] body = Arrays.copyOfRange(packet, headerBytes, packet.length);
                for (int length = 0; length < body.length; length++) {
                    byte[] cut = Packets.packet(packet[0], Arrays.copyOf(body, length));
                    int judged = judge(name.equals("CONNECT") ? null : connect, cut);
                    if (name.equals("CONNECT")) {
                        assertThat(judged).as(name + " cut to " + length).isEqualTo(0x81);
                    }
                }
            });
        }
    }

    @Test
    void everySingleByteChangeOfAGoodPacketIsJudgedInBounds() {
        for (Map<String, byte[]> golden : List.of(Packets.golden3(), Packets.golden4(), Packets.golden5())) {
            byte[] connect = golden.get("CONNECT");
            golden.forEach((name, packet) -> {
                for (int at = 0; at < packet.length; at++) {
                    for (int value : new int[] {0, 1, 2, 0x7F, 0x80, 0xFF, packet[at] ^ 1, packet[at] ^ 0x40}) {
                        byte[] changed = packet.clone();
                        changed[at] = (byte) value;
                        judge(name.equals("CONNECT") ? null : connect, changed);
                    }
                }
            });
        }
    }

    @Test
    void randomBytesAreJudgedInBounds() {
        Random random = new Random(20);
        byte[][] connects = {null, Packets.connect(3), Packets.connect(4), Packets.connect(5)};
        for (int i = 0; i < 200_000; i++) {
            byte[] body = new byte[random.nextInt(40)];
            for (int at = 0; at < body.length; at++) {
                // small numbers make plausible lengths and property ids
                body[at] = (byte) (random.nextInt(3) == 0 ? random.nextInt(256) : random.nextInt(8));
            }
            int type = 1 + random.nextInt(15);
            int flags = type == 6 || type == 8 || type == 10 ? 2 : type == 3 ? random.nextInt(16) : 0;
            byte[] connect = type == 1 ? null : connects[1 + random.nextInt(3)];
            judge(connect, Packets.packet((type << 4) | flags, body));
        }
    }

    @Test
    void randomStreamsEndInARefusalOrWaitForMore() {
        Random random = new Random(21);
        for (int i = 0; i < 3_000; i++) {
            byte[] noise = new byte[random.nextInt(200)];
            random.nextBytes(noise);
            try (Connection connection = Connection.open(3 + random.nextInt(3))) {
                for (MqttMessage message : connection.send(noise)) {
                    ReferenceCountUtil.release(message);
                }
            } catch (MalformedPacketException e) {
                assertThat(e.reasonCode()).isNotZero();
            }
        }
    }

    /** The reason code of the refusal or 0; the buffer ends with the packet, so that reading on would throw otherwise. */
    private static int judge(byte @Nullable [] connect, byte[] packet) {
        MqttWireCheck check = new MqttWireCheck();
        try {
            if (connect != null) {
                check(check, connect);
            }
            check(check, packet);
            return 0;
        } catch (MalformedPacketException e) {
            return e.reasonCode() & 0xFF;
        }
    }

    private static void check(MqttWireCheck check, byte[] packet) {
        ByteBuf buffer = Unpooled.wrappedBuffer(packet);
        int headerBytes = 2;
        while (packet[headerBytes - 1] < 0 && headerBytes < packet.length) {
            headerBytes++;
        }
        check.checkFirstByte(packet[0] & 0xFF);
        check.check(buffer, 0, headerBytes, packet.length);
    }
}
