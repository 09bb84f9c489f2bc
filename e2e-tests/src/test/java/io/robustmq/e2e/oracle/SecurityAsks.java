package io.robustmq.e2e.oracle;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.kafka.common.message.AlterUserScramCredentialsRequestData;
import org.apache.kafka.common.message.AlterUserScramCredentialsRequestData.ScramCredentialDeletion;
import org.apache.kafka.common.message.AlterUserScramCredentialsRequestData.ScramCredentialUpsertion;
import org.apache.kafka.common.message.CreateAclsRequestData;
import org.apache.kafka.common.message.CreateDelegationTokenRequestData;
import org.apache.kafka.common.message.DeleteAclsRequestData;
import org.apache.kafka.common.message.DescribeAclsRequestData;
import org.apache.kafka.common.message.DescribeDelegationTokenRequestData;
import org.apache.kafka.common.message.DescribeUserScramCredentialsRequestData;
import org.apache.kafka.common.message.ExpireDelegationTokenRequestData;
import org.apache.kafka.common.message.RenewDelegationTokenRequestData;
import org.apache.kafka.common.message.SaslAuthenticateRequestData;
import org.apache.kafka.common.message.SaslHandshakeRequestData;
import org.apache.kafka.common.protocol.ApiKeys;

/** Questions about logging in, users, rules and tokens, to brokers where nobody has to log in. */
final class SecurityAsks {
    private static final byte[] SECRET = "token".getBytes(StandardCharsets.UTF_8);

    private SecurityAsks() {}

    static void addTo(Asks asks) {
        asks.each(ApiKeys.SASL_HANDSHAKE, "where nobody logs in", (w, v) -> new SaslHandshakeRequestData()
                .setMechanism("PLAIN"));
        asks.each(ApiKeys.SASL_AUTHENTICATE, "where nobody logs in", (w, v) -> new SaslAuthenticateRequestData()
                .setAuthBytes(SECRET));
        rules(asks);
        users(asks);
        tokens(asks);
    }

    private static void rules(Asks asks) {
        asks.each(ApiKeys.DESCRIBE_ACLS, "all", (w, v) -> new DescribeAclsRequestData()
                .setResourceTypeFilter((byte) 1)
                .setPatternTypeFilter((byte) 1)
                .setOperation((byte) 1)
                .setPermissionType((byte) 1));
        asks.each(ApiKeys.CREATE_ACLS, "one", (w, v) -> new CreateAclsRequestData()
                .setCreations(List.of(new CreateAclsRequestData.AclCreation()
                        .setResourceType((byte) 2)
                        .setResourceName("three")
                        .setPrincipal("User:u")
                        .setHost("*")
                        .setOperation((byte) 3)
                        .setPermissionType((byte) 3))));
        asks.each(ApiKeys.DELETE_ACLS, "all", (w, v) -> new DeleteAclsRequestData()
                .setFilters(List.of(new DeleteAclsRequestData.DeleteAclsFilter()
                        .setResourceTypeFilter((byte) 1)
                        .setOperation((byte) 1)
                        .setPermissionType((byte) 1))));
    }

    private static void users(Asks asks) {
        asks.last(ApiKeys.DESCRIBE_USER_SCRAM_CREDENTIALS, "none", w -> new DescribeUserScramCredentialsRequestData());
        asks.last(ApiKeys.DESCRIBE_USER_SCRAM_CREDENTIALS, "unknown", w -> users("nobody"));
        asks.last(ApiKeys.DESCRIBE_USER_SCRAM_CREDENTIALS, "empty name", w -> users(""));
        asks.last(ApiKeys.DESCRIBE_USER_SCRAM_CREDENTIALS, "twice", w -> users("nobody", "nobody"));
        asks.last(ApiKeys.ALTER_USER_SCRAM_CREDENTIALS, "unknown deleted", w -> delete("nobody", 1));
        asks.last(ApiKeys.ALTER_USER_SCRAM_CREDENTIALS, "mechanism 9", w -> delete("nobody", 9));
        asks.last(ApiKeys.ALTER_USER_SCRAM_CREDENTIALS, "no name", w -> upsert("", 1, 4096));
        asks.last(ApiKeys.ALTER_USER_SCRAM_CREDENTIALS, "mechanism 9 set", w -> upsert("u", 9, 4096));
        asks.last(ApiKeys.ALTER_USER_SCRAM_CREDENTIALS, "few iterations", w -> upsert("u", 1, 9));
        asks.last(ApiKeys.ALTER_USER_SCRAM_CREDENTIALS, "many iterations", w -> upsert("u", 1, 1_000_000));
        asks.last(ApiKeys.ALTER_USER_SCRAM_CREDENTIALS, "set and deleted", w -> upsert("u", 1, 4096)
                .setDeletions(delete("u", 1).deletions()));
        asks.last(ApiKeys.ALTER_USER_SCRAM_CREDENTIALS, "nothing", w -> new AlterUserScramCredentialsRequestData());
    }

    private static void tokens(Asks asks) {
        asks.each(ApiKeys.CREATE_DELEGATION_TOKEN, "one", (w, v) -> new CreateDelegationTokenRequestData()
                .setMaxLifetimeMs(-1));
        asks.each(ApiKeys.RENEW_DELEGATION_TOKEN, "unknown", (w, v) -> new RenewDelegationTokenRequestData()
                .setHmac(SECRET)
                .setRenewPeriodMs(-1));
        asks.each(ApiKeys.EXPIRE_DELEGATION_TOKEN, "unknown", (w, v) -> new ExpireDelegationTokenRequestData()
                .setHmac(SECRET)
                .setExpiryTimePeriodMs(-1));
        asks.each(ApiKeys.DESCRIBE_DELEGATION_TOKEN, "all", (w, v) -> new DescribeDelegationTokenRequestData()
                .setOwners(null));
    }

    private static DescribeUserScramCredentialsRequestData users(String... names) {
        return new DescribeUserScramCredentialsRequestData()
                .setUsers(List.of(names).stream()
                        .map(name -> new DescribeUserScramCredentialsRequestData.UserName().setName(name))
                        .toList());
    }

    private static AlterUserScramCredentialsRequestData delete(String name, int mechanism) {
        return new AlterUserScramCredentialsRequestData()
                .setDeletions(
                        List.of(new ScramCredentialDeletion().setName(name).setMechanism((byte) mechanism)));
    }

    private static AlterUserScramCredentialsRequestData upsert(String name, int mechanism, int iterations) {
        return new AlterUserScramCredentialsRequestData()
                .setUpsertions(List.of(new ScramCredentialUpsertion()
                        .setName(name)
                        .setMechanism((byte) mechanism)
                        .setIterations(iterations)
                        .setSalt(SECRET)
                        .setSaltedPassword(SECRET)));
    }
}
