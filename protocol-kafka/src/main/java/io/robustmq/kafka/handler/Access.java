package io.robustmq.kafka.handler;

import io.robustmq.core.model.Principal;
import io.robustmq.core.security.Authorizer;
import io.robustmq.core.security.Operation;
import io.robustmq.core.security.ResourceType;
import org.apache.kafka.common.acl.AclOperation;

/** The authorizer's answers in the shapes the handlers need. Immutable. */
final class Access {
    static final int NOT_ASKED = Integer.MIN_VALUE;

    private static final Operation[] TOPIC_OPERATIONS = {
        Operation.READ,
        Operation.WRITE,
        Operation.CREATE,
        Operation.DELETE,
        Operation.ALTER,
        Operation.DESCRIBE,
        Operation.DESCRIBE_CONFIGS,
        Operation.ALTER_CONFIGS
    };
    private static final Operation[] CLUSTER_OPERATIONS = {
        Operation.CREATE,
        Operation.ALTER,
        Operation.DESCRIBE,
        Operation.CLUSTER_ACTION,
        Operation.DESCRIBE_CONFIGS,
        Operation.ALTER_CONFIGS,
        Operation.IDEMPOTENT_WRITE
    };

    private final Authorizer authorizer;

    Access(Authorizer authorizer) {
        this.authorizer = authorizer;
    }

    boolean topic(Principal principal, Operation operation, String topic) {
        return authorizer.allows(principal, operation, ResourceType.TOPIC, topic);
    }

    /** Whether a topic is shown in a list; no is no refusal. */
    boolean sees(Principal principal, String topic) {
        return authorizer.wouldAllow(principal, Operation.DESCRIBE, ResourceType.TOPIC, topic);
    }

    /** As {@link #topic}, where no is no refusal. */
    boolean mightTopic(Principal principal, Operation operation, String topic) {
        return authorizer.wouldAllow(principal, operation, ResourceType.TOPIC, topic);
    }

    /** As {@link #cluster}, where no is no refusal. */
    boolean mightCluster(Principal principal, Operation operation) {
        return authorizer.wouldAllow(principal, operation, ResourceType.CLUSTER, Authorizer.CLUSTER);
    }

    /** Whether some topic may be touched so, existing or not. */
    boolean someTopic(Principal principal, Operation operation) {
        return authorizer.allowsSome(principal, operation, ResourceType.TOPIC);
    }

    boolean cluster(Principal principal, Operation operation) {
        return authorizer.allows(principal, operation, ResourceType.CLUSTER, Authorizer.CLUSTER);
    }

    boolean group(Principal principal, Operation operation, String groupId) {
        return authorizer.allows(principal, operation, ResourceType.GROUP, groupId);
    }

    boolean transactionalId(Principal principal, Operation operation, String transactionalId) {
        return authorizer.allows(principal, operation, ResourceType.TRANSACTIONAL_ID, transactionalId);
    }

    int topicOperations(Principal principal, String topic) {
        return bits(principal, TOPIC_OPERATIONS, ResourceType.TOPIC, topic);
    }

    int clusterOperations(Principal principal) {
        return bits(principal, CLUSTER_OPERATIONS, ResourceType.CLUSTER, Authorizer.CLUSTER);
    }

    private int bits(Principal principal, Operation[] operations, ResourceType type, String name) {
        int bits = 0;
        for (Operation operation : operations) {
            if (authorizer.wouldAllow(principal, operation, type, name)) {
                bits |= 1 << AclOperation.fromString(operation.name()).code();
            }
        }
        return bits;
    }
}
