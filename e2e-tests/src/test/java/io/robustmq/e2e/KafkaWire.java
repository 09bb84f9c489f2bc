package io.robustmq.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.message.InitProducerIdRequestData;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.message.MetadataResponseData;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ProduceRequestData.PartitionProduceData;
import org.apache.kafka.common.message.ProduceRequestData.TopicProduceData;
import org.apache.kafka.common.message.ProduceRequestData.TopicProduceDataCollection;
import org.apache.kafka.common.message.ProduceResponseData.PartitionProduceResponse;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.protocol.MessageUtil;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.InitProducerIdRequest;
import org.apache.kafka.common.requests.InitProducerIdResponse;
import org.apache.kafka.common.requests.MetadataRequest;
import org.apache.kafka.common.requests.MetadataResponse;
import org.apache.kafka.common.requests.ProduceRequest;
import org.apache.kafka.common.requests.ProduceResponse;
import org.apache.kafka.common.requests.RequestHeader;
import org.apache.kafka.common.utils.internals.ProducerIdAndEpoch;

/** One Kafka connection without a client on top: sends exactly the request the test wants, as often as it wants. */
public final class KafkaWire implements AutoCloseable {
    /** The last version that names topics instead of giving their ids. */
    private static final short PRODUCE_VERSION = 12;

    private static final short METADATA_VERSION = 12;

    private final Socket socket;
    private int correlationId;

    public KafkaWire(BrokerProcess broker) {
        try {
            socket = new Socket(InetAddress.getAllByName(broker.host())[0], broker.port(Endpoint.KAFKA));
            socket.setSoTimeout(20_000);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    ProducerIdAndEpoch initProducerId() {
        var data = new InitProducerIdRequestData().setTransactionalId(null).setTransactionTimeoutMs(60_000);
        var request = new InitProducerIdRequest.Builder(data).build((short) 4);
        return Await.get("the broker gives a producer id", Await.DEADLINE, () -> {
            var response = ((InitProducerIdResponse) send(request)).data();
            Errors error = Errors.forCode(response.errorCode());
            if (error.exception() instanceof RetriableException) {
                return Optional.empty();
            }
            assertThat(error).isEqualTo(Errors.NONE);
            return Optional.of(new ProducerIdAndEpoch(response.producerId(), response.producerEpoch()));
        });
    }

    /** Appends a batch of these values with this base sequence to partition 0. */
    PartitionProduceResponse produce(String topic, ProducerIdAndEpoch producer, int baseSequence, List<String> values) {
        SimpleRecord[] records = values.stream()
                .map(value -> new SimpleRecord(System.currentTimeMillis(), null, MqttClients.bytes(value)))
                .toArray(SimpleRecord[]::new);
        MemoryRecords batch = MemoryRecords.withIdempotentRecords(
                Compression.NONE, producer.producerId, producer.epoch, baseSequence, records);
        var partition = new PartitionProduceData().setIndex(0).setRecords(batch);
        var topics = new TopicProduceDataCollection();
        topics.add(new TopicProduceData().setName(topic).setPartitionData(List.of(partition)));
        var data = new ProduceRequestData()
                .setAcks((short) -1)
                .setTimeoutMs(15_000)
                .setTopicData(topics);
        var response = ((ProduceResponse) send(new ProduceRequest(data, PRODUCE_VERSION))).data();
        return response.responses().iterator().next().partitionResponses().get(0);
    }

    /** What this node believes of all topics. */
    public MetadataResponseData metadata() {
        var request = new MetadataRequest(new MetadataRequestData().setTopics(null), METADATA_VERSION);
        return ((MetadataResponse) send(request)).data();
    }

    private AbstractResponse send(AbstractRequest request) {
        var header = new RequestHeader(request.apiKey(), request.version(), "kafka-wire", correlationId++);
        try {
            ByteBuffer body = request.serializeWithHeader(header);
            ByteBuffer frame = ByteBuffer.allocate(Integer.BYTES + body.remaining());
            frame.putInt(body.remaining()).put(body).flip();
            socket.getOutputStream().write(frame.array(), 0, frame.limit());
            var in = new DataInputStream(socket.getInputStream());
            var answer = new byte[in.readInt()];
            in.readFully(answer);
            return AbstractResponse.parseResponse(ByteBuffer.wrap(answer), header);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The header of a request of this kind. */
    static byte[] headerOf(ApiKeys api, short version) {
        var header = new RequestHeader(api, version, "garbage", 7);
        ByteBuffer bytes = MessageUtil.toByteBufferAccessor(header.data(), header.headerVersion())
                .buffer();
        var array = new byte[bytes.remaining()];
        bytes.get(array);
        return array;
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
