package io.robustmq.mqtt.wire;

import static io.robustmq.mqtt.wire.MalformedPacketException.malformed;
import static io.robustmq.mqtt.wire.MalformedPacketException.protocolError;

/**
 * The property blocks that a client may send, by the table of section 2.2.2.2: which properties where, how often, and the
 * values that are a protocol error. Stateless; any thread.
 */
final class PropertyRules {
    private static final int PAYLOAD_FORMAT = 0x01;
    private static final int MESSAGE_EXPIRY = 0x02;
    private static final int CONTENT_TYPE = 0x03;
    private static final int RESPONSE_TOPIC = 0x08;
    private static final int CORRELATION_DATA = 0x09;
    private static final int SUBSCRIPTION_ID = 0x0B;
    private static final int SESSION_EXPIRY = 0x11;
    private static final int AUTH_METHOD = 0x15;
    private static final int AUTH_DATA = 0x16;
    private static final int REQUEST_PROBLEM = 0x17;
    private static final int WILL_DELAY = 0x18;
    private static final int REQUEST_RESPONSE = 0x19;
    private static final int REASON_STRING = 0x1F;
    private static final int RECEIVE_MAXIMUM = 0x21;
    private static final int TOPIC_ALIAS_MAXIMUM = 0x22;
    private static final int TOPIC_ALIAS = 0x23;
    private static final int USER_PROPERTY = 0x26;
    private static final int MAXIMUM_PACKET_SIZE = 0x27;

    private static final int ID_MAX = 0x2A;

    private PropertyRules() {}

    /** Where a block stands, and what may be in it when a client sends it. */
    enum Place {
        CONNECT(
                SESSION_EXPIRY,
                AUTH_METHOD,
                AUTH_DATA,
                REQUEST_PROBLEM,
                REQUEST_RESPONSE,
                RECEIVE_MAXIMUM,
                TOPIC_ALIAS_MAXIMUM,
                MAXIMUM_PACKET_SIZE),
        WILL(WILL_DELAY, PAYLOAD_FORMAT, MESSAGE_EXPIRY, CONTENT_TYPE, RESPONSE_TOPIC, CORRELATION_DATA),
        PUBLISH(
                PAYLOAD_FORMAT,
                MESSAGE_EXPIRY,
                CONTENT_TYPE,
                RESPONSE_TOPIC,
                CORRELATION_DATA,
                SUBSCRIPTION_ID,
                TOPIC_ALIAS),
        ACKNOWLEDGEMENT(REASON_STRING),
        SUBSCRIBE(SUBSCRIPTION_ID),
        UNSUBSCRIBE(),
        DISCONNECT(SESSION_EXPIRY, REASON_STRING),
        AUTH(AUTH_METHOD, AUTH_DATA, REASON_STRING);

        private final long allowed;

        Place(int... ids) {
            long bits = bit(USER_PROPERTY);
            for (int id : ids) {
                bits |= bit(id);
            }
            this.allowed = bits;
        }

        boolean allows(int id) {
            return id <= ID_MAX && (allowed & bit(id)) != 0;
        }
    }

    /** Reads one block, its length first. Returns the set of properties in it, for {@link #has}. */
    static long check(PacketCursor cursor, Place place) {
        int outer = cursor.narrow(cursor.readNumber());
        long seen = 0;
        while (cursor.hasMore()) {
            int id = cursor.readNumber();
            if (!place.allows(id)) {
                throw malformed("property " + id + " has no place in " + place + " (section 2.2.2.2)");
            }
            if (id != USER_PROPERTY && (seen & bit(id)) != 0) {
                throw protocolError("property " + id + " is there twice in " + place + " (section 2.2.2.2)");
            }
            seen |= bit(id);
            checkValue(cursor, place, id);
        }
        cursor.widen(outer);
        if (has(seen, AUTH_DATA) && !has(seen, AUTH_METHOD)) {
            throw protocolError("authentication data without a method (section 3.1.2.11.10)");
        }
        return seen;
    }

    static boolean hasTopicAlias(long seen) {
        return has(seen, TOPIC_ALIAS);
    }

    static boolean hasAuthMethod(long seen) {
        return has(seen, AUTH_METHOD);
    }

    private static void checkValue(PacketCursor cursor, Place place, int id) {
        switch (id) {
            case PAYLOAD_FORMAT, REQUEST_PROBLEM, REQUEST_RESPONSE -> {
                if (cursor.readByte() > 1) {
                    throw protocolError("property " + id + " is neither 0 nor 1");
                }
            }
            case RECEIVE_MAXIMUM -> nonZero(cursor.readShort(), "a receive maximum");
            case MAXIMUM_PACKET_SIZE -> nonZero(cursor.readInt(), "a maximum packet size");
            case TOPIC_ALIAS -> {
                if (cursor.readShort() == 0) {
                    throw new MalformedPacketException(
                            Refusal.TOPIC_ALIAS_INVALID, "a topic alias of 0 [MQTT-3.3.2-8]");
                }
            }
            case SUBSCRIPTION_ID -> {
                if (place == Place.PUBLISH) {
                    throw protocolError("a client's PUBLISH has a subscription identifier [MQTT-3.3.4-6]");
                }
                nonZero(cursor.readNumber(), "a subscription identifier");
            }
            case TOPIC_ALIAS_MAXIMUM -> cursor.skip(2);
            case MESSAGE_EXPIRY, SESSION_EXPIRY, WILL_DELAY -> cursor.skip(4);
            case CONTENT_TYPE, RESPONSE_TOPIC, CORRELATION_DATA, AUTH_METHOD, AUTH_DATA, REASON_STRING ->
                cursor.skipBlock();
            case USER_PROPERTY -> {
                cursor.skipBlock();
                cursor.skipBlock();
            }
            default -> throw new AssertionError(id);
        }
    }

    private static void nonZero(long value, String what) {
        if (value == 0) {
            throw protocolError(what + " of 0");
        }
    }

    private static boolean has(long seen, int id) {
        return (seen & bit(id)) != 0;
    }

    private static long bit(int id) {
        return 1L << id;
    }
}
