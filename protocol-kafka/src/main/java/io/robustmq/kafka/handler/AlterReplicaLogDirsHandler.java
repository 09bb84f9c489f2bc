package io.robustmq.kafka.handler;

import io.robustmq.core.meta.TopicImage;
import io.robustmq.core.port.MetaLog;
import io.robustmq.core.security.Operation;
import io.robustmq.kafka.server.ApiHandler;
import io.robustmq.kafka.server.KafkaRequest;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.message.AlterReplicaLogDirsRequestData;
import org.apache.kafka.common.message.AlterReplicaLogDirsRequestData.AlterReplicaLogDir;
import org.apache.kafka.common.message.AlterReplicaLogDirsRequestData.AlterReplicaLogDirTopic;
import org.apache.kafka.common.message.AlterReplicaLogDirsResponseData;
import org.apache.kafka.common.message.AlterReplicaLogDirsResponseData.AlterReplicaLogDirPartitionResult;
import org.apache.kafka.common.message.AlterReplicaLogDirsResponseData.AlterReplicaLogDirTopicResult;
import org.apache.kafka.common.protocol.Errors;

/** Moves replicas between the directories of a node, of which there is one. */
public final class AlterReplicaLogDirsHandler implements ApiHandler {
    private final MetaLog metaLog;
    private final Access access;

    public AlterReplicaLogDirsHandler(KafkaContext context) {
        this.metaLog = context.metaLog();
        this.access = new Access(context.authorizer());
    }

    @Override
    public void handle(KafkaRequest request) {
        AlterReplicaLogDirsRequestData body = request.body(AlterReplicaLogDirsRequestData.class);
        Map<String, AlterReplicaLogDirTopicResult> results = new LinkedHashMap<>();
        boolean allowed = access.cluster(request.principal(), Operation.ALTER);
        for (AlterReplicaLogDir directory : body.dirs()) {
            for (AlterReplicaLogDirTopic topic : directory.topics()) {
                AlterReplicaLogDirTopicResult result = results.computeIfAbsent(
                        topic.name(), name -> new AlterReplicaLogDirTopicResult().setTopicName(name));
                for (int index : topic.partitions()) {
                    Errors error = allowed
                            ? outcome(directory.path(), topic.name(), index)
                            : Errors.CLUSTER_AUTHORIZATION_FAILED;
                    result.partitions()
                            .add(new AlterReplicaLogDirPartitionResult()
                                    .setPartitionIndex(index)
                                    .setErrorCode(error.code()));
                }
            }
        }
        request.respond(new AlterReplicaLogDirsResponseData().setResults(List.copyOf(results.values())));
    }

    private Errors outcome(String path, String name, int index) {
        if (!path.equals(DescribeLogDirsHandler.DIRECTORY)) {
            return Errors.LOG_DIR_NOT_FOUND;
        }
        TopicImage topic = metaLog.image().topic(name);
        boolean here = topic != null && index >= 0 && index < topic.partitions().size();
        return here ? Errors.NONE : Errors.UNKNOWN_TOPIC_OR_PARTITION;
    }
}
