package io.robustmq.mqtt.wire;

/**
 * Why the connection must end: the reason code of MQTT 5, for DISCONNECT or, before the session is there, CONNACK; MQTT 3
 * just closes, apart from {@link #UNSUPPORTED_VERSION}, which its CONNACK knows as 0x01.
 */
public record Refusal(byte reasonCode, String sentence) {
    public static final byte MALFORMED_PACKET = (byte) 0x81;
    public static final byte PROTOCOL_ERROR = (byte) 0x82;
    public static final byte UNSUPPORTED_VERSION = (byte) 0x84;
    public static final byte TOPIC_FILTER_INVALID = (byte) 0x8F;
    public static final byte TOPIC_NAME_INVALID = (byte) 0x90;
    public static final byte TOPIC_ALIAS_INVALID = (byte) 0x94;
    public static final byte PACKET_TOO_LARGE = (byte) 0x95;
}
