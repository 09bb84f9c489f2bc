package io.robustmq.kafka.security;

import io.robustmq.core.login.DelegationToken;
import io.robustmq.core.login.DelegationTokens;
import io.robustmq.core.meta.MetaCommand;
import io.robustmq.core.meta.MetaCommand.ConfigChange;
import io.robustmq.core.meta.MetaReply;
import io.robustmq.core.model.Principal;
import io.robustmq.core.port.MetaLog;
import io.robustmq.core.security.Authorizer;
import io.robustmq.core.security.Operation;
import io.robustmq.core.security.ResourceType;
import io.robustmq.kafka.ErrorCodes;
import io.robustmq.kafka.server.KafkaRequest;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.CreateDelegationTokenRequestData;
import org.apache.kafka.common.message.CreateDelegationTokenRequestData.CreatableRenewers;
import org.apache.kafka.common.message.CreateDelegationTokenResponseData;
import org.apache.kafka.common.message.ExpireDelegationTokenRequestData;
import org.apache.kafka.common.message.ExpireDelegationTokenResponseData;
import org.apache.kafka.common.message.RenewDelegationTokenRequestData;
import org.apache.kafka.common.message.RenewDelegationTokenResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/** Makes, renews and ends tokens by which others act for their owner (KIP-48). Thread-safe. */
final class DelegationTokenChanges {
    private static final short OWNERS = 3;

    private final DelegationTokens tokens;
    private final MetaLog metaLog;
    private final Authorizer authorizer;

    DelegationTokenChanges(DelegationTokens tokens, MetaLog metaLog, Authorizer authorizer) {
        this.tokens = tokens;
        this.metaLog = metaLog;
        this.authorizer = authorizer;
    }

    /** Only who has said itself who it is may ask anything about tokens: not anybody, and not by a token. */
    static Errors refusal(KafkaRequest request, DelegationTokens tokens) {
        boolean known = request.identity().isKnown() && !request.identity().isByDelegation();
        if (!known) {
            return Errors.DELEGATION_TOKEN_REQUEST_NOT_ALLOWED;
        }
        return tokens.isOn() ? Errors.NONE : Errors.DELEGATION_TOKEN_AUTH_DISABLED;
    }

    void create(KafkaRequest request) {
        CreateDelegationTokenRequestData body = request.body(CreateDelegationTokenRequestData.class);
        Principal requester = request.principal();
        String named = body.ownerPrincipalName();
        Principal owner = named == null || named.isEmpty()
                ? requester
                : new Principal(String.valueOf(body.ownerPrincipalType()), named);
        Set<Principal> renewers = new LinkedHashSet<>();
        body.renewers().forEach(each -> renewers.add(new Principal(each.principalType(), each.principalName())));
        Errors refusal = refusal(request, tokens);
        if (refusal == Errors.NONE) {
            refusal = refusal(requester, owner, body.renewers());
        }
        if (refusal == Errors.NONE && !tokens.hasRoom()) {
            refusal = Errors.POLICY_VIOLATION;
        }
        if (refusal != Errors.NONE) {
            respond(request, owner, requester, null, refusal);
            return;
        }
        dropExpired(request.loop().nowMs());
        long nowMs = request.loop().nowMs();
        long lifetimeMs = body.maxLifetimeMs() > 0
                ? Math.min(body.maxLifetimeMs(), tokens.lifetimeMsMax())
                : tokens.lifetimeMsMax();
        DelegationToken token = new DelegationToken(
                        Uuid.randomUuid().toString(), owner, requester, renewers, nowMs, nowMs, nowMs + lifetimeMs)
                .expiringAt(nowMs + tokens.expiryMs());
        store(request, token, error -> respond(request, owner, requester, token, error));
    }

    private Errors refusal(Principal requester, Principal owner, List<CreatableRenewers> renewers) {
        boolean mayOwn = owner.isSameAs(requester)
                || authorizer.allows(requester, Operation.CREATE_TOKENS, ResourceType.USER, owner.toString());
        if (!mayOwn) {
            return Errors.DELEGATION_TOKEN_AUTHORIZATION_FAILED;
        }
        boolean users = owner.type().equals(Principal.USER)
                && renewers.stream().allMatch(each -> each.principalType().equals(Principal.USER));
        if (!users) {
            return Errors.INVALID_PRINCIPAL_TYPE;
        }
        boolean names =
                renewers.stream().noneMatch(each -> each.principalName().chars().anyMatch(Character::isISOControl));
        return names ? Errors.NONE : Errors.INVALID_REQUEST;
    }

    private void respond(
            KafkaRequest request, Principal owner, Principal requester, @Nullable DelegationToken token, Errors error) {
        CreateDelegationTokenResponseData response = new CreateDelegationTokenResponseData()
                .setErrorCode(error.code())
                .setPrincipalType(owner.type())
                .setPrincipalName(owner.name())
                .setIssueTimestampMs(-1)
                .setExpiryTimestampMs(-1)
                .setMaxTimestampMs(-1);
        if (request.version() >= OWNERS) {
            response.setTokenRequesterPrincipalType(requester.type()).setTokenRequesterPrincipalName(requester.name());
        }
        if (token != null && error == Errors.NONE) {
            response.setTokenId(token.id())
                    .setHmac(tokens.secret(token.id()))
                    .setIssueTimestampMs(token.issuedAtMs())
                    .setExpiryTimestampMs(token.expiresAtMs())
                    .setMaxTimestampMs(token.expiresAtMsMax());
        }
        request.respond(response);
    }

    void renew(KafkaRequest request) {
        RenewDelegationTokenRequestData body = request.body(RenewDelegationTokenRequestData.class);
        RenewDelegationTokenResponseData response = new RenewDelegationTokenResponseData().setExpiryTimestampMs(-1);
        long periodMs = body.renewPeriodMs() < 0 ? tokens.expiryMs() : body.renewPeriodMs();
        prolong(
                request,
                body.hmac(),
                periodMs,
                (error, token) -> request.respond(
                        token == null
                                ? response.setErrorCode(error.code())
                                : response.setErrorCode(error.code()).setExpiryTimestampMs(token.expiresAtMs())));
    }

    void expire(KafkaRequest request) {
        ExpireDelegationTokenRequestData body = request.body(ExpireDelegationTokenRequestData.class);
        ExpireDelegationTokenResponseData response = new ExpireDelegationTokenResponseData().setExpiryTimestampMs(-1);
        if (body.expiryTimePeriodMs() >= 0) {
            prolong(
                    request,
                    body.hmac(),
                    body.expiryTimePeriodMs(),
                    (error, token) -> request.respond(
                            token == null
                                    ? response.setErrorCode(error.code())
                                    : response.setErrorCode(error.code()).setExpiryTimestampMs(token.expiresAtMs())));
            return;
        }
        Errors refusal = refusal(request, tokens);
        DelegationToken token =
                refusal == Errors.NONE ? tokens.bySecret(body.hmac()).orElse(null) : null;
        refusal = refusal == Errors.NONE ? refusal(request.principal(), token) : refusal;
        if (refusal != Errors.NONE || token == null) {
            request.respond(response.setErrorCode(refusal.code()));
            return;
        }
        long nowMs = request.loop().nowMs();
        submit(
                request,
                remove(token),
                error -> request.respond(
                        response.setErrorCode(error.code()).setExpiryTimestampMs(error == Errors.NONE ? nowMs : -1)));
    }

    /** Told the error, and the token as it is from now on, null with an error. */
    private interface Prolonged {
        void accept(Errors error, @Nullable DelegationToken token);
    }

    private void prolong(KafkaRequest request, byte[] secret, long periodMs, Prolonged answer) {
        Errors refusal = refusal(request, tokens);
        DelegationToken token = refusal == Errors.NONE ? tokens.bySecret(secret).orElse(null) : null;
        refusal = refusal == Errors.NONE ? refusal(request.principal(), token) : refusal;
        long nowMs = request.loop().nowMs();
        if (refusal == Errors.NONE && token != null && token.isExpired(nowMs)) {
            refusal = Errors.DELEGATION_TOKEN_EXPIRED;
        }
        if (refusal != Errors.NONE || token == null) {
            answer.accept(refusal, null);
            return;
        }
        // A period that is longer than time is as long as the token may live.
        long untilMs = periodMs > Long.MAX_VALUE - nowMs ? Long.MAX_VALUE : nowMs + periodMs;
        DelegationToken prolonged = token.expiringAt(untilMs);
        store(request, prolonged, error -> answer.accept(error, error == Errors.NONE ? prolonged : null));
    }

    private static Errors refusal(Principal principal, @Nullable DelegationToken token) {
        if (token == null) {
            return Errors.DELEGATION_TOKEN_NOT_FOUND;
        }
        return token.isOfOrRenewedBy(principal) ? Errors.NONE : Errors.DELEGATION_TOKEN_OWNER_MISMATCH;
    }

    /** What has expired is good for nothing, and goes when a new one comes. */
    private void dropExpired(long nowMs) {
        for (DelegationToken token : tokens.all()) {
            if (token.isExpired(nowMs)) {
                // Whether it is gone now or with the next one does not matter.
                CompletableFuture<MetaReply> unused = metaLog.submit(remove(token));
            }
        }
    }

    private static MetaCommand remove(DelegationToken token) {
        return new MetaCommand.AlterConfigs(
                DelegationToken.scope(token.id()),
                DelegationToken.KEYS.stream()
                        .map(key -> new ConfigChange(key, null))
                        .toList(),
                false);
    }

    private void store(KafkaRequest request, DelegationToken token, Consumer<Errors> answer) {
        List<ConfigChange> changes = token.values().entrySet().stream()
                .map((Map.Entry<String, String> each) -> new ConfigChange(each.getKey(), each.getValue()))
                .toList();
        submit(request, new MetaCommand.AlterConfigs(DelegationToken.scope(token.id()), changes, false), answer);
    }

    private void submit(KafkaRequest request, MetaCommand command, Consumer<Errors> answer) {
        CompletableFuture<Void> unused = metaLog.submit(command)
                .handleAsync(
                        (reply, failure) -> {
                            MetaReply.Refused refused = AclChanges.refused(reply, failure);
                            answer.accept(refused == null ? Errors.NONE : ErrorCodes.of(refused.error()));
                            return null;
                        },
                        request.loop());
    }
}
