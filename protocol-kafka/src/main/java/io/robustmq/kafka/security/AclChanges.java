package io.robustmq.kafka.security;

import io.robustmq.core.error.BrokerError;
import io.robustmq.core.error.BrokerException;
import io.robustmq.core.meta.MetaCommand;
import io.robustmq.core.meta.MetaReply;
import io.robustmq.core.port.MetaLog;
import io.robustmq.core.security.AclBinding;
import io.robustmq.core.security.Authorizer;
import io.robustmq.core.security.Operation;
import io.robustmq.core.security.ResourceType;
import io.robustmq.kafka.ErrorCodes;
import io.robustmq.kafka.server.KafkaRequest;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import org.apache.kafka.common.acl.AccessControlEntryFilter;
import org.apache.kafka.common.acl.AclBindingFilter;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.message.CreateAclsRequestData;
import org.apache.kafka.common.message.CreateAclsRequestData.AclCreation;
import org.apache.kafka.common.message.CreateAclsResponseData;
import org.apache.kafka.common.message.CreateAclsResponseData.AclCreationResult;
import org.apache.kafka.common.message.DeleteAclsRequestData;
import org.apache.kafka.common.message.DeleteAclsRequestData.DeleteAclsFilter;
import org.apache.kafka.common.message.DeleteAclsResponseData;
import org.apache.kafka.common.message.DeleteAclsResponseData.DeleteAclsFilterResult;
import org.apache.kafka.common.message.DeleteAclsResponseData.DeleteAclsMatchingAcl;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePatternFilter;
import org.jspecify.annotations.Nullable;

/** CreateAcls and DeleteAcls: the good changes of one request happen together. Thread-safe. */
final class AclChanges {
    private final MetaLog metaLog;
    private final Authorizer authorizer;

    AclChanges(MetaLog metaLog, Authorizer authorizer) {
        this.metaLog = metaLog;
        this.authorizer = authorizer;
    }

    void create(KafkaRequest request) {
        CreateAclsRequestData body = request.body(CreateAclsRequestData.class);
        CreateAclsResponseData response = new CreateAclsResponseData();
        Errors refusal = refusal(request);
        Set<AclBinding> added = new HashSet<>();
        for (AclCreation creation : body.creations()) {
            AclCreationResult result = new AclCreationResult()
                    .setErrorCode(refusal.code())
                    .setErrorMessage(refusal == Errors.NONE ? "" : refusal.message());
            response.results().add(result);
            if (refusal == Errors.NONE) {
                try {
                    added.add(AclFields.toCore(
                            creation.resourceType(),
                            creation.resourceName(),
                            creation.resourcePatternType(),
                            creation.principal(),
                            creation.host(),
                            creation.operation(),
                            creation.permissionType()));
                } catch (IllegalArgumentException e) {
                    result.setErrorCode(Errors.INVALID_REQUEST.code()).setErrorMessage(e.getMessage());
                }
            }
        }
        submit(request, added, Set.of(), error -> {
            if (error != null) {
                response.results().stream()
                        .filter(result -> result.errorCode() == Errors.NONE.code())
                        .forEach(result -> result.setErrorCode(ErrorCodes.code(error.error()))
                                .setErrorMessage(error.message()));
            }
            request.respond(response);
        });
    }

    void delete(KafkaRequest request) {
        DeleteAclsRequestData body = request.body(DeleteAclsRequestData.class);
        DeleteAclsResponseData response = new DeleteAclsResponseData();
        Errors refusal = refusal(request);
        Set<AclBinding> removed = new HashSet<>();
        for (DeleteAclsFilter asked : body.filters()) {
            DeleteAclsFilterResult result = new DeleteAclsFilterResult();
            response.filterResults().add(result);
            AclBindingFilter filter = filter(asked);
            if (refusal != Errors.NONE || filter.isUnknown()) {
                Errors error = refusal == Errors.NONE ? Errors.INVALID_REQUEST : refusal;
                result.setErrorCode(error.code()).setErrorMessage(error.message());
                continue;
            }
            for (AclBinding binding : metaLog.image().security().acls()) {
                if (filter.matches(AclFields.toKafka(binding))) {
                    removed.add(binding);
                    result.matchingAcls().add(matching(binding));
                }
            }
        }
        submit(request, Set.of(), removed, error -> {
            if (error != null) {
                response.filterResults().stream()
                        .filter(result -> result.errorCode() == Errors.NONE.code())
                        .forEach(result -> result.setMatchingAcls(java.util.List.of())
                                .setErrorCode(ErrorCodes.code(error.error()))
                                .setErrorMessage(error.message()));
            }
            request.respond(response);
        });
    }

    private Errors refusal(KafkaRequest request) {
        if (!authorizer.allows(request.principal(), Operation.ALTER, ResourceType.CLUSTER, Authorizer.CLUSTER)) {
            return Errors.CLUSTER_AUTHORIZATION_FAILED;
        }
        return authorizer.isEnforced() ? Errors.NONE : Errors.SECURITY_DISABLED;
    }

    /** Tells, in the request's loop, why nothing was changed, or null. */
    private void submit(
            KafkaRequest request,
            Set<AclBinding> added,
            Set<AclBinding> removed,
            Consumer<MetaReply.@Nullable Refused> done) {
        if (added.isEmpty() && removed.isEmpty()) {
            done.accept(null);
            return;
        }
        CompletableFuture<MetaReply> unused = metaLog.submit(new MetaCommand.AlterAcls(added, removed))
                .whenComplete((reply, failure) -> request.loop().run(() -> done.accept(refused(reply, failure))));
    }

    /** Null when it was done. */
    static MetaReply.@Nullable Refused refused(@Nullable MetaReply reply, @Nullable Throwable failure) {
        if (failure == null) {
            return reply instanceof MetaReply.Refused refused ? refused : null;
        }
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        return cause instanceof BrokerException expected
                ? new MetaReply.Refused(expected.error(), String.valueOf(expected.getMessage()))
                : new MetaReply.Refused(BrokerError.UNEXPECTED, BrokerError.UNEXPECTED.text());
    }

    private static AclBindingFilter filter(DeleteAclsFilter asked) {
        return new AclBindingFilter(
                new ResourcePatternFilter(
                        org.apache.kafka.common.resource.ResourceType.fromCode(asked.resourceTypeFilter()),
                        asked.resourceNameFilter(),
                        PatternType.fromCode(asked.patternTypeFilter())),
                new AccessControlEntryFilter(
                        asked.principalFilter(),
                        asked.hostFilter(),
                        AclOperation.fromCode(asked.operation()),
                        AclPermissionType.fromCode(asked.permissionType())));
    }

    private static DeleteAclsMatchingAcl matching(AclBinding binding) {
        org.apache.kafka.common.acl.AclBinding kafka = AclFields.toKafka(binding);
        return new DeleteAclsMatchingAcl()
                .setResourceType(kafka.pattern().resourceType().code())
                .setResourceName(binding.name())
                .setPatternType(kafka.pattern().patternType().code())
                .setPrincipal(binding.principal())
                .setHost(binding.host())
                .setOperation(kafka.entry().operation().code())
                .setPermissionType(kafka.entry().permissionType().code());
    }
}
