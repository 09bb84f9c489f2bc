package io.robustmq.kafka.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.core.meta.MetaCommand;
import io.robustmq.core.meta.MetaReply;
import io.robustmq.core.security.Authorizer;
import io.robustmq.kafka.memory.MemoryBroker;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.MetadataResponseData;
import org.apache.kafka.common.message.ProduceResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Bytes as they come: in pieces, too many, cut off, at random. */
@Timeout(120)
class FramesTest {
    private static final int FRAME_BYTES_MAX = 8 << 20;
    /** The whole process gets more of them in the end-to-end tests. */
    private static final int RANDOM_STRINGS = 10_000;

    private MemoryBroker broker;
    private Requests requests;

    @BeforeEach
    void start() throws Exception {
        broker = new MemoryBroker(
                Map.of(
                        "kafka.request.bytes.max",
                        String.valueOf(FRAME_BYTES_MAX),
                        "kafka.connections.per.second.max",
                        "1000000"),
                Authorizer.ANONYMOUS);
        MetaReply.TopicCreated created = (MetaReply.TopicCreated)
                broker.metaLog.submit(MetaCommand.CreateTopic.withDefaults("t")).get();
        requests = new Requests("t", new Uuid(created.id().high(), created.id().low()));
    }

    @AfterEach
    void stop() {
        broker.close();
        assertThat(broker.journal.openSlices()).isZero();
        assertThat(broker.metrics.connections()).isZero();
    }

    @Test
    void aRequestThatComesByteByByteIsAnswered() throws Exception {
        try (WireClient client = new WireClient(broker.address())) {
            byte[] frame = WireClient.frame(ApiKeys.METADATA, 12, 5, requests.of(ApiKeys.METADATA, 12));
            for (byte one : frame) {
                client.write(new byte[] {one});
            }
            assertThat(client.receive(ApiKeys.METADATA, 12, 5, MetadataResponseData.class)
                            .clusterId())
                    .isEqualTo("memory-cluster");
        }
    }

    @Test
    void requestsThatComeTogetherAreAnsweredInOrder() throws Exception {
        byte[] frame = WireClient.frame(ApiKeys.METADATA, 9, 5, requests.of(ApiKeys.METADATA, 9));
        byte[] many = new byte[50 * frame.length];
        for (int i = 0; i < 50; i++) {
            System.arraycopy(frame, 0, many, i * frame.length, frame.length);
            ByteBuffer.wrap(many).putInt(i * frame.length + 8, i);
        }
        try (WireClient client = new WireClient(broker.address())) {
            client.write(many);
            for (int i = 0; i < 50; i++) {
                client.receive(ApiKeys.METADATA, 9, i, MetadataResponseData.class);
            }
        }
    }

    @Test
    void aLargeBatchGoesInAndOutUnchanged() throws Exception {
        String value = "x".repeat(3 << 20);
        MemoryRecords records = Requests.records(value);
        try (WireClient client = new WireClient(broker.address())) {
            ProduceResponseData produced =
                    client.call(ApiKeys.PRODUCE, 9, requests.produce(9, 0, records), ProduceResponseData.class);
            assertThat(produced.responses()
                            .iterator()
                            .next()
                            .partitionResponses()
                            .get(0)
                            .errorCode())
                    .isZero();
            FetchResponseData fetched =
                    client.call(ApiKeys.FETCH, 12, requests.fetch(12, 0, 0), FetchResponseData.class);
            MemoryRecords read = (MemoryRecords)
                    fetched.responses().get(0).partitions().get(0).records();
            assertThat(read.sizeInBytes()).isEqualTo(records.sizeInBytes());
            read.batches().forEach(batch -> batch.ensureValid());
        }
    }

    @Test
    void aRequestLargerThanTheLimitClosesTheConnectionBeforeItIsRead() throws Exception {
        for (int length : new int[] {FRAME_BYTES_MAX + 1, -1, 0, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
            try (WireClient client = new WireClient(broker.address())) {
                client.write(ByteBuffer.allocate(4).putInt(length).array());
                assertThat(client.isClosedByServer()).as("length %s", length).isTrue();
            }
        }
        assertServing();
    }

    @Test
    void everyTruncationOfEveryRequestIsSurvived() throws Exception {
        for (ApiTable.Api api : broker.apis.apis()) {
            byte[] whole = WireClient.frame(api.key(), api.max(), 1, requests.of(api.key(), api.max()));
            for (int length = 0; length < whole.length - 4; length++) {
                byte[] cut = Arrays.copyOf(whole, 4 + length);
                ByteBuffer.wrap(cut).putInt(0, length);
                sendAndWait(cut);
            }
        }
        assertServing();
    }

    @Test
    void randomByteStringsAreSurvived() throws Exception {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        List<ApiTable.Api> apis = broker.apis.apis();
        for (int i = 0; i < RANDOM_STRINGS; i++) {
            byte[] bytes = new byte[8 + random.nextInt(120)];
            random.nextBytes(bytes);
            ByteBuffer buffer = ByteBuffer.wrap(bytes);
            if (i % 2 == 0) {
                ApiTable.Api api = apis.get(random.nextInt(apis.size()));
                buffer.putInt(0, bytes.length - 4);
                buffer.putShort(4, api.key().id);
                buffer.putShort(6, (short) (api.min() + random.nextInt(api.max() - api.min() + 1)));
                if (bytes.length > 16) {
                    buffer.putShort(12, (short) -1);
                }
                sendAndWait(bytes);
            } else {
                send(bytes);
            }
        }
        assertThat(broker.registry.counter("robustmq.kafka.requests.malformed").count())
                .as("requests that were refused, seed %s", seed)
                .isGreaterThan(RANDOM_STRINGS * 0.4);
        try {
            assertServing();
        } catch (IOException e) {
            throw new AssertionError("seed " + seed, e);
        }
    }

    @Test
    void brokenProduceRequestsAreToldWhatIsWrong() throws Exception {
        MemoryRecords one = Requests.records("v");
        ByteBuffer two = ByteBuffer.allocate(2 * one.sizeInBytes());
        two.put(one.buffer()).put(one.buffer()).flip();
        ByteBuffer old =
                ByteBuffer.allocate(one.sizeInBytes()).put(one.buffer()).flip();
        old.put(16, (byte) 1);
        ByteBuffer torn = one.buffer().limit(one.sizeInBytes() - 1);
        ByteBuffer flipped =
                ByteBuffer.allocate(one.sizeInBytes()).put(one.buffer()).flip();
        flipped.put(one.sizeInBytes() - 1, (byte) 0x55);
        assertThat(produce(MemoryRecords.readableRecords(two))).isEqualTo(Errors.INVALID_RECORD);
        assertThat(produce(MemoryRecords.readableRecords(old))).isEqualTo(Errors.INVALID_RECORD);
        assertThat(produce(MemoryRecords.readableRecords(torn.slice()))).isEqualTo(Errors.INVALID_RECORD);
        assertThat(produce(MemoryRecords.readableRecords(flipped))).isEqualTo(Errors.CORRUPT_MESSAGE);
        assertThat(produce(MemoryRecords.EMPTY)).isEqualTo(Errors.INVALID_RECORD);
        assertThat(produce(one)).isEqualTo(Errors.NONE);
    }

    private Errors produce(MemoryRecords records) throws IOException {
        try (WireClient client = new WireClient(broker.address())) {
            return Errors.forCode(
                    client.call(ApiKeys.PRODUCE, 8, requests.produce(8, 0, records), ProduceResponseData.class)
                            .responses()
                            .iterator()
                            .next()
                            .partitionResponses()
                            .get(0)
                            .errorCode());
        }
    }

    private void send(byte[] bytes) throws IOException {
        WireClient client = new WireClient(broker.address());
        try {
            client.write(bytes);
        } finally {
            client.abort();
        }
    }

    /** Until the server answers or closes, so that it has really read the bytes. */
    private void sendAndWait(byte[] bytes) throws IOException {
        WireClient client = new WireClient(broker.address());
        try {
            client.write(bytes);
            client.waitForAnything(200);
        } finally {
            client.abort();
        }
    }

    private void assertServing() throws IOException {
        try (WireClient client = new WireClient(broker.address())) {
            client.call(ApiKeys.METADATA, 1, requests.of(ApiKeys.METADATA, 1), MetadataResponseData.class);
        }
    }
}
