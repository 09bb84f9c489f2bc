package io.robustmq.kafka.txn;

import io.robustmq.core.group.GroupService;
import io.robustmq.core.port.Journal;
import io.robustmq.core.port.MetaLog;
import io.robustmq.core.security.Authorizer;
import io.robustmq.core.security.Operation;
import io.robustmq.core.security.ResourceType;
import io.robustmq.core.txn.TxnService;
import io.robustmq.kafka.server.KafkaRequest;

/** What all transaction handlers need of the rest. Thread-safe. */
record TxnCalls(TxnService service, GroupService groups, Journal journal, MetaLog metaLog, Authorizer authorizer) {
    boolean allowsId(KafkaRequest request, Operation operation, String transactionalId) {
        return authorizer.allows(request.principal(), operation, ResourceType.TRANSACTIONAL_ID, transactionalId);
    }

    boolean allowsTopic(KafkaRequest request, Operation operation, String topic) {
        return authorizer.allows(request.principal(), operation, ResourceType.TOPIC, topic);
    }

    boolean allowsGroup(KafkaRequest request, Operation operation, String groupId) {
        return authorizer.allows(request.principal(), operation, ResourceType.GROUP, groupId);
    }

    boolean allowsCluster(KafkaRequest request, Operation operation) {
        return authorizer.allows(request.principal(), operation, ResourceType.CLUSTER, Authorizer.CLUSTER);
    }
}
