package io.robustmq.kafka.group;

import io.robustmq.core.group.GroupCommand;
import io.robustmq.core.group.GroupService;
import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.port.MetaLog;
import io.robustmq.core.security.Authorizer;
import io.robustmq.core.security.Operation;
import io.robustmq.core.security.ResourceType;
import io.robustmq.kafka.handler.Brokers;
import io.robustmq.kafka.server.KafkaRequest;

/** What all group handlers need of the rest. Thread-safe. */
record GroupCalls(GroupService service, MetaLog metaLog, Authorizer authorizer, Brokers brokers) {
    void submit(String groupId, GroupCommand command) {
        service.submit(groupId, command);
    }

    MetaImage image() {
        return metaLog.image();
    }

    boolean allowsGroup(KafkaRequest request, Operation operation, String groupId) {
        return authorizer.allows(request.principal(), operation, ResourceType.GROUP, groupId);
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
