package io.robustmq.kafka.group;

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
import org.apache.kafka.common.acl.AclOperation;

/** What all group handlers need of the rest. Thread-safe. */
record GroupCalls(
        GroupService service,
        TxnService transactions,
        ShareService shares,
        MetaLog metaLog,
        Authorizer authorizer,
        Brokers brokers) {
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
        if (mightGroup(request, Operation.READ, groupId)) {
            bits |= 1 << AclOperation.READ.code();
        }
        if (mightGroup(request, Operation.DELETE, groupId)) {
            bits |= 1 << AclOperation.DELETE.code();
        }
        return bits;
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
