package io.robustmq.kafka.security;

import io.robustmq.core.login.Logins;
import io.robustmq.core.login.SaslExchange;
import io.robustmq.kafka.server.ApiHandler;
import io.robustmq.kafka.server.ClientIdentity;
import io.robustmq.kafka.server.KafkaRequest;
import java.util.Optional;
import org.apache.kafka.common.message.SaslHandshakeRequestData;
import org.apache.kafka.common.message.SaslHandshakeResponseData;
import org.apache.kafka.common.protocol.Errors;

/** The client says how it wants to log in, the first time or again (KIP-368). After version 0 it sends bare tokens. */
final class SaslHandshakeHandler implements ApiHandler {
    private final Logins logins;

    SaslHandshakeHandler(Logins logins) {
        this.logins = logins;
    }

    @Override
    public void handle(KafkaRequest request) {
        String asked = request.body(SaslHandshakeRequestData.class).mechanism();
        ClientIdentity identity = request.identity();
        SaslHandshakeResponseData response = new SaslHandshakeResponseData().setMechanisms(logins.mechanisms());
        if (!logins.required()) {
            request.respond(response.setErrorCode(Errors.ILLEGAL_SASL_STATE.code()));
            return;
        }
        if (identity.exchange() != null) {
            refuse(request, response, Errors.ILLEGAL_SASL_STATE, "a handshake within another");
            return;
        }
        boolean other = identity.isLoggedIn() && !identity.mechanism().equals(asked);
        Optional<SaslExchange> exchange = other ? Optional.empty() : logins.exchange(asked, identity.host());
        if (exchange.isEmpty()) {
            refuse(
                    request,
                    response,
                    Errors.UNSUPPORTED_SASL_MECHANISM,
                    other ? "another mechanism than before" : "the mechanism is not offered");
            return;
        }
        identity.begin(exchange.get(), request.version() == 0);
        request.respond(response);
    }

    private void refuse(KafkaRequest request, SaslHandshakeResponseData response, Errors error, String reason) {
        logins.failed(
                SaslAuthenticateHandler.PROTOCOL,
                String.valueOf(request.remoteAddress()),
                request.body(SaslHandshakeRequestData.class).mechanism(),
                "",
                reason);
        request.respondAndClose(response.setErrorCode(error.code()));
    }
}
