package io.robustmq.mqtt.server;

import com.hivemq.client.mqtt.datatypes.MqttUtf8String;
import com.hivemq.client.mqtt.mqtt5.Mqtt5ClientConfig;
import com.hivemq.client.mqtt.mqtt5.auth.Mqtt5EnhancedAuthMechanism;
import com.hivemq.client.mqtt.mqtt5.message.auth.Mqtt5Auth;
import com.hivemq.client.mqtt.mqtt5.message.auth.Mqtt5AuthBuilder;
import com.hivemq.client.mqtt.mqtt5.message.auth.Mqtt5EnhancedAuthBuilder;
import com.hivemq.client.mqtt.mqtt5.message.connect.Mqtt5Connect;
import com.hivemq.client.mqtt.mqtt5.message.connect.connack.Mqtt5ConnAck;
import com.hivemq.client.mqtt.mqtt5.message.disconnect.Mqtt5Disconnect;
import io.robustmq.core.security.Scram;
import io.robustmq.core.security.ScramMechanism;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;

/** The client's half of SCRAM-SHA-256 in AUTH packets; counts how often the server proved itself. */
final class ScramClient implements Mqtt5EnhancedAuthMechanism {
    private final String user;
    private volatile byte[] password;
    private String firstBare = "";
    private byte[] serverSignature = new byte[0];
    final AtomicInteger proven = new AtomicInteger();

    ScramClient(String user, String password) {
        this.user = user;
        this.password = password.getBytes(StandardCharsets.UTF_8);
    }

    /** The next proof is by this one. */
    void password(String other) {
        password = other.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public MqttUtf8String getMethod() {
        return MqttUtf8String.of("SCRAM-SHA-256");
    }

    @Override
    public int getTimeout() {
        return 10;
    }

    @Override
    public CompletableFuture<Void> onAuth(
            Mqtt5ClientConfig config, Mqtt5Connect connect, Mqtt5EnhancedAuthBuilder auth) {
        auth.data(first());
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public CompletableFuture<Void> onReAuth(Mqtt5ClientConfig config, Mqtt5AuthBuilder auth) {
        auth.data(first());
        return CompletableFuture.completedFuture(null);
    }

    private byte[] first() {
        firstBare = "n=" + user + ",r=client-nonce";
        return ("n,," + firstBare).getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public CompletableFuture<Boolean> onContinue(Mqtt5ClientConfig config, Mqtt5Auth auth, Mqtt5AuthBuilder answer) {
        String serverFirst = text(auth.getData().orElseThrow());
        String[] fields = serverFirst.split(",", -1);
        byte[] salt = Base64.getDecoder().decode(fields[1].substring(2));
        int iterations = Integer.parseInt(fields[2].substring(2));
        ScramMechanism sha = ScramMechanism.SHA_256;
        byte[] salted = Scram.saltedPassword(sha, password, salt, iterations);
        byte[] clientKey = Scram.clientKey(sha, salted);
        String withoutProof = "c=biws," + fields[0];
        byte[] message = (firstBare + "," + serverFirst + "," + withoutProof).getBytes(StandardCharsets.UTF_8);
        byte[] proof = Scram.xor(clientKey, Scram.hmac(sha, Scram.storedKey(sha, clientKey), message));
        serverSignature = Scram.hmac(sha, Scram.serverKey(sha, salted), message);
        answer.data(
                (withoutProof + ",p=" + Base64.getEncoder().encodeToString(proof)).getBytes(StandardCharsets.UTF_8));
        return CompletableFuture.completedFuture(true);
    }

    @Override
    public CompletableFuture<Boolean> onAuthSuccess(Mqtt5ClientConfig config, Mqtt5ConnAck connAck) {
        return CompletableFuture.completedFuture(
                isServer(connAck.getEnhancedAuth().orElseThrow().getData().orElseThrow()));
    }

    @Override
    public CompletableFuture<Boolean> onReAuthSuccess(Mqtt5ClientConfig config, Mqtt5Auth auth) {
        return CompletableFuture.completedFuture(isServer(auth.getData().orElseThrow()));
    }

    private boolean isServer(ByteBuffer data) {
        boolean same = text(data).equals("v=" + Base64.getEncoder().encodeToString(serverSignature));
        proven.addAndGet(same ? 1 : 0);
        return same;
    }

    private static String text(ByteBuffer data) {
        return StandardCharsets.UTF_8.decode(data).toString();
    }

    @Override
    public void onAuthRejected(Mqtt5ClientConfig config, Mqtt5ConnAck connAck) {}

    @Override
    public void onReAuthRejected(Mqtt5ClientConfig config, Mqtt5Disconnect disconnect) {}

    @Override
    public void onAuthError(Mqtt5ClientConfig config, Throwable cause) {}

    @Override
    public void onReAuthError(Mqtt5ClientConfig config, Throwable cause) {}
}
