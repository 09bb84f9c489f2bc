package io.robustmq.core.login;

import io.robustmq.core.login.SaslStep.Challenge;
import io.robustmq.core.login.SaslStep.Done;
import io.robustmq.core.login.SaslStep.Failed;
import io.robustmq.core.model.Principal;
import io.robustmq.core.security.Scram;
import io.robustmq.core.security.ScramCredential;
import io.robustmq.core.security.ScramMechanism;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The server's half of RFC 5802 without channel binding. A user that does not exist is answered like one that does, until the
 * proof fails. Owned by the connection.
 *
 * <pre>
 *   client-first ──▶ server-first (salt, iterations) ──▶ client-final (proof) ──▶ server-final
 * </pre>
 */
final class ScramExchange implements SaslExchange {
    private final ScramMechanism mechanism;
    private final Logins logins;
    private final String serverNonce;
    private final String host;

    /** Or the id of a delegation token. */
    private String user = "";

    private boolean delegated;
    private String gs2Header = "";
    private String clientNonce = "";
    private String nonce = "";
    private String clientFirstBare = "";
    private String serverFirst = "";
    private @Nullable ScramCredential credential;

    ScramExchange(ScramMechanism mechanism, Logins logins, String serverNonce, String host) {
        this.mechanism = mechanism;
        this.logins = logins;
        this.serverNonce = serverNonce;
        this.host = host;
    }

    @Override
    public String mechanism() {
        return mechanism.saslName();
    }

    @Override
    public CompletableFuture<SaslStep> step(byte[] token) {
        String message = new String(token, StandardCharsets.UTF_8);
        ScramCredential known = credential;
        try {
            return CompletableFuture.completedFuture(known == null ? first(message) : last(message, known));
        } catch (IllegalArgumentException e) {
            return CompletableFuture.completedFuture(new Failed(user, "not a message of SCRAM: " + e.getMessage()));
        }
    }

    private SaslStep first(String message) {
        int binding = message.indexOf(',');
        int authorization = binding < 0 ? -1 : message.indexOf(',', binding + 1);
        if (authorization < 0 || !(message.startsWith("n,") || message.startsWith("y,"))) {
            return new Failed("", "asks for channel binding, or is not a message of SCRAM");
        }
        gs2Header = message.substring(0, authorization + 1);
        clientFirstBare = message.substring(authorization + 1);
        String[] fields = clientFirstBare.split(",", -1);
        user = unescaped(field(fields, 0, "n="));
        clientNonce = field(fields, 1, "r=");
        String actingFor = message.substring(binding + 1, authorization);
        if (!actingFor.isEmpty() && !unescaped(actingFor).equals("a=" + user)) {
            return new Failed(user, "wants to act for somebody else");
        }
        for (int i = 2; i < fields.length; i++) {
            if (fields[i].equals("tokenauth=true")) {
                delegated = true;
            }
        }
        if (clientNonce.isEmpty()) {
            return new Failed(user, "sent no nonce");
        }
        ScramCredential known =
                delegated ? logins.delegationOrDecoy(user, mechanism) : logins.credentialOrDecoy(user, mechanism);
        credential = known;
        nonce = clientNonce + serverNonce;
        serverFirst =
                "r=" + nonce + ",s=" + Base64.getEncoder().encodeToString(known.salt()) + ",i=" + known.iterations();
        return new Challenge(serverFirst.getBytes(StandardCharsets.UTF_8));
    }

    private SaslStep last(String message, ScramCredential known) {
        int proofAt = message.lastIndexOf(",p=");
        if (proofAt < 0) {
            return new Failed(user, "sent no proof");
        }
        String withoutProof = message.substring(0, proofAt);
        String[] fields = withoutProof.split(",", -1);
        byte[] binding = Base64.getDecoder().decode(field(fields, 0, "c="));
        if (!new String(binding, StandardCharsets.UTF_8).equals(gs2Header) || !isNonce(field(fields, 1, "r="))) {
            return new Failed(user, "the second message does not belong to the first");
        }
        byte[] proof = Base64.getDecoder().decode(message.substring(proofAt + 3));
        byte[] authMessage =
                (clientFirstBare + "," + serverFirst + "," + withoutProof).getBytes(StandardCharsets.UTF_8);
        byte[] signature = Scram.hmac(mechanism, known.storedKey(), authMessage);
        boolean proven = proof.length == signature.length
                && Scram.isSame(known.storedKey(), Scram.storedKey(mechanism, Scram.xor(proof, signature)));
        Optional<Login> login = proven ? login(known) : Optional.empty();
        if (login.isEmpty()) {
            return new Failed(user, Logins.WRONG_PASSWORD);
        }
        byte[] serverSignature = Scram.hmac(mechanism, known.serverKey(), authMessage);
        String serverFinal = "v=" + Base64.getEncoder().encodeToString(serverSignature);
        return new Done(serverFinal.getBytes(StandardCharsets.UTF_8), login.get());
    }

    /** Empty when the password was changed, or the token has expired, since the first message. */
    private Optional<Login> login(ScramCredential known) {
        if (delegated) {
            return logins.delegations()
                    .live(user)
                    .map(token -> new Login(Principal.user(token.owner().name(), host), token.expiresAtMs(), true));
        }
        return logins.isCurrent(user, mechanism, known)
                ? Optional.of(new Login(Principal.user(user, host), Login.NEVER))
                : Optional.empty();
    }

    /** librdkafka before 2.6.1 sends its own part once more, in front; the whole of ours must be there in any case. */
    private boolean isNonce(String sent) {
        return sent.equals(nonce) || sent.equals(clientNonce + nonce);
    }

    private static String field(String[] fields, int index, String prefix) {
        if (index >= fields.length || !fields[index].startsWith(prefix)) {
            throw new IllegalArgumentException("no " + prefix);
        }
        return fields[index].substring(prefix.length());
    }

    /** A comma and an equals sign are written =2C and =3D. */
    private static String unescaped(String text) {
        return text.replace("=2C", ",").replace("=3D", "=");
    }
}
