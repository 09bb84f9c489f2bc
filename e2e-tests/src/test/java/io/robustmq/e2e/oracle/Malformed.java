package io.robustmq.e2e.oracle;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;

/** Bytes that are no request, or not quite: what comes of each on a connection of its own. Stateless. */
final class Malformed {
    private static final int METADATA = 3;
    private static final int API_VERSIONS = 18;
    private static final int OFFSET_DELETE = 47;

    private Malformed() {}

    /** By what is wrong with it. */
    static Map<String, byte[]> all() {
        Map<String, byte[]> all = new LinkedHashMap<>();
        keys(all);
        lengths(all);
        bodies(all);
        all.put("HTTP", "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        all.put("TLS", HexFormat.of().parseHex("16030100c8010000c40303" + "5a".repeat(190)));
        return all;
    }

    private static void keys(Map<String, byte[]> all) {
        all.put("key 9999", frame(9999, 0, ""));
        all.put("key -1", frame(-1, 0, ""));
        all.put("removed key", frame(4, 0, ""));
        all.put("key of controllers", frame(52, 0, "00"));
        all.put("key between brokers", frame(56, 2, "00"));
        all.put("version 99", frame(METADATA, 99, "00000000"));
        all.put("version -1", frame(METADATA, -1, "00000000"));
        all.put("ApiVersions in version 99", flexible(API_VERSIONS, 99, ""));
        all.put("Produce in version 2", frame(0, 2, "ffff0000000000000000"));
        all.put("Fetch in version 3", frame(1, 3, "ffffffff00000000000000000000000000000000"));
        all.put("OffsetDelete in version 1", frame(OFFSET_DELETE, 1, ""));
    }

    private static void lengths(Map<String, byte[]> all) {
        all.put("length 0", HexFormat.of().parseHex("00000000"));
        all.put("length -1", HexFormat.of().parseHex("ffffffff00"));
        all.put("length 2147483647", HexFormat.of().parseHex("7fffffff00"));
        all.put("half a header", HexFormat.of().parseHex("0000000400030009"));
        all.put("client id of length -2", HexFormat.of().parseHex("0000000a0003000100000011fffe"));
        all.put("client id beyond the end", HexFormat.of().parseHex("0000000a000300010000001100ff"));
    }

    private static void bodies(Map<String, byte[]> all) {
        all.put("no body", frame(METADATA, 1, ""));
        all.put("half a body", frame(METADATA, 1, "00000001000374"));
        all.put("bytes behind the body", frame(METADATA, 1, "00000000ffffff"));
        all.put("array of length -5", frame(METADATA, 1, "fffffffb"));
        all.put("array of length 2147483647", frame(METADATA, 1, "7fffffff0000"));
        all.put("string of length -5", frame(METADATA, 1, "00000001fffb"));
        all.put("null where none may be", frame(METADATA, 1, "00000001ffff"));
        all.put("string that is no UTF-8", frame(METADATA, 1, "000000010002c328"));
        all.put("compact string beyond the end", flexible(METADATA, 9, "02ff7f"));
        all.put("endless varint", flexible(METADATA, 9, "ffffffffffffffffffff"));
        all.put("many tagged fields", flexible(METADATA, 9, "01000000ffffffff0f"));
        all.put("unknown tagged field", flexible(METADATA, 9, "01000000016302abcd"));
        all.put("null topics by id of version 12", flexible(METADATA, 12, "000000"));
    }

    private static byte[] frame(int key, int version, String body) {
        return frame(key, version, "0004" + "74657374", body);
    }

    private static byte[] flexible(int key, int version, String body) {
        return frame(key, version, "0004" + "74657374" + "00", body);
    }

    private static byte[] frame(int key, int version, String client, String body) {
        byte[] rest = HexFormat.of().parseHex(client + body);
        return ByteBuffer.allocate(12 + rest.length)
                .putInt(8 + rest.length)
                .putShort((short) key)
                .putShort((short) version)
                .putInt(17)
                .put(rest)
                .array();
    }

    /** In one word, or what an answer begins with, which is the error in most of them. */
    static String outcome(byte[] sent, World world) {
        try {
            ByteBuffer answer = ByteBuffer.wrap(Wire.send(world.port(), sent, false));
            return "answered " + (answer.remaining() >= 6 ? answer.getShort(4) : "");
        } catch (Wire.Closed e) {
            return "closed";
        } catch (Wire.Late e) {
            return "nothing";
        }
    }
}
