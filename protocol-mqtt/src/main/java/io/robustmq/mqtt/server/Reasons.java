package io.robustmq.mqtt.server;

import io.robustmq.core.error.BrokerError;

/** Reason codes of MQTT 5, and what MQTT 3.1.1 has for them. */
final class Reasons {
    static final int SUCCESS = 0;
    static final int DISCONNECT_WITH_WILL = 0x04;
    static final int CONTINUE_AUTHENTICATION = 0x18;
    static final int REAUTHENTICATE = 0x19;
    static final int NO_SUBSCRIPTION_EXISTED = 0x11;
    static final int UNSPECIFIED = 0x80;
    static final int PROTOCOL_ERROR = 0x82;
    static final int IMPLEMENTATION_SPECIFIC = 0x83;
    static final int CLIENT_ID_NOT_VALID = 0x85;
    static final int BAD_USER_NAME_OR_PASSWORD = 0x86;
    static final int NOT_AUTHORIZED = 0x87;
    static final int SERVER_UNAVAILABLE = 0x88;
    static final int SERVER_BUSY = 0x89;
    static final int SERVER_SHUTTING_DOWN = 0x8B;
    static final int BANNED = 0x8A;
    static final int BAD_AUTHENTICATION_METHOD = 0x8C;
    static final int KEEP_ALIVE_TIMEOUT = 0x8D;
    static final int SESSION_TAKEN_OVER = 0x8E;
    static final int TOPIC_FILTER_INVALID = 0x8F;
    static final int TOPIC_NAME_INVALID = 0x90;
    static final int PACKET_ID_NOT_FOUND = 0x92;
    static final int RECEIVE_MAXIMUM_EXCEEDED = 0x93;
    static final int TOPIC_ALIAS_INVALID = 0x94;
    static final int PACKET_TOO_LARGE = 0x95;
    static final int QUOTA_EXCEEDED = 0x97;
    static final int ADMINISTRATIVE_ACTION = 0x98;
    static final int PAYLOAD_FORMAT_INVALID = 0x99;
    static final int SHARED_SUBSCRIPTIONS_NOT_SUPPORTED = 0x9E;
    static final int CONNECTION_RATE_EXCEEDED = 0x9F;

    private Reasons() {}

    /** As CONNACK of MQTT 5 says it, which has no code for a server that shuts down ([MQTT-3.2.2-8]). */
    static int inConnack(int reason) {
        return reason == SERVER_SHUTTING_DOWN ? SERVER_UNAVAILABLE : reason;
    }

    /** The return code that CONNACK of MQTT 3 has for a reason; negative if none fits: then the connection just ends. */
    static int connectReturnCode(int reason) {
        return switch (reason) {
            case SUCCESS -> 0;
            case 0x84 -> 1;
            case CLIENT_ID_NOT_VALID -> 2;
            case BAD_USER_NAME_OR_PASSWORD -> 4;
            case NOT_AUTHORIZED, BANNED -> 5;
            case SERVER_UNAVAILABLE, SERVER_BUSY, SERVER_SHUTTING_DOWN, QUOTA_EXCEEDED, CONNECTION_RATE_EXCEEDED -> 3;
            default -> -1;
        };
    }

    /** Whether a message that was refused for this is not in the log, and will not be. */
    static boolean isNotStored(BrokerError error) {
        // Of what was tried more than once, the last refusal says nothing of the others.
        return error != BrokerError.NONE && error != BrokerError.UNEXPECTED && !error.retriable();
    }

    /**
     * What a publisher is told when its message could not be stored. {@link #SERVER_BUSY}, which ends the connection: it may be stored
     * when it is sent again, with all that came behind it.
     */
    static int forAppend(BrokerError error) {
        return switch (error) {
            case NONE -> SUCCESS;
            case MESSAGE_TOO_LARGE,
                    RECORD_LIST_TOO_LARGE,
                    QUOTA_EXCEEDED,
                    STORAGE_FULL,
                    OVERLOADED,
                    TOPIC_LIMIT_REACHED -> QUOTA_EXCEEDED;
            case TOPIC_AUTHORIZATION_FAILED -> NOT_AUTHORIZED;
            case INVALID_TOPIC -> TOPIC_NAME_INVALID;
            case STORAGE_ERROR -> IMPLEMENTATION_SPECIFIC;
            default -> error.retriable() ? SERVER_BUSY : UNSPECIFIED;
        };
    }
}
