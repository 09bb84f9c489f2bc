package io.robustmq.kafka.handler;

import io.robustmq.core.error.BrokerError;
import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.meta.NodeImage;
import io.robustmq.core.meta.PartitionImage;
import io.robustmq.core.meta.TopicImage;
import io.robustmq.core.port.AppendResult;
import io.robustmq.core.port.MetaLog;
import io.robustmq.kafka.ErrorCodes;
import io.robustmq.kafka.server.KafkaRequest;
import java.util.function.Consumer;
import org.apache.kafka.common.message.ProduceRequestData.TopicProduceData;
import org.apache.kafka.common.message.ProduceResponseData;
import org.apache.kafka.common.message.ProduceResponseData.NodeEndpoint;
import org.apache.kafka.common.message.ProduceResponseData.PartitionProduceResponse;
import org.apache.kafka.common.message.ProduceResponseData.TopicProduceResponse;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/** Gathers the outcomes of one produce request and answers after the last. Owned by the connection's loop. */
final class ProduceReply {
    private static final short CURRENT_LEADER = 10;

    private final KafkaRequest request;
    private final MetaLog metaLog;
    private final Brokers brokers;
    private final boolean silent;
    private final ProduceResponseData response = new ProduceResponseData();
    private TopicProduceResponse topic = new TopicProduceResponse();
    private int open;
    private boolean failed;

    /** {@code silent}: acks=0, where the client learns of an error by losing its connection. */
    ProduceReply(KafkaRequest request, MetaLog metaLog, Brokers brokers, int parts, boolean silent) {
        this.request = request;
        this.metaLog = metaLog;
        this.brokers = brokers;
        this.open = parts;
        this.silent = silent;
    }

    void begin(TopicProduceData asked) {
        topic = new TopicProduceResponse().setName(asked.name()).setTopicId(asked.topicId());
        response.responses().add(topic);
    }

    Part begin(int partition) {
        PartitionProduceResponse part = new PartitionProduceResponse().setIndex(partition);
        topic.partitionResponses().add(part);
        return new Part(part);
    }

    void send() {
        if (!silent) {
            request.respond(response);
        } else if (failed) {
            request.close("a produce request with acks=0 failed");
        } else {
            request.finishWithoutResponse();
        }
    }

    private void done() {
        open--;
        if (open == 0) {
            send();
        }
    }

    private void addLeader(PartitionProduceResponse part, TopicImage asked, int index) {
        MetaImage image = metaLog.image();
        TopicImage now = image.topic(asked.id());
        if (request.version() < CURRENT_LEADER
                || now == null
                || index >= now.partitions().size()) {
            return;
        }
        PartitionImage partition = now.partitions().get(index);
        Brokers.HostPort address = brokers.alive(image, partition.leader(), request.localAddress());
        NodeImage node = image.nodes().get(partition.leader());
        if (address == null || node == null) {
            return;
        }
        part.currentLeader().setLeaderId(partition.leader()).setLeaderEpoch(partition.leaderEpoch());
        if (response.nodeEndpoints().find(partition.leader()) == null) {
            response.nodeEndpoints()
                    .add(new NodeEndpoint()
                            .setNodeId(partition.leader())
                            .setHost(address.host())
                            .setPort(address.port())
                            .setRack(node.rack().isEmpty() ? null : node.rack()));
        }
    }

    /** One partition's outcome. */
    final class Part implements Consumer<AppendResult> {
        private final PartitionProduceResponse part;
        private @Nullable TopicImage topicImage;
        private int index;

        private Part(PartitionProduceResponse part) {
            this.part = part;
        }

        void of(TopicImage asked, int partition) {
            topicImage = asked;
            index = partition;
        }

        void refuse(Errors error) {
            fail(error, error.message());
            done();
        }

        @Override
        public void accept(AppendResult result) {
            if (result.succeeded()) {
                part.setBaseOffset(result.baseOffset())
                        .setLogAppendTimeMs(result.logAppendTimeMs())
                        .setLogStartOffset(result.logStartOffset());
            } else {
                // The topic is known here: a journal that does not have the partition is not its leader.
                boolean elsewhere = result.error() == BrokerError.NOT_LEADER
                        || result.error() == BrokerError.UNKNOWN_TOPIC_OR_PARTITION;
                fail(elsewhere ? Errors.NOT_LEADER_OR_FOLLOWER : ErrorCodes.of(result.error()), result.message());
                if (elsewhere && topicImage != null) {
                    addLeader(part, topicImage, index);
                }
            }
            done();
        }

        private void fail(Errors error, String message) {
            failed = true;
            part.setErrorCode(error.code()).setErrorMessage(message).setBaseOffset(-1);
        }
    }
}
