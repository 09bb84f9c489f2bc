package io.robustmq.core.login;

import io.robustmq.core.login.SaslStep.Done;
import io.robustmq.core.login.SaslStep.Failed;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;

/** RFC 4616: {@code [authorization id] NUL user NUL password}. Owned by the connection. */
final class PlainExchange implements SaslExchange {
    static final String NAME = "PLAIN";

    private final Logins logins;
    private final String host;

    PlainExchange(Logins logins, String host) {
        this.logins = logins;
        this.host = host;
    }

    @Override
    public String mechanism() {
        return NAME;
    }

    @Override
    public CompletableFuture<SaslStep> step(byte[] token) {
        int first = indexOf(token, 0);
        int second = first < 0 ? -1 : indexOf(token, first + 1);
        if (second < 0 || indexOf(token, second + 1) >= 0) {
            return CompletableFuture.completedFuture(new Failed("", "not a message of PLAIN"));
        }
        String authorization = text(token, 0, first);
        String user = text(token, first + 1, second);
        if (!authorization.isEmpty() && !authorization.equals(user)) {
            return CompletableFuture.completedFuture(new Failed(user, "wants to act for " + authorization));
        }
        return logins.password(user, Arrays.copyOfRange(token, second + 1, token.length), host)
                .thenApply(login -> login.<SaslStep>map(known -> new Done(new byte[0], known))
                        .orElseGet(() -> new Failed(user, Logins.WRONG_PASSWORD)));
    }

    private static int indexOf(byte[] token, int from) {
        for (int i = from; i < token.length; i++) {
            if (token[i] == 0) {
                return i;
            }
        }
        return -1;
    }

    private static String text(byte[] token, int from, int to) {
        return new String(token, from, to - from, StandardCharsets.UTF_8);
    }
}
