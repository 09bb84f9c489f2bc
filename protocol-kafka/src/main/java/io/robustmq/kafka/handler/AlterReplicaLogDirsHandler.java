package io.robustmq.kafka.handler;

import io.robustmq.core.meta.TopicImage;
import io.robustmq.core.port.Journal;
import io.robustmq.core.port.LogDirectory;
import io.robustmq.core.port.MetaLog;
import io.robustmq.core.security.Operation;
import io.robustmq.kafka.server.ApiHandler;
import io.robustmq.kafka.server.KafkaRequest;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.message.AlterReplicaLogDirsRequestData;
import org.apache.kafka.common.message.AlterReplicaLogDirsRequestData.AlterReplicaLogDir;
import org.apache.kafka.common.message.AlterReplicaLogDirsRequestData.AlterReplicaLogDirTopic;
import org.apache.kafka.common.message.AlterReplicaLogDirsResponseData;
import org.apache.kafka.common.message.AlterReplicaLogDirsResponseData.AlterReplicaLogDirPartitionResult;
import org.apache.kafka.common.message.AlterReplicaLogDirsResponseData.AlterReplicaLogDirTopicResult;
import org.apache.kafka.common.protocol.Errors;

/** Answers that a replica is in a directory where it is already; none is moved to another one. */
public final class AlterReplicaLogDirsHandler implements ApiHandler {
    private final Journal journal;
    private final MetaLog metaLog;
    private final Access access;

    public AlterReplicaLogDirsHandler(KafkaContext context) {
        this.journal = context.journal();
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
        Optional<LogDirectory> directory = journal.directories().stream()
                .filter(each -> each.name().equals(path))
                .findFirst();
        if (directory.isEmpty()) {
            return Errors.LOG_DIR_NOT_FOUND;
        }
        TopicImage topic = metaLog.image().topic(name);
        if (topic == null || index < 0 || index >= topic.partitions().size()) {
            return Errors.UNKNOWN_TOPIC_OR_PARTITION;
        }
        if (!directory.get().online()) {
            return Errors.KAFKA_STORAGE_ERROR;
        }
        return directory.get().has().test(topic.partition(index)) ? Errors.NONE : Errors.INVALID_REQUEST;
    }
}
