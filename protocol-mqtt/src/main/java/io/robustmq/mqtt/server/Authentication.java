package io.robustmq.mqtt.server;

import io.netty.channel.Channel;
import io.netty.handler.codec.mqtt.MqttConnectMessage;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttReasonCodeAndPropertiesVariableHeader;
import io.robustmq.core.login.Login;
import io.robustmq.core.login.Logins;
import io.robustmq.core.login.SaslExchange;
import io.robustmq.core.login.SaslStep;
import io.robustmq.core.model.Principal;
import io.robustmq.mqtt.codec.PacketWriter;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * How one client proves who it is: by what CONNECT says, by its certificate, or by an exchange of AUTH packets, which an MQTT 5
 * client may repeat later. Owned by the connection's loop.
 */
final class Authentication {
    private static final String PROTOCOL = "mqtt";

    private final MqttChannel channel;
    private final MqttNode node;
    private final Channel connection;
    private final Logins logins;
    private final String host;
    /** Of the client's certificate; empty when it showed none. */
    private String certificateName = "";

    private String method = "";
    private byte[] proof = new byte[0];
    private @Nullable SaslExchange exchange;
    private @Nullable Consumer<Principal> whenKnown;

    Authentication(MqttChannel channel, MqttNode node, Channel connection, String host) {
        this.channel = channel;
        this.node = node;
        this.connection = connection;
        this.logins = node.logins;
        this.host = host;
    }

    /** The client's address. */
    String host() {
        return host;
    }

    void certified(String name) {
        certificateName = name;
    }

    /** The method that CONNECT named; empty when it named none. */
    String method() {
        return method;
    }

    /** What proves to the client that we are who it thinks; empty when nothing does. */
    byte[] proof() {
        return proof;
    }

    /** Tells {@code known} who it is, now or later in the loop; else the connection is refused. */
    void begin(MqttConnectMessage connect, Consumer<Principal> known) {
        String asked = Properties5.text(connect.variableHeader().properties(), Properties5.AUTHENTICATION_METHOD);
        if (asked != null) {
            whenKnown = known;
            method = asked;
            start(Properties5.bytes(connect.variableHeader().properties(), Properties5.AUTHENTICATION_DATA));
        } else if (!logins.required()) {
            known.accept(Principal.ANONYMOUS);
        } else if (connect.payload().passwordInBytes() == null && !certificateName.isEmpty()) {
            known.accept(Principal.user(certificateName, host));
        } else {
            byPassword(connect, known);
        }
    }

    /** AUTH, before CONNACK or after. */
    void on(MqttMessage packet) {
        if (!(packet.variableHeader() instanceof MqttReasonCodeAndPropertiesVariableHeader header)) {
            channel.close(Reasons.PROTOCOL_ERROR, "AUTH without a method [MQTT-4.12.0-5]");
            return;
        }
        int reason = header.reasonCode() & 0xFF;
        String named = Properties5.text(header.properties(), Properties5.AUTHENTICATION_METHOD);
        byte[] data = Properties5.bytes(header.properties(), Properties5.AUTHENTICATION_DATA);
        if (method.isEmpty() || !method.equals(named)) {
            channel.close(Reasons.PROTOCOL_ERROR, "AUTH by another method than CONNECT named [MQTT-4.12.0-5]");
        } else if (reason == Reasons.CONTINUE_AUTHENTICATION && exchange != null) {
            goOn(exchange, data);
        } else if (reason == Reasons.REAUTHENTICATE && exchange == null && channel.session() != null) {
            start(data);
        } else {
            channel.close(Reasons.PROTOCOL_ERROR, "AUTH out of order");
        }
    }

    private void start(byte[] data) {
        Optional<SaslExchange> offered = logins.required() ? logins.exchange(method, host) : Optional.empty();
        if (offered.isEmpty()) {
            fail(Reasons.BAD_AUTHENTICATION_METHOD, method, "", "the method is not offered");
            return;
        }
        exchange = offered.get();
        goOn(offered.get(), data);
    }

    private void goOn(SaslExchange current, byte[] data) {
        channel.intake().hold();
        CompletableFuture<SaslStep> unused = current.step(data)
                .whenComplete((step, failure) -> channel.loop().run(() -> {
                    if (connection.isActive()) {
                        stepped(current, step);
                    }
                    channel.unhold();
                }));
    }

    private void stepped(SaslExchange current, @Nullable SaslStep step) {
        if (step instanceof SaslStep.Challenge challenge) {
            PacketWriter.auth(channel.outbound().own(), Reasons.CONTINUE_AUTHENTICATION, method, challenge.token());
            channel.outbound().finish();
        } else if (step instanceof SaslStep.Done done) {
            exchange = null;
            finish(done);
        } else if (step instanceof SaslStep.Failed failed) {
            fail(Reasons.NOT_AUTHORIZED, current.mechanism(), failed.user(), failed.reason());
        } else {
            channel.close(Reasons.SERVER_BUSY, "too many logins are being checked");
        }
    }

    private void finish(SaslStep.Done done) {
        Principal who = done.login().principal();
        Consumer<Principal> first = whenKnown;
        if (first != null) {
            whenKnown = null;
            proof = done.token();
            first.accept(who);
        } else if (channel.principal().isSameAs(who)) {
            PacketWriter.auth(channel.outbound().own(), Reasons.SUCCESS, method, done.token());
            channel.outbound().finish();
        } else {
            fail(Reasons.NOT_AUTHORIZED, method, who.name(), "was " + channel.principal() + " before");
        }
    }

    private void byPassword(MqttConnectMessage connect, Consumer<Principal> known) {
        String user = connect.payload().userName();
        byte[] password = connect.payload().passwordInBytes();
        if (password == null || (user == null && !logins.acceptsTokens())) {
            fail(Reasons.NOT_AUTHORIZED, "password", user == null ? "" : user, "sent no user or no password");
            return;
        }
        channel.intake().hold();
        CompletableFuture<Optional<Login>> unused = check(user == null ? "" : user, password)
                .whenComplete((login, failure) -> channel.loop().run(() -> {
                    if (connection.isActive()) {
                        if (failure != null) {
                            channel.close(Reasons.SERVER_BUSY, "too many logins are being checked");
                        } else if (login.isEmpty()) {
                            fail(
                                    Reasons.BAD_USER_NAME_OR_PASSWORD,
                                    "password",
                                    user == null ? "" : user,
                                    "no such user, or a wrong password");
                        } else {
                            known.accept(login.get().principal());
                        }
                    }
                    channel.unhold();
                }));
    }

    /** What looks like a token is one, where tokens are accepted; a user that is named must be the token's. */
    private CompletableFuture<Optional<Login>> check(String user, byte[] password) {
        String text = new String(password, StandardCharsets.UTF_8);
        if (logins.acceptsTokens() && text.startsWith("eyJ") && text.indexOf('.') > 0) {
            return logins.token(text, host)
                    .thenApply(login -> login.filter(
                            one -> user.isEmpty() || one.principal().name().equals(user)));
        }
        return logins.password(user, password, host);
    }

    private void fail(int reason, String how, String user, String why) {
        logins.failed(PROTOCOL, host, how, user, why);
        node.metrics.refused();
        channel.close(reason, "");
    }
}
