package io.robustmq.kafka.security;

import io.robustmq.core.port.MetaLog;
import io.robustmq.core.security.Authorizer;
import io.robustmq.core.security.Operation;
import io.robustmq.core.security.ResourceType;
import io.robustmq.core.security.ScramCredential;
import io.robustmq.core.security.ScramMechanism;
import io.robustmq.kafka.server.ApiHandler;
import io.robustmq.kafka.server.KafkaRequest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.apache.kafka.common.message.DescribeUserScramCredentialsRequestData;
import org.apache.kafka.common.message.DescribeUserScramCredentialsRequestData.UserName;
import org.apache.kafka.common.message.DescribeUserScramCredentialsResponseData;
import org.apache.kafka.common.message.DescribeUserScramCredentialsResponseData.CredentialInfo;
import org.apache.kafka.common.message.DescribeUserScramCredentialsResponseData.DescribeUserScramCredentialsResult;
import org.apache.kafka.common.protocol.Errors;

/** Which credentials users have; the credentials themselves are told to nobody. */
final class DescribeScramCredentialsHandler implements ApiHandler {
    private final MetaLog metaLog;
    private final Authorizer authorizer;

    DescribeScramCredentialsHandler(MetaLog metaLog, Authorizer authorizer) {
        this.metaLog = metaLog;
        this.authorizer = authorizer;
    }

    @Override
    public void handle(KafkaRequest request) {
        DescribeUserScramCredentialsResponseData response = new DescribeUserScramCredentialsResponseData();
        if (!authorizer.allows(request.principal(), Operation.DESCRIBE, ResourceType.CLUSTER, Authorizer.CLUSTER)) {
            Errors refusal = Errors.CLUSTER_AUTHORIZATION_FAILED;
            request.respond(response.setErrorCode(refusal.code()).setErrorMessage(refusal.message()));
            return;
        }
        Map<String, Map<ScramMechanism, ScramCredential>> users =
                metaLog.image().security().users();
        List<UserName> asked =
                request.body(DescribeUserScramCredentialsRequestData.class).users();
        List<String> names = asked == null || asked.isEmpty()
                ? List.copyOf(new TreeSet<>(users.keySet()))
                : asked.stream().map(UserName::name).toList();
        List<DescribeUserScramCredentialsResult> results = new ArrayList<>();
        for (String name : new LinkedHashSet<>(names)) {
            Errors error = Collections.frequency(names, name) > 1
                    ? Errors.DUPLICATE_RESOURCE
                    : users.containsKey(name) ? Errors.NONE : Errors.RESOURCE_NOT_FOUND;
            results.add(result(name, error, users.getOrDefault(name, Map.of())));
        }
        request.respond(response.setResults(results));
    }

    private static DescribeUserScramCredentialsResult result(
            String name, Errors error, Map<ScramMechanism, ScramCredential> credentials) {
        DescribeUserScramCredentialsResult result =
                new DescribeUserScramCredentialsResult().setUser(name).setErrorCode(error.code());
        if (error != Errors.NONE) {
            return result.setErrorMessage(
                    error == Errors.DUPLICATE_RESOURCE
                            ? "The user is asked for twice: " + name
                            : "There is no user " + name + " with a SCRAM credential.");
        }
        for (ScramMechanism mechanism : ScramMechanism.values()) {
            ScramCredential credential = credentials.get(mechanism);
            if (credential != null) {
                result.credentialInfos()
                        .add(new CredentialInfo()
                                .setMechanism(ScramCodes.code(mechanism))
                                .setIterations(credential.iterations()));
            }
        }
        return result;
    }
}
