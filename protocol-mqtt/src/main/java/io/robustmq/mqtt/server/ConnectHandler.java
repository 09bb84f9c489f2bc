package io.robustmq.mqtt.server;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.mqtt.MqttConnectMessage;
import io.netty.handler.codec.mqtt.MqttConnectVariableHeader;
import io.netty.handler.codec.mqtt.MqttProperties;
import io.robustmq.core.model.Principal;
import io.robustmq.core.session.StoredWill;
import io.robustmq.mqtt.MqttConfig;
import io.robustmq.mqtt.codec.PacketWriter;
import io.robustmq.mqtt.deliver.ClientLimits;
import io.robustmq.mqtt.deliver.SessionInfo;
import io.robustmq.mqtt.deliver.Sessions;
import io.robustmq.mqtt.sys.ClientEvents;
import org.jspecify.annotations.Nullable;

/**
 * What CONNECT asks for, within the broker's limits, and the CONNACK that says so. Immutable.
 *
 * @param assignedId the broker chose the client id
 * @param sharedSubscriptions the client may have them
 * @param askedExpirySeconds before the limit
 * @param askedKeepAliveSeconds before the limit
 * @param limits of the client
 * @param tellsProblems the client wants to know more than a reason code of every packet
 */
record ConnectHandler(
        int version,
        String clientId,
        boolean assignedId,
        boolean sharedSubscriptions,
        boolean cleanStart,
        long expirySeconds,
        long askedExpirySeconds,
        int keepAliveSeconds,
        int askedKeepAliveSeconds,
        ClientLimits limits,
        boolean tellsProblems,
        Principal principal,
        @Nullable StoredWill will) {
    private static final int ASSIGNED_CLIENT_ID = 0x12;
    private static final int SERVER_KEEP_ALIVE = 0x13;
    private static final int SHARED_SUBSCRIPTION_AVAILABLE = 0x2A;

    /** Why CONNECT is refused, with the reason code of MQTT 5; 0 if it is not. */
    static int refusal(MqttConnectMessage connect, MqttNode node) {
        String clientId = connect.payload().clientIdentifier();
        MqttConnectVariableHeader header = connect.variableHeader();
        boolean mayBeEmpty = header.version() == 5 || header.isCleanSession();
        if (clientId.isEmpty() && !mayBeEmpty) {
            return Reasons.CLIENT_ID_NOT_VALID;
        }
        if (ByteBufUtil.utf8Bytes(clientId) > node.config.clientIdBytesMax()) {
            return Reasons.CLIENT_ID_NOT_VALID;
        }
        if (header.isWillFlag() && connect.payload().willTopic().startsWith("$")) {
            return Reasons.TOPIC_NAME_INVALID;
        }
        StoredWill will = Will.of(connect, topic -> topic, Principal.ANONYMOUS);
        if (will != null && will.message().isTooLarge()) {
            return Reasons.QUOTA_EXCEEDED;
        }
        return 0;
    }

    static ConnectHandler of(MqttConnectMessage connect, MqttNode node, Principal principal) {
        MqttConfig config = node.config;
        MqttConnectVariableHeader header = connect.variableHeader();
        MqttProperties properties = header.properties();
        boolean five = header.version() == 5;
        long asked = five
                ? Properties5.number(properties, Properties5.SESSION_EXPIRY, 0)
                : header.isCleanSession() ? 0 : Sessions.NEVER;
        String named = connect.payload().clientIdentifier();
        String clientId = named.isEmpty() ? node.assignedId("auto-") : named;
        int keepAlive = header.keepAliveTimeSeconds();
        int limit = five ? config.keepAliveSecondsMax() : 0;
        long packetBytes = Properties5.number(properties, Properties5.MAXIMUM_PACKET_SIZE, Integer.MAX_VALUE);
        return new ConnectHandler(
                header.version(),
                clientId,
                named.isEmpty(),
                node.sharesAmongNodes(),
                header.isCleanSession(),
                Math.min(asked, config.sessionExpirySecondsMax()),
                asked,
                limit > 0 && (keepAlive == 0 || keepAlive > limit) ? limit : keepAlive,
                keepAlive,
                new ClientLimits(
                        (int) Properties5.number(properties, Properties5.RECEIVE_MAXIMUM, 65_535),
                        (int) Math.min(packetBytes, Integer.MAX_VALUE),
                        (int) Properties5.number(properties, Properties5.TOPIC_ALIAS_MAXIMUM, 0)),
                Properties5.number(properties, Properties5.REQUEST_PROBLEM_INFORMATION, 1) == 1,
                principal,
                Will.of(connect, topic -> node.rewrites.publish(topic, clientId, principal.name()), principal));
    }

    /** The client is connected. */
    void tell(ClientEvents events, ClientEvents.Client client, boolean sessionPresent, long nowMs) {
        events.connected(client, cleanStart, keepAliveSeconds, expirySeconds, sessionPresent, nowMs);
    }

    SessionInfo.Link link(String address, long sinceMs) {
        return new SessionInfo.Link(true, address, version, keepAliveSeconds, sinceMs);
    }

    boolean isV5() {
        return version == 5;
    }

    /** False, with nothing written, if it is larger than the client takes [MQTT-3.1.2-24]. */
    boolean writeConnack(ByteBuf out, boolean sessionPresent, MqttConfig config, Authentication authentication) {
        if (!isV5()) {
            // MQTT 3.1 has no session present flag.
            PacketWriter.connack(out, sessionPresent && version == 4, 0, null);
            return true;
        }
        ByteBuf properties = connackProperties(config, authentication);
        if (PacketWriter.connackSize(properties) > limits.packetBytesMax()) {
            return false;
        }
        PacketWriter.connack(out, sessionPresent, 0, properties);
        return true;
    }

    private ByteBuf connackProperties(MqttConfig config, Authentication authentication) {
        ByteBuf properties = Unpooled.buffer(64);
        if (expirySeconds != askedExpirySeconds) {
            properties.writeByte(Properties5.SESSION_EXPIRY).writeInt((int) expirySeconds);
        }
        properties.writeByte(Properties5.RECEIVE_MAXIMUM).writeShort(config.receiveMax());
        properties.writeByte(Properties5.MAXIMUM_PACKET_SIZE).writeInt(config.packetBytesMax());
        properties.writeByte(Properties5.TOPIC_ALIAS_MAXIMUM).writeShort(config.topicAliasMax());
        if (!sharedSubscriptions) {
            properties.writeByte(SHARED_SUBSCRIPTION_AVAILABLE).writeByte(0);
        }
        if (assignedId) {
            PacketWriter.string(properties, ASSIGNED_CLIENT_ID, clientId);
        }
        if (keepAliveSeconds != askedKeepAliveSeconds) {
            properties.writeByte(SERVER_KEEP_ALIVE).writeShort(keepAliveSeconds);
        }
        if (!authentication.method().isEmpty()) {
            PacketWriter.authentication(properties, authentication.method(), authentication.proof());
        }
        return properties;
    }
}
