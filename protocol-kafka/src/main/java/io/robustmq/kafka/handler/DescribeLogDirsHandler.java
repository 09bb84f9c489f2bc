package io.robustmq.kafka.handler;

import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.meta.TopicImage;
import io.robustmq.core.port.Journal;
import io.robustmq.core.port.LogDirectory;
import io.robustmq.core.port.MetaLog;
import io.robustmq.core.port.PartitionState;
import io.robustmq.core.security.Operation;
import io.robustmq.kafka.server.ApiHandler;
import io.robustmq.kafka.server.KafkaRequest;
import org.apache.kafka.common.message.DescribeLogDirsRequestData;
import org.apache.kafka.common.message.DescribeLogDirsRequestData.DescribableLogDirTopic;
import org.apache.kafka.common.message.DescribeLogDirsResponseData;
import org.apache.kafka.common.message.DescribeLogDirsResponseData.DescribeLogDirsPartition;
import org.apache.kafka.common.message.DescribeLogDirsResponseData.DescribeLogDirsResult;
import org.apache.kafka.common.message.DescribeLogDirsResponseData.DescribeLogDirsTopic;
import org.apache.kafka.common.protocol.Errors;

/** The sizes of this node's replicas, by log directory; of one that has failed only that it has. */
public final class DescribeLogDirsHandler implements ApiHandler {
    private static final short TOP_LEVEL_ERROR = 3;
    private final Journal journal;
    private final MetaLog metaLog;
    private final Access access;

    public DescribeLogDirsHandler(KafkaContext context) {
        this.journal = context.journal();
        this.metaLog = context.metaLog();
        this.access = new Access(context.authorizer());
    }

    @Override
    public void handle(KafkaRequest request) {
        DescribeLogDirsRequestData body = request.body(DescribeLogDirsRequestData.class);
        DescribeLogDirsResponseData response = new DescribeLogDirsResponseData();
        if (!access.cluster(request.principal(), Operation.DESCRIBE)) {
            if (request.version() >= TOP_LEVEL_ERROR) {
                response.setErrorCode(Errors.CLUSTER_AUTHORIZATION_FAILED.code());
            }
            request.respond(response);
            return;
        }
        for (LogDirectory directory : journal.directories()) {
            response.results().add(describe(body, directory));
        }
        request.respond(response);
    }

    private DescribeLogDirsResult describe(DescribeLogDirsRequestData body, LogDirectory directory) {
        DescribeLogDirsResult result = new DescribeLogDirsResult().setLogDir(directory.name());
        if (!directory.online()) {
            return result.setErrorCode(Errors.KAFKA_STORAGE_ERROR.code());
        }
        MetaImage image = metaLog.image();
        if (body.topics() == null) {
            for (TopicImage topic : image.topics()) {
                DescribeLogDirsTopic described = new DescribeLogDirsTopic().setName(topic.name());
                for (int i = 0; i < topic.partitions().size(); i++) {
                    add(described, topic, i, directory);
                }
                if (directory.name().equals(LogDirectory.FIRST)
                        || !described.partitions().isEmpty()) {
                    result.topics().add(described);
                }
            }
        } else {
            for (DescribableLogDirTopic asked : body.topics()) {
                TopicImage topic = image.topic(asked.topic());
                if (topic != null) {
                    DescribeLogDirsTopic described = new DescribeLogDirsTopic().setName(topic.name());
                    asked.partitions().forEach(index -> add(described, topic, index, directory));
                    if (!described.partitions().isEmpty()) {
                        result.topics().add(described);
                    }
                }
            }
        }
        return result;
    }

    private void add(DescribeLogDirsTopic described, TopicImage topic, int index, LogDirectory directory) {
        if (index < 0 || index >= topic.partitions().size()) {
            return;
        }
        PartitionState state = journal.state(topic.partition(index));
        if (state != null && directory.has().test(topic.partition(index))) {
            described
                    .partitions()
                    .add(new DescribeLogDirsPartition()
                            .setPartitionIndex(index)
                            .setPartitionSize(state.sizeBytes())
                            .setOffsetLag(Math.max(0, state.highWatermark() - state.logEndOffset())));
        }
    }
}
