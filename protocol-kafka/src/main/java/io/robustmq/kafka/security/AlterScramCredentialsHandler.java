package io.robustmq.kafka.security;

import io.robustmq.core.meta.MetaCommand;
import io.robustmq.core.meta.MetaReply;
import io.robustmq.core.port.MetaLog;
import io.robustmq.core.security.Authorizer;
import io.robustmq.core.security.Operation;
import io.robustmq.core.security.ResourceType;
import io.robustmq.core.security.ScramCredential;
import io.robustmq.core.security.ScramMechanism;
import io.robustmq.kafka.ErrorCodes;
import io.robustmq.kafka.server.ApiHandler;
import io.robustmq.kafka.server.KafkaRequest;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.message.AlterUserScramCredentialsRequestData;
import org.apache.kafka.common.message.AlterUserScramCredentialsRequestData.ScramCredentialDeletion;
import org.apache.kafka.common.message.AlterUserScramCredentialsRequestData.ScramCredentialUpsertion;
import org.apache.kafka.common.message.AlterUserScramCredentialsResponseData;
import org.apache.kafka.common.message.AlterUserScramCredentialsResponseData.AlterUserScramCredentialsResult;
import org.apache.kafka.common.protocol.Errors;

/** Makes, changes and deletes users. The client salts the password; what is kept is derived from that here. */
final class AlterScramCredentialsHandler implements ApiHandler {
    private final MetaLog metaLog;
    private final Authorizer authorizer;

    AlterScramCredentialsHandler(MetaLog metaLog, Authorizer authorizer) {
        this.metaLog = metaLog;
        this.authorizer = authorizer;
    }

    /** What one request wants of one user. */
    private static final class Wanted {
        private final Map<ScramMechanism, ScramCredential> credentials = new EnumMap<>(ScramMechanism.class);
        private final Set<ScramMechanism> removed = EnumSet.noneOf(ScramMechanism.class);
        private Errors error = Errors.NONE;
        private String message = "";

        private void refuse(Errors refusal, String why) {
            if (error == Errors.NONE) {
                error = refusal;
                message = why;
            }
        }
    }

    @Override
    public void handle(KafkaRequest request) {
        AlterUserScramCredentialsRequestData body = request.body(AlterUserScramCredentialsRequestData.class);
        Map<String, Wanted> users = new LinkedHashMap<>();
        for (ScramCredentialDeletion deletion : body.deletions()) {
            delete(deletion, users.computeIfAbsent(deletion.name(), unused -> new Wanted()));
        }
        for (ScramCredentialUpsertion upsertion : body.upsertions()) {
            put(upsertion, users.computeIfAbsent(upsertion.name(), unused -> new Wanted()));
        }
        if (!authorizer.allows(request.principal(), Operation.ALTER, ResourceType.CLUSTER, Authorizer.CLUSTER)) {
            Errors refusal = Errors.CLUSTER_AUTHORIZATION_FAILED;
            users.replaceAll((name, wanted) -> new Wanted());
            users.values().forEach(wanted -> wanted.refuse(refusal, refusal.message()));
        }
        AlterUserScramCredentialsResponseData response = new AlterUserScramCredentialsResponseData();
        CompletableFuture<?>[] changes = users.entrySet().stream()
                .map(user -> alter(request, user.getKey(), user.getValue(), response))
                .toArray(CompletableFuture[]::new);
        CompletableFuture<Void> unused = CompletableFuture.allOf(changes)
                .whenComplete((nothing, failure) -> request.loop().run(() -> request.respond(response)));
    }

    private static void delete(ScramCredentialDeletion deletion, Wanted wanted) {
        ScramMechanism mechanism = ScramCodes.mechanism(deletion.mechanism()).orElse(null);
        check(deletion.name(), mechanism, wanted);
        if (mechanism != null && !wanted.removed.add(mechanism)) {
            wanted.refuse(Errors.DUPLICATE_RESOURCE, "A credential cannot be altered twice in one request.");
        }
    }

    private static void put(ScramCredentialUpsertion upsertion, Wanted wanted) {
        ScramMechanism mechanism = ScramCodes.mechanism(upsertion.mechanism()).orElse(null);
        check(upsertion.name(), mechanism, wanted);
        if (mechanism == null) {
            return;
        }
        if (upsertion.iterations() < ScramMechanism.ITERATIONS_MIN) {
            wanted.refuse(Errors.UNACCEPTABLE_CREDENTIAL, "Too few iterations");
        } else if (upsertion.iterations() > ScramMechanism.ITERATIONS_MAX) {
            wanted.refuse(Errors.UNACCEPTABLE_CREDENTIAL, "Too many iterations");
        } else if (upsertion.salt().length == 0 || upsertion.saltedPassword().length != mechanism.keyBytes()) {
            wanted.refuse(Errors.UNACCEPTABLE_CREDENTIAL, "The salt or the salted password is not of this mechanism.");
        } else if (wanted.removed.contains(mechanism)
                || wanted.credentials.put(
                                mechanism,
                                ScramCredential.ofSalted(
                                        mechanism,
                                        upsertion.salt(),
                                        upsertion.saltedPassword(),
                                        upsertion.iterations()))
                        != null) {
            wanted.refuse(Errors.DUPLICATE_RESOURCE, "A credential cannot be altered twice in one request.");
        }
    }

    private static void check(String name, @org.jspecify.annotations.Nullable ScramMechanism mechanism, Wanted wanted) {
        if (name.isEmpty()) {
            wanted.refuse(Errors.UNACCEPTABLE_CREDENTIAL, "Username must not be empty");
        } else if (mechanism == null) {
            wanted.refuse(Errors.UNSUPPORTED_SASL_MECHANISM, "Unknown SCRAM mechanism");
        }
    }

    private CompletableFuture<Void> alter(
            KafkaRequest request, String name, Wanted wanted, AlterUserScramCredentialsResponseData response) {
        AlterUserScramCredentialsResult result = new AlterUserScramCredentialsResult().setUser(name);
        response.results().add(result);
        if (wanted.error != Errors.NONE) {
            result.setErrorCode(wanted.error.code()).setErrorMessage(wanted.message);
            return CompletableFuture.completedFuture(null);
        }
        return metaLog.submit(new MetaCommand.AlterUser(name, wanted.credentials, wanted.removed, false))
                .handleAsync(
                        (reply, failure) -> {
                            MetaReply.Refused refused = AclChanges.refused(reply, failure);
                            if (refused != null) {
                                result.setErrorCode(ErrorCodes.code(refused.error()))
                                        .setErrorMessage(refused.message());
                            }
                            return null;
                        },
                        request.loop());
    }
}
