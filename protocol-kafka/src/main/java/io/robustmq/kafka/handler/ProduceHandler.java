package io.robustmq.kafka.handler;

import io.netty.buffer.ByteBuf;
import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.meta.TopicImage;
import io.robustmq.core.model.Partition;
import io.robustmq.core.model.TopicName;
import io.robustmq.core.port.Acks;
import io.robustmq.core.port.AppendOptions;
import io.robustmq.core.port.Journal;
import io.robustmq.core.port.MetaLog;
import io.robustmq.core.record.RecordBatch;
import io.robustmq.core.security.Operation;
import io.robustmq.core.txn.TxnPartition;
import io.robustmq.kafka.server.ApiHandler;
import io.robustmq.kafka.server.KafkaRequest;
import java.nio.ByteBuffer;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ProduceRequestData.PartitionProduceData;
import org.apache.kafka.common.message.ProduceRequestData.TopicProduceData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.jspecify.annotations.Nullable;

/**
 * Appends each partition's batch: a slice of the request frame, never a copy. Stateless; a request's own state is its
 * {@link ProduceReply}.
 */
public final class ProduceHandler implements ApiHandler {
    private static final short TOPIC_IDS = 13;
    private static final short ZSTD = 7;
    private static final int ZSTD_ID = 4;

    private final KafkaContext context;
    private final Journal journal;
    private final MetaLog metaLog;
    private final Access access;
    private final Brokers brokers;

    public ProduceHandler(KafkaContext context) {
        this.context = context;
        this.journal = context.journal();
        this.metaLog = context.metaLog();
        this.access = new Access(context.authorizer());
        this.brokers = new Brokers(context.nodeId(), context.config());
    }

    @Override
    public void handle(KafkaRequest request) {
        ProduceRequestData body = request.body(ProduceRequestData.class);
        int parts = 0;
        for (TopicProduceData topic : body.topicData()) {
            parts += topic.partitionData().size();
        }
        Acks acks = acks(body.acks());
        MetaImage image = metaLog.image();
        ProduceReply reply = new ProduceReply(request, metaLog, brokers, parts, acks == Acks.NONE);
        if (parts == 0) {
            reply.send();
            return;
        }
        AppendOptions options = acks == null
                ? null
                : new AppendOptions(
                        acks, AppendOptions.Origin.CLIENT, AppendOptions.ANY_EPOCH, Math.max(0, body.timeoutMs()));
        for (TopicProduceData topic : body.topicData()) {
            TopicImage found = request.version() >= TOPIC_IDS
                    ? image.topic(Ids.topicId(topic.topicId()))
                    : image.topic(topic.name());
            Errors refusal = refusal(request, options, topic, found);
            reply.begin(topic);
            for (PartitionProduceData part : topic.partitionData()) {
                append(request, body.transactionalId(), options, found, refusal, part, reply.begin(part.index()));
            }
        }
    }

    private static @Nullable Acks acks(short acks) {
        return switch (acks) {
            case 0 -> Acks.NONE;
            case 1 -> Acks.LEADER;
            case -1 -> Acks.ALL;
            default -> null;
        };
    }

    /** Why nothing of this topic is appended, or NONE. */
    private Errors refusal(
            KafkaRequest request, @Nullable AppendOptions options, TopicProduceData topic, @Nullable TopicImage found) {
        if (options == null) {
            return Errors.INVALID_REQUIRED_ACKS;
        }
        boolean byId = request.version() >= TOPIC_IDS;
        if (byId && found == null) {
            return Errors.UNKNOWN_TOPIC_ID;
        }
        String name = found == null ? topic.name() : found.name();
        if (!access.topic(request.principal(), Operation.WRITE, name)) {
            return Errors.TOPIC_AUTHORIZATION_FAILED;
        }
        if (found == null) {
            return Errors.UNKNOWN_TOPIC_OR_PARTITION;
        }
        return TopicName.isInternal(name) ? Errors.INVALID_TOPIC_EXCEPTION : Errors.NONE;
    }

    private void append(
            KafkaRequest request,
            @Nullable String transactionalId,
            @Nullable AppendOptions options,
            @Nullable TopicImage topic,
            Errors refusal,
            PartitionProduceData part,
            ProduceReply.Part reply) {
        if (refusal != Errors.NONE || topic == null || options == null) {
            reply.refuse(refusal);
            return;
        }
        int index = part.index();
        if (index < 0 || index >= topic.partitions().size()) {
            reply.refuse(Errors.UNKNOWN_TOPIC_OR_PARTITION);
            return;
        }
        if (!(part.records() instanceof MemoryRecords records)) {
            reply.refuse(Errors.INVALID_RECORD);
            return;
        }
        ByteBuf frame = request.frame();
        ByteBuffer view = records.buffer();
        int start = frame.readerIndex() + view.position();
        Errors malformed = check(frame, start, start + view.remaining(), request.version());
        if (malformed != Errors.NONE) {
            reply.refuse(malformed);
            return;
        }
        Partition partition = topic.partition(index);
        reply.of(topic, index);
        if (!new RecordBatch(frame, start).isTransactional()) {
            journal.append(partition, frame.retainedSlice(start, view.remaining()), options, request.loop(), reply);
        } else if (transactionalId == null
                || !access.transactionalId(request.principal(), Operation.WRITE, transactionalId)) {
            reply.refuse(Errors.TRANSACTIONAL_ID_AUTHORIZATION_FAILED);
        } else {
            TxnPartition named = new TxnPartition(topic.name(), index);
            new TransactionalAppend(
                            request.ofConnection(TransactionalOrder.class, TransactionalOrder::new),
                            partition,
                            frame.retainedSlice(start, view.remaining()),
                            options,
                            new TransactionalPath(context, request, options, partition, named, transactionalId, reply))
                    .start();
        }
    }

    /** Exactly one batch of the current format; what is inside it is the journal's to check. */
    private static Errors check(ByteBuf frame, int start, int end, short version) {
        if (!RecordBatch.isWhole(frame, start, end)) {
            return Errors.INVALID_RECORD;
        }
        RecordBatch batch = new RecordBatch(frame, start);
        if (batch.magic() != RecordBatch.MAGIC || batch.end() != end) {
            return Errors.INVALID_RECORD;
        }
        if (batch.compressionId() == ZSTD_ID && version < ZSTD) {
            return Errors.UNSUPPORTED_COMPRESSION_TYPE;
        }
        return Errors.NONE;
    }
}
