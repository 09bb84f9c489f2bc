package io.robustmq.e2e;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.apache.kafka.common.protocol.ApiKeys;

/**
 * Random byte strings of 1 to 512 bytes. Every second connection's are raw; the other's come behind the opening and in the
 * frames of the port's protocol, so that they get past the first check.
 */
final class Garbage {
    private static final int LENGTH_MAX = 512;
    private static final byte[] UPGRADE = String.join(
                    "\r\n",
                    "GET /mqtt HTTP/1.1",
                    "Host: x",
                    "Upgrade: websocket",
                    "Connection: Upgrade",
                    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
                    "Sec-WebSocket-Version: 13",
                    "Sec-WebSocket-Protocol: mqtt",
                    "",
                    "")
            .getBytes(StandardCharsets.US_ASCII);

    private final Random random;
    private boolean framed;

    Garbage(Random random) {
        this.random = random;
    }

    /** What to send on one connection. */
    byte[] next(Endpoint endpoint, int strings) throws IOException {
        var out = new ByteArrayOutputStream();
        framed = !framed;
        if (framed) {
            open(endpoint, out);
        }
        for (int i = 0; i < strings; i++) {
            var bytes = new byte[1 + random.nextInt(LENGTH_MAX)];
            random.nextBytes(bytes);
            out.write(framed ? frame(endpoint, bytes) : bytes);
        }
        return out.toByteArray();
    }

    private void open(Endpoint endpoint, ByteArrayOutputStream out) throws IOException {
        if (endpoint == Endpoint.MQTT_WS) {
            out.write(UPGRADE);
        }
        if (endpoint == Endpoint.MQTT_WS && random.nextBoolean()) {
            out.write(webSocketFrame(connectPacket()));
        }
        if (endpoint == Endpoint.MQTT) {
            out.write(connectPacket());
        }
    }

    private byte[] connectPacket() throws IOException {
        return RawMqtt.connectPacket("garbage" + random.nextInt(), "", "");
    }

    private byte[] frame(Endpoint endpoint, byte[] bytes) {
        return switch (endpoint) {
            case KAFKA -> kafkaFrame(bytes);
            case MQTT -> mqttPacket(bytes);
            case MQTT_WS -> webSocketFrame(random.nextBoolean() ? bytes : mqttPacket(bytes));
            case ADMIN -> httpRequest(bytes);
            case META, JOURNAL -> throw new IllegalArgumentException("no client speaks to " + endpoint);
        };
    }

    /** A request of a known kind and version whose body is random. */
    private byte[] kafkaFrame(byte[] body) {
        ApiKeys api = ApiKeys.forId(random.nextInt(3) == 0 ? ApiKeys.PRODUCE.id : knownApi());
        short version =
                (short) (api.oldestVersion() + random.nextInt(api.latestVersion(false) - api.oldestVersion() + 1));
        byte[] header = KafkaWire.headerOf(api, version);
        return ByteBuffer.allocate(Integer.BYTES + header.length + body.length)
                .putInt(header.length + body.length)
                .put(header)
                .put(body)
                .array();
    }

    private short knownApi() {
        var apis = ApiKeys.clientApis().toArray(ApiKeys[]::new);
        return apis[random.nextInt(apis.length)].id;
    }

    /** A packet of any type with the right length and a random body. */
    private byte[] mqttPacket(byte[] body) {
        var packet = ByteBuffer.allocate(body.length + 3);
        packet.put((byte) random.nextInt(256));
        if (body.length > 127) {
            packet.put((byte) (body.length % 128 | 0x80)).put((byte) (body.length / 128));
        } else {
            packet.put((byte) body.length);
        }
        packet.put(body);
        return Arrays.copyOf(packet.array(), packet.position());
    }

    /** A final binary frame, masked by zeros as a client must mask. */
    private static byte[] webSocketFrame(byte[] body) {
        var frame = ByteBuffer.allocate(body.length + 8);
        frame.put((byte) 0x82);
        if (body.length > 125) {
            frame.put((byte) (0x80 | 126)).putShort((short) body.length);
        } else {
            frame.put((byte) (0x80 | body.length));
        }
        frame.putInt(0).put(body);
        return Arrays.copyOf(frame.array(), frame.position());
    }

    private static byte[] httpRequest(byte[] body) {
        String path = new String(body, StandardCharsets.ISO_8859_1).replaceAll("[\\s\\p{Cntrl}]", "_");
        return ("GET /" + path + " HTTP/1.1\r\nHost: x\r\n\r\n").getBytes(StandardCharsets.ISO_8859_1);
    }
}
