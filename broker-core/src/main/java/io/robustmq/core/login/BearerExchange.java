package io.robustmq.core.login;

import io.robustmq.core.login.SaslStep.Challenge;
import io.robustmq.core.login.SaslStep.Done;
import io.robustmq.core.login.SaslStep.Failed;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;

/** RFC 7628: a token in the first message; a refusal is told as JSON, which the client answers with one byte. */
final class BearerExchange implements SaslExchange {
    static final String NAME = "OAUTHBEARER";

    private static final String AUTH = "\u0001auth=Bearer ";
    private static final byte[] INVALID = "{\"status\":\"invalid_token\"}".getBytes(StandardCharsets.US_ASCII);

    private final Logins logins;
    private final String host;
    private boolean refused;

    BearerExchange(Logins logins, String host) {
        this.logins = logins;
        this.host = host;
    }

    @Override
    public String mechanism() {
        return NAME;
    }

    @Override
    public CompletableFuture<SaslStep> step(byte[] token) {
        String message = new String(token, StandardCharsets.UTF_8);
        int at = message.indexOf(AUTH);
        int end = at < 0 ? -1 : message.indexOf('\u0001', at + AUTH.length());
        if (refused || end < 0 || !message.startsWith("n,")) {
            return CompletableFuture.completedFuture(
                    new Failed("", refused ? "the token is not valid" : "not a message of OAUTHBEARER"));
        }
        return logins.token(message.substring(at + AUTH.length(), end).trim(), host)
                .thenApply(login -> {
                    refused = login.isEmpty();
                    return login.<SaslStep>map(known -> new Done(new byte[0], known))
                            .orElseGet(() -> new Challenge(INVALID));
                });
    }
}
