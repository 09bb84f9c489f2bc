package io.robustmq.mqtt.home;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.robustmq.mqtt.home.ConnectScan.Outcome;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ConnectScanTest {
    @Test
    void theClientIdIsFoundInEveryVersion() {
        for (int version = 3; version <= 5; version++) {
            assertThat(ConnectScan.scan(connect(version, "device-7")))
                    .isEqualTo(new ConnectScan.Result(Outcome.FOUND, "device-7"));
        }
    }

    @Test
    void anEmptyIdIsOne() {
        assertThat(ConnectScan.scan(connect(5, ""))).isEqualTo(new ConnectScan.Result(Outcome.FOUND, ""));
    }

    @Test
    void everyBeginningNeedsMore() {
        ByteBuf whole = connect(5, "id");
        for (int length = 0; length < whole.readableBytes(); length++) {
            assertThat(ConnectScan.scan(whole.slice(0, length)).outcome())
                    .as("%s bytes", length)
                    .isEqualTo(Outcome.MORE);
        }
    }

    @Test
    void whatIsNoConnectIsNone() {
        assertThat(ConnectScan.scan(Unpooled.wrappedBuffer(new byte[] {0x30, 2}))
                        .outcome())
                .isEqualTo(Outcome.NONE);
        byte[] endless = {0x10, -1, -1, -1, -1, 1};
        assertThat(ConnectScan.scan(Unpooled.wrappedBuffer(endless)).outcome()).isEqualTo(Outcome.NONE);
    }

    private static ByteBuf connect(int version, String id) {
        ByteBuf body = Unpooled.buffer();
        text(body, version == 3 ? "MQIsdp" : "MQTT");
        body.writeByte(version).writeByte(2).writeShort(60);
        if (version == 5) {
            body.writeByte(5).writeByte(0x11).writeInt(3600);
        }
        text(body, id);
        return Unpooled.buffer().writeByte(0x10).writeByte(body.readableBytes()).writeBytes(body);
    }

    private static void text(ByteBuf to, String text) {
        to.writeShort(text.length()).writeCharSequence(text, StandardCharsets.US_ASCII);
    }
}
