package io.robustmq.kafka.group;

import io.robustmq.core.error.BrokerError;
import io.robustmq.core.group.GroupCommand;
import io.robustmq.core.group.GroupService;
import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.port.MetaLog;
import io.robustmq.core.security.Authorizer;
import io.robustmq.core.security.Operation;
import io.robustmq.core.security.ResourceType;
import io.robustmq.core.share.ShareService;
import io.robustmq.core.txn.TxnService;
import io.robustmq.kafka.handler.Brokers;
import io.robustmq.kafka.server.KafkaRequest;
import java.net.InetAddress;
import java.util.List;
import org.apache.kafka.common.acl.AclOperation;

/** What all group handlers need of the rest. Thread-safe. */
record GroupCalls(
        GroupService service,
        TxnService transactions,
        ShareService shares,
        MetaLog metaLog,
        Authorizer authorizer,
        Brokers brokers) {
    private static final List<Operation> GROUP_OPERATIONS =
            List.of(Operation.READ, Operation.DELETE, Operation.DESCRIBE_CONFIGS, Operation.ALTER_CONFIGS);

    void submit(String groupId, GroupCommand command) {
        service.submit(groupId, command);
    }

    MetaImage image() {
        return metaLog.image();
    }

    /** As Kafka's tools show a client's address, with a slash. */
    static String host(KafkaRequest request) {
        InetAddress address = request.remoteAddress().getAddress();
        return "/" + (address == null ? request.remoteAddress().getHostString() : address.getHostAddress());
    }

    /** A bit for each operation on the group that the client may do, as Kafka numbers them; it may describe it. */
    int groupOperations(KafkaRequest request, String groupId) {
        int bits = 1 << AclOperation.DESCRIBE.code();
        for (Operation operation : GROUP_OPERATIONS) {
            if (mightGroup(request, operation, groupId)) {
                bits |= 1 << AclOperation.fromString(operation.name()).code();
            }
        }
        return bits;
    }

    /** NONE when the group has a name and the client may do that with it. */
    BrokerError refusal(KafkaRequest request, Operation operation, String groupId) {
        if (!allowsGroup(request, operation, groupId)) {
            return BrokerError.GROUP_AUTHORIZATION_FAILED;
        }
        return groupId.isEmpty() ? BrokerError.INVALID_GROUP_ID : BrokerError.NONE;
    }

    boolean allowsGroup(KafkaRequest request, Operation operation, String groupId) {
        return authorizer.allows(request.principal(), operation, ResourceType.GROUP, groupId);
    }

    boolean allowsTransactionalId(KafkaRequest request, Operation operation, String transactionalId) {
        return authorizer.allows(request.principal(), operation, ResourceType.TRANSACTIONAL_ID, transactionalId);
    }

    /** As {@link #allowsGroup}, where no is no refusal. */
    boolean mightGroup(KafkaRequest request, Operation operation, String groupId) {
        return authorizer.wouldAllow(request.principal(), operation, ResourceType.GROUP, groupId);
    }

    boolean allowsTopic(KafkaRequest request, Operation operation, String topic) {
        return authorizer.allows(request.principal(), operation, ResourceType.TOPIC, topic);
    }

    boolean allowsCluster(KafkaRequest request, Operation operation) {
        return authorizer.wouldAllow(request.principal(), operation, ResourceType.CLUSTER, Authorizer.CLUSTER);
    }
}
