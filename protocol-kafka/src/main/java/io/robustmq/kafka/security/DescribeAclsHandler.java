package io.robustmq.kafka.security;

import io.robustmq.core.port.MetaLog;
import io.robustmq.core.security.Authorizer;
import io.robustmq.core.security.Operation;
import io.robustmq.core.security.ResourceType;
import io.robustmq.kafka.server.ApiHandler;
import io.robustmq.kafka.server.KafkaRequest;
import java.util.List;
import org.apache.kafka.common.acl.AccessControlEntryFilter;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclBindingFilter;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.message.DescribeAclsRequestData;
import org.apache.kafka.common.message.DescribeAclsResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.DescribeAclsResponse;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePatternFilter;

/** The rules that a filter matches. */
final class DescribeAclsHandler implements ApiHandler {
    private final MetaLog metaLog;
    private final Authorizer authorizer;

    DescribeAclsHandler(MetaLog metaLog, Authorizer authorizer) {
        this.metaLog = metaLog;
        this.authorizer = authorizer;
    }

    @Override
    public void handle(KafkaRequest request) {
        DescribeAclsResponseData response = new DescribeAclsResponseData();
        Errors refusal = refusal(request);
        if (refusal != Errors.NONE) {
            request.respond(response.setErrorCode(refusal.code()).setErrorMessage(refusal.message()));
            return;
        }
        AclBindingFilter filter = filter(request.body(DescribeAclsRequestData.class));
        if (filter.isUnknown()) {
            request.respond(response.setErrorCode(Errors.INVALID_REQUEST.code())
                    .setErrorMessage("The filter names something that is not known here."));
            return;
        }
        List<AclBinding> matching = metaLog.image().security().acls().stream()
                .map(AclFields::toKafka)
                .filter(filter::matches)
                .toList();
        request.respond(response.setResources(DescribeAclsResponse.aclsResources(matching)));
    }

    private Errors refusal(KafkaRequest request) {
        if (!authorizer.allows(request.principal(), Operation.DESCRIBE, ResourceType.CLUSTER, Authorizer.CLUSTER)) {
            return Errors.CLUSTER_AUTHORIZATION_FAILED;
        }
        return authorizer.isEnforced() ? Errors.NONE : Errors.SECURITY_DISABLED;
    }

    private static AclBindingFilter filter(DescribeAclsRequestData body) {
        return new AclBindingFilter(
                new ResourcePatternFilter(
                        org.apache.kafka.common.resource.ResourceType.fromCode(body.resourceTypeFilter()),
                        body.resourceNameFilter(),
                        PatternType.fromCode(body.patternTypeFilter())),
                new AccessControlEntryFilter(
                        body.principalFilter(),
                        body.hostFilter(),
                        AclOperation.fromCode(body.operation()),
                        AclPermissionType.fromCode(body.permissionType())));
    }
}
