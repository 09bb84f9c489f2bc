package io.robustmq.kafka.security;

import io.robustmq.core.login.Login;
import io.robustmq.core.login.Logins;
import io.robustmq.core.login.SaslExchange;
import io.robustmq.core.login.SaslStep;
import io.robustmq.kafka.server.ApiHandler;
import io.robustmq.kafka.server.ClientIdentity;
import io.robustmq.kafka.server.KafkaRequest;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.message.SaslAuthenticateRequestData;
import org.apache.kafka.common.message.SaslAuthenticateResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/** One message of a login. The client learns that it failed, later, and never why. */
final class SaslAuthenticateHandler implements ApiHandler {
    static final String PROTOCOL = "kafka";

    private final Logins logins;

    SaslAuthenticateHandler(Logins logins) {
        this.logins = logins;
    }

    @Override
    public void handle(KafkaRequest request) {
        SaslExchange exchange = request.identity().exchange();
        if (exchange == null) {
            SaslAuthenticateResponseData response = new SaslAuthenticateResponseData()
                    .setErrorCode(Errors.ILLEGAL_SASL_STATE.code())
                    .setErrorMessage("No login is under way.");
            if (request.identity().isKnown() || !logins.required()) {
                request.respond(response);
            } else {
                request.respondAndClose(response);
            }
            return;
        }
        byte[] token = request.body(SaslAuthenticateRequestData.class).authBytes();
        CompletableFuture<SaslStep> unused = exchange.step(token)
                .whenComplete((step, failure) -> request.loop().run(() -> goOn(request, exchange, step, failure)));
    }

    private void goOn(
            KafkaRequest request, SaslExchange exchange, @Nullable SaslStep step, @Nullable Throwable failure) {
        if (step instanceof SaslStep.Challenge challenge) {
            request.respond(new SaslAuthenticateResponseData().setAuthBytes(challenge.token()));
        } else if (step instanceof SaslStep.Done done) {
            succeed(request, exchange, done);
        } else if (step instanceof SaslStep.Failed failed) {
            fail(request, exchange, failed.user(), failed.reason());
        } else {
            // The client tries again, where an answer would make it give up.
            request.close("the login cannot be checked now: " + failure);
        }
    }

    private void succeed(KafkaRequest request, SaslExchange exchange, SaslStep.Done done) {
        ClientIdentity identity = request.identity();
        Login login = done.login();
        if (identity.isLoggedIn() && !identity.principal().isSameAs(login.principal())) {
            fail(request, exchange, login.principal().name(), "was " + identity.principal() + " before");
            return;
        }
        long lifetimeMs =
                identity.establish(login, request.loop().nowMs(), request.loop().nanoTime());
        SaslAuthenticateResponseData response = new SaslAuthenticateResponseData().setAuthBytes(done.token());
        if (request.version() >= 1) {
            response.setSessionLifetimeMs(lifetimeMs);
        }
        request.respond(response);
    }

    private void fail(KafkaRequest request, SaslExchange exchange, String user, String reason) {
        request.identity().abandonExchange();
        logins.failed(PROTOCOL, String.valueOf(request.remoteAddress()), exchange.mechanism(), user, reason);
        request.respondAndClose(new SaslAuthenticateResponseData()
                .setErrorCode(Errors.SASL_AUTHENTICATION_FAILED.code())
                .setErrorMessage("Authentication failed: Invalid username or password"));
    }
}
