package io.robustmq.kafka.share;

import io.robustmq.core.error.BrokerError;
import io.robustmq.core.group.GroupCommand.CheckShareGroup;
import io.robustmq.core.group.GroupReply.Done;
import io.robustmq.core.group.GroupService;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.meta.PartitionImage;
import io.robustmq.core.port.Journal;
import io.robustmq.core.port.MetaLog;
import io.robustmq.core.security.Authorizer;
import io.robustmq.core.security.Operation;
import io.robustmq.core.security.ResourceType;
import io.robustmq.core.share.ShareService;
import io.robustmq.kafka.KafkaConfig;
import io.robustmq.kafka.group.PendingAnswer;
import io.robustmq.kafka.handler.SharedByGroup;
import io.robustmq.kafka.server.KafkaRequest;
import java.util.function.Consumer;

/** What the handlers need of the rest. Thread-safe. */
record ShareCalls(
        ShareService service,
        ShareSessions sessions,
        GroupService groups,
        Journal journal,
        MetaLog metaLog,
        Authorizer authorizer,
        KafkaConfig config) {
    MetaImage image() {
        return metaLog.image();
    }

    SharedByGroup shared() {
        return new SharedByGroup(service);
    }

    /** {@code whenDone} runs in the loop, with NONE if there is such a share group, without members if that is asked. */
    void checkGroup(Loop loop, String groupId, boolean mustBeEmpty, Consumer<BrokerError> whenDone) {
        PendingAnswer<Done, BrokerError> pending =
                new PendingAnswer<>(loop, Done.class, Done::error, error -> error, whenDone);
        groups.submit(groupId, new CheckShareGroup(pending, groupId, mustBeEmpty));
    }

    /** {@code whenDone} runs in the loop, with NONE if there is such a share group, whichever node leads it. */
    void checkGroupAnywhere(Loop loop, String groupId, Consumer<BrokerError> whenDone) {
        int leader = groups.leaderOf(groupId);
        if (leader == service.nodeId() || leader == PartitionImage.NO_LEADER) {
            checkGroup(loop, groupId, false, whenDone);
        } else {
            service.peers().checkGroup(leader, groupId, error -> loop.run(() -> whenDone.accept(error)));
        }
    }

    boolean allowsGroup(KafkaRequest request, Operation operation, String groupId) {
        return authorizer.allows(request.principal(), operation, ResourceType.GROUP, groupId);
    }

    boolean allowsTopic(KafkaRequest request, Operation operation, String topic) {
        return authorizer.allows(request.principal(), operation, ResourceType.TOPIC, topic);
    }
}
