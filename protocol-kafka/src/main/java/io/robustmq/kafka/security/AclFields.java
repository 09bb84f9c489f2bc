package io.robustmq.kafka.security;

import io.robustmq.core.security.AclBinding;
import io.robustmq.core.security.Authorizer;
import io.robustmq.core.security.Operation;
import io.robustmq.core.security.ResourceType;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;

/** Rules in Kafka's words and in ours. Stateless. */
final class AclFields {
    private AclFields() {}

    static org.apache.kafka.common.acl.AclBinding toKafka(AclBinding binding) {
        return new org.apache.kafka.common.acl.AclBinding(
                new ResourcePattern(
                        org.apache.kafka.common.resource.ResourceType.valueOf(
                                binding.type().name()),
                        binding.name(),
                        PatternType.valueOf(binding.pattern().name())),
                new AccessControlEntry(
                        binding.principal(),
                        binding.host(),
                        AclOperation.valueOf(binding.operation().name()),
                        binding.allow() ? AclPermissionType.ALLOW : AclPermissionType.DENY));
    }

    /** Throws IllegalArgumentException with a sentence for what we do not have, and so would not enforce. */
    static AclBinding toCore(
            byte resourceType,
            String name,
            byte patternType,
            String principal,
            String host,
            byte operation,
            byte permission) {
        ResourceType type = type(resourceType);
        AclBinding.Pattern pattern =
                switch (PatternType.fromCode(patternType)) {
                    case LITERAL -> AclBinding.Pattern.LITERAL;
                    case PREFIXED -> AclBinding.Pattern.PREFIXED;
                    case UNKNOWN, ANY, MATCH ->
                        throw new IllegalArgumentException("a rule's pattern is LITERAL or PREFIXED");
                };
        boolean cluster = pattern == AclBinding.Pattern.LITERAL && name.equals(Authorizer.CLUSTER);
        if (type == ResourceType.CLUSTER && !cluster) {
            throw new IllegalArgumentException("the only cluster is " + Authorizer.CLUSTER);
        }
        AclPermissionType allowed = AclPermissionType.fromCode(permission);
        if (allowed != AclPermissionType.ALLOW && allowed != AclPermissionType.DENY) {
            throw new IllegalArgumentException("a rule is ALLOW or DENY");
        }
        Operation what = operation(operation);
        checkAsked(type, what, name);
        return new AclBinding(type, pattern, name, principal, host, what, allowed == AclPermissionType.ALLOW);
    }

    /** Of tokens, and of nothing else, only this is ever asked. */
    private static void checkAsked(ResourceType type, Operation operation, String name) {
        boolean ofTokens = operation == Operation.CREATE_TOKENS || operation == Operation.DESCRIBE_TOKENS;
        boolean asked =
                switch (type) {
                    case TOPIC, GROUP, CLUSTER, TRANSACTIONAL_ID -> !ofTokens;
                    case DELEGATION_TOKEN -> operation == Operation.DESCRIBE || operation == Operation.ALL;
                    case USER -> ofTokens || operation == Operation.ALL;
                };
        if (!asked) {
            throw new IllegalArgumentException(operation + " is never asked about a " + type);
        }
        if (type == ResourceType.USER && !name.startsWith("User:") && !name.equals(AclBinding.ANY)) {
            throw new IllegalArgumentException("a user is written User:name");
        }
    }

    private static ResourceType type(byte code) {
        return switch (org.apache.kafka.common.resource.ResourceType.fromCode(code)) {
            case TOPIC -> ResourceType.TOPIC;
            case GROUP -> ResourceType.GROUP;
            case CLUSTER -> ResourceType.CLUSTER;
            case TRANSACTIONAL_ID -> ResourceType.TRANSACTIONAL_ID;
            case DELEGATION_TOKEN -> ResourceType.DELEGATION_TOKEN;
            case USER -> ResourceType.USER;
            case UNKNOWN, ANY -> throw new IllegalArgumentException("a rule names the type of what it is about");
        };
    }

    private static Operation operation(byte code) {
        String name = AclOperation.fromCode(code).name();
        for (Operation operation : Operation.values()) {
            if (operation.name().equals(name)) {
                return operation;
            }
        }
        throw new IllegalArgumentException("there is no operation " + name + " to allow or deny");
    }
}
