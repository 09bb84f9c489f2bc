package io.robustmq.kafka.security;

import io.robustmq.core.login.DelegationToken;
import io.robustmq.core.login.DelegationTokens;
import io.robustmq.core.model.Principal;
import io.robustmq.core.security.Authorizer;
import io.robustmq.core.security.Operation;
import io.robustmq.core.security.ResourceType;
import io.robustmq.kafka.server.ApiHandler;
import io.robustmq.kafka.server.KafkaRequest;
import java.util.List;
import org.apache.kafka.common.message.DescribeDelegationTokenRequestData;
import org.apache.kafka.common.message.DescribeDelegationTokenRequestData.DescribeDelegationTokenOwner;
import org.apache.kafka.common.message.DescribeDelegationTokenResponseData;
import org.apache.kafka.common.message.DescribeDelegationTokenResponseData.DescribedDelegationToken;
import org.apache.kafka.common.message.DescribeDelegationTokenResponseData.DescribedDelegationTokenRenewer;
import org.apache.kafka.common.protocol.Errors;

/** Tokens with their secrets: one's own, those one may renew, and others' where rules allow it. */
final class DescribeDelegationTokensHandler implements ApiHandler {
    private static final short REQUESTERS = 3;

    private final DelegationTokens tokens;
    private final Authorizer authorizer;

    DescribeDelegationTokensHandler(DelegationTokens tokens, Authorizer authorizer) {
        this.tokens = tokens;
        this.authorizer = authorizer;
    }

    @Override
    public void handle(KafkaRequest request) {
        DescribeDelegationTokenResponseData response = new DescribeDelegationTokenResponseData();
        Errors refusal = DelegationTokenChanges.refusal(request, tokens);
        if (refusal != Errors.NONE) {
            request.respond(response.setErrorCode(refusal.code()));
            return;
        }
        List<DescribeDelegationTokenOwner> owners =
                request.body(DescribeDelegationTokenRequestData.class).owners();
        long nowMs = request.loop().nowMs();
        for (DelegationToken token : tokens.all()) {
            boolean asked = owners == null || owners.stream().anyMatch(owner -> isOwner(owner, token));
            if (asked && !token.isExpired(nowMs) && isShown(request.principal(), token)) {
                response.tokens().add(described(token, request.version()));
            }
        }
        request.respond(response);
    }

    private static boolean isOwner(DescribeDelegationTokenOwner owner, DelegationToken token) {
        return token.owner().isSameAs(new Principal(owner.principalType(), owner.principalName()));
    }

    private boolean isShown(Principal principal, DelegationToken token) {
        return token.isOfOrRenewedBy(principal)
                || authorizer.wouldAllow(principal, Operation.DESCRIBE, ResourceType.DELEGATION_TOKEN, token.id())
                || authorizer.wouldAllow(
                        principal,
                        Operation.DESCRIBE_TOKENS,
                        ResourceType.USER,
                        token.owner().toString());
    }

    private DescribedDelegationToken described(DelegationToken token, short version) {
        DescribedDelegationToken described = new DescribedDelegationToken()
                .setTokenId(token.id())
                .setHmac(tokens.secret(token.id()))
                .setPrincipalType(token.owner().type())
                .setPrincipalName(token.owner().name())
                .setIssueTimestamp(token.issuedAtMs())
                .setExpiryTimestamp(token.expiresAtMs())
                .setMaxTimestamp(token.expiresAtMsMax())
                .setRenewers(token.renewers().stream()
                        .map(renewer -> new DescribedDelegationTokenRenewer()
                                .setPrincipalType(renewer.type())
                                .setPrincipalName(renewer.name()))
                        .toList());
        return version < REQUESTERS
                ? described
                : described
                        .setTokenRequesterPrincipalType(token.requester().type())
                        .setTokenRequesterPrincipalName(token.requester().name());
    }
}
