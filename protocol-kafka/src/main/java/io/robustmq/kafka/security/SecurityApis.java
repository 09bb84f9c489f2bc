package io.robustmq.kafka.security;

import io.robustmq.core.login.Logins;
import io.robustmq.core.port.MetaLog;
import io.robustmq.core.security.Authorizer;
import io.robustmq.kafka.server.ApiTable;
import org.apache.kafka.common.protocol.ApiKeys;

/** The APIs of this package, with the versions that are served. */
public final class SecurityApis {
    private SecurityApis() {}

    public static ApiTable.Builder addTo(
            ApiTable.Builder table, Logins logins, MetaLog metaLog, Authorizer authorizer) {
        AclChanges changes = new AclChanges(metaLog, authorizer);
        DelegationTokenChanges tokens = new DelegationTokenChanges(logins.delegations(), metaLog, authorizer);
        return table.add(ApiKeys.SASL_HANDSHAKE, 0, 1, new SaslHandshakeHandler(logins))
                .add(ApiKeys.SASL_AUTHENTICATE, 0, 2, new SaslAuthenticateHandler(logins))
                .add(ApiKeys.DESCRIBE_ACLS, 1, 3, new DescribeAclsHandler(metaLog, authorizer))
                .add(ApiKeys.CREATE_ACLS, 1, 3, changes::create)
                .add(ApiKeys.DELETE_ACLS, 1, 3, changes::delete)
                .add(
                        ApiKeys.DESCRIBE_USER_SCRAM_CREDENTIALS,
                        0,
                        0,
                        new DescribeScramCredentialsHandler(metaLog, authorizer))
                .add(ApiKeys.ALTER_USER_SCRAM_CREDENTIALS, 0, 0, new AlterScramCredentialsHandler(metaLog, authorizer))
                .add(ApiKeys.CREATE_DELEGATION_TOKEN, 1, 3, tokens::create)
                .add(ApiKeys.RENEW_DELEGATION_TOKEN, 1, 2, tokens::renew)
                .add(ApiKeys.EXPIRE_DELEGATION_TOKEN, 1, 2, tokens::expire)
                .add(
                        ApiKeys.DESCRIBE_DELEGATION_TOKEN,
                        1,
                        3,
                        new DescribeDelegationTokensHandler(logins.delegations(), authorizer));
    }
}
