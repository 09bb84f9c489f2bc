package io.robustmq.core.deadletter;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.robustmq.core.config.Configuration;
import io.robustmq.core.deadletter.DeadLetter.Cause;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.loop.SimLoop;
import io.robustmq.core.meta.ConfigScope;
import io.robustmq.core.meta.MetaCommand;
import io.robustmq.core.meta.MetaCommand.AlterConfigs;
import io.robustmq.core.meta.MetaCommand.ConfigChange;
import io.robustmq.core.meta.MetaCommand.CreateTopic;
import io.robustmq.core.meta.MetaCommand.DeleteTopic;
import io.robustmq.core.meta.MetaReply;
import io.robustmq.core.meta.TopicImage;
import io.robustmq.core.model.Partition;
import io.robustmq.core.port.AppendOptions;
import io.robustmq.core.port.InMemoryJournal;
import io.robustmq.core.port.InMemoryMetaLog;
import io.robustmq.core.record.BatchBuilder;
import io.robustmq.core.record.RecordHeader;
import io.robustmq.core.record.RecordReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DeadLetterWriterTest {
    private static final String QUEUE = "dlq.orders";

    private final SimLoop loop = new SimLoop();
    private final InMemoryMetaLog meta = new InMemoryMetaLog(1);
    private final InMemoryJournal journal = new InMemoryJournal(1);
    private int done;

    /** A record of a queue. */
    private record Told(String key, String value, List<String> headers) {}

    @BeforeEach
    void ordersAreSharedAndHaveQueue() {
        meta.subscribe(journal);
        createTopic("orders", 3, Map.of());
        createTopic(QUEUE, 2, Map.of("errors.deadletterqueue.group.enable", "true"));
        configure("errors.deadletterqueue.topic.name", QUEUE);
    }

    @Test
    void letterSaysWhereTheRecordIsAndWhyNobodyGetsIt() {
        write(config(), letter(7, 7, Cause.EXHAUSTED));

        assertThat(told(QUEUE, 0))
                .containsExactly(new Told(
                        null,
                        null,
                        List.of(
                                "__dlq.errors.topic=orders",
                                "__dlq.errors.partition=2",
                                "__dlq.errors.offset=7",
                                "__dlq.errors.group=workers",
                                "__dlq.errors.delivery.count=5",
                                "__dlq.errors.message=Offset delivery count exceeded the threshold.")));
        assertThat(done).isEqualTo(1);
    }

    @Test
    void letterContainsTheRecordIfTheGroupWantsThat() {
        configure("errors.deadletterqueue.copy.record.enable", "true");
        produce("k0", "v0", "k1", "v1", "k2", "v2");

        write(config(), letter(1, 2, Cause.REJECTED));

        List<Told> told = told(QUEUE, 0);
        assertThat(told).extracting(Told::key).containsExactly("k1", "k2");
        assertThat(told).extracting(Told::value).containsExactly("v1", "v2");
        assertThat(told.get(1).headers())
                .startsWith("own=k2", "__dlq.errors.topic=orders")
                .contains("__dlq.errors.offset=2", "__dlq.errors.message=Offset rejected by client.");
    }

    @Test
    void letterWaitsForRecordsThatAreReadableSoon() {
        configure("errors.deadletterqueue.copy.record.enable", "true");
        produce("k0", "v0");
        journal.lead(source(), 0, false);

        write(config(), letter(0, 0, Cause.REJECTED));
        assertThat(told(QUEUE, 0)).isEmpty();
        journal.lead(source(), 0, true);
        loop.advance(2_000);

        assertThat(told(QUEUE, 0)).extracting(Told::value).containsExactly("v0");
    }

    @Test
    void letterWaitsForRecordsThatAreGoneNoLongerThanForAppends() {
        configure("errors.deadletterqueue.copy.record.enable", "true");
        journal.lead(source(), 0, false);

        write(config(), letter(0, 0, Cause.REJECTED));
        loop.advance(10_000);

        assertThat(told(QUEUE, 0)).extracting(Told::value).containsOnlyNulls();
        assertThat(done).isEqualTo(1);
    }

    @Test
    void manyLettersAreSeveralBatchesWithinTheTopicsLimit() {
        submit(new DeleteTopic(QUEUE));
        createTopic(QUEUE, 1, Map.of("errors.deadletterqueue.group.enable", "true", "max.message.bytes", "1000"));

        write(config(), letter(0, 9, Cause.REJECTED));

        assertThat(told(QUEUE, 0)).hasSize(10);
        List<byte[]> batches = journal.batches(meta.image().topic(QUEUE).partition(0));
        assertThat(batches).hasSizeGreaterThan(1).allMatch(batch -> batch.length <= 1000);
    }

    @Test
    void recordLargerThanAnyBatchHasLetterThatDoesNotContainIt() {
        configure("errors.deadletterqueue.copy.record.enable", "true");
        produce("k0", "x".repeat(2 << 20), "k1", "v1");

        write(config(), letter(0, 1, Cause.REJECTED));

        assertThat(told(QUEUE, 0)).extracting(Told::value).containsExactly(null, "v1");
    }

    @Test
    void whatCannotBeReadHasLetterAllTheSame() {
        produce("k0", "v0");
        produce("k1", "v1");

        write(config(), letter(0, 5, Cause.EXHAUSTED));

        // The log has two of them.
        assertThat(told(QUEUE, 0)).hasSize(6);
    }

    @Test
    void missingQueueIsCreatedWhereThatIsAllowed() {
        configure("errors.deadletterqueue.topic.name", "dlq.new");

        write(config(), letter(0, 0, Cause.REJECTED));
        assertThat(meta.image().topic("dlq.new")).isNull();

        write(new DeadLetterConfig(true, "dlq."), letter(0, 0, Cause.REJECTED));
        TopicImage created = meta.image().topic("dlq.new");
        assertThat(created.configs())
                .isEqualTo(
                        Map.of("errors.deadletterqueue.group.enable", "true", "message.timestamp.type", "CreateTime"));
        assertThat(told("dlq.new", 0)).hasSize(1);
        assertThat(done).isEqualTo(2);
    }

    @Test
    void topicThatTakesNoLettersGetsNone() {
        createTopic("dlq.other", 1, Map.of());
        configure("errors.deadletterqueue.topic.name", "dlq.other");

        write(config(), letter(0, 0, Cause.REJECTED));

        assertThat(told("dlq.other", 0)).isEmpty();
        assertThat(done).isEqualTo(1);
    }

    @Test
    void topicWithoutTheNodesPrefixGetsNone() {
        createTopic("payments", 1, Map.of("errors.deadletterqueue.group.enable", "true"));
        configure("errors.deadletterqueue.topic.name", "payments");

        write(config(), letter(0, 0, Cause.REJECTED));
        assertThat(told("payments", 0)).isEmpty();

        write(new DeadLetterConfig(false, ""), letter(0, 0, Cause.REJECTED));
        assertThat(told("payments", 0)).hasSize(1);
    }

    @Test
    void failedAppendIsTriedAgainAndGivenUpAfterSomeTimes() {
        journal.failNext(BrokerError.NOT_ENOUGH_REPLICAS, false);
        journal.failNext(BrokerError.NOT_LEADER, false);
        write(config(), letter(0, 0, Cause.REJECTED));
        assertThat(done).isZero();
        loop.advance(3_000);
        assertThat(done).isEqualTo(1);
        assertThat(told(QUEUE, 0)).hasSize(1);

        for (int i = 0; i < 5; i++) {
            journal.failNext(BrokerError.STORAGE_FULL, false);
        }
        write(config(), letter(1, 1, Cause.REJECTED));
        loop.advance(60_000);
        assertThat(done).isEqualTo(2);
        assertThat(told(QUEUE, 0)).hasSize(1);
    }

    @Test
    void refusedAppendIsNotTriedAgain() {
        journal.failNext(BrokerError.INVALID_RECORD, false);

        write(config(), letter(0, 0, Cause.REJECTED));

        assertThat(done).isEqualTo(1);
        assertThat(journal.appendCount()).isEqualTo(1);
    }

    private static DeadLetterConfig config() {
        return DeadLetterConfig.from(new Configuration(DeadLetterConfig.keys(), Map.of()));
    }

    private void write(DeadLetterConfig config, DeadLetter letter) {
        new DeadLetterWriter(config, journal, meta, UnpooledByteBufAllocator.DEFAULT).write(letter, loop, () -> done++);
        loop.run();
    }

    /** Of partition 2, which has its letters in the first of two. */
    private DeadLetter letter(long first, long last, Cause cause) {
        return new DeadLetter("workers", source(), first, last, 5, cause);
    }

    private Partition source() {
        return meta.image().topic("orders").partition(2);
    }

    private void createTopic(String name, int partitions, Map<String, String> configs) {
        submit(new CreateTopic(name, partitions, -1, List.of(), configs, -1, false));
    }

    private void configure(String key, String value) {
        submit(new AlterConfigs(
                new ConfigScope(ConfigScope.Kind.GROUP, "workers"), List.of(new ConfigChange(key, value)), false));
    }

    /** One batch; each record has a header with its key. */
    private void produce(String... keysAndValues) {
        BatchBuilder batch = new BatchBuilder(UnpooledByteBufAllocator.DEFAULT, 100);
        for (int i = 0; i < keysAndValues.length; i += 2) {
            List<RecordHeader> headers = List.of(new RecordHeader("own", bytes(keysAndValues[i])));
            ByteBuf key = Unpooled.wrappedBuffer(bytes(keysAndValues[i]));
            batch.append(1, key, Unpooled.wrappedBuffer(bytes(keysAndValues[i + 1])), headers);
        }
        journal.append(source(), batch.build(), AppendOptions.DURABLE, loop, result -> {});
        loop.run();
    }

    private List<Told> told(String topic, int partition) {
        List<Told> told = new ArrayList<>();
        for (byte[] batch : journal.batches(meta.image().topic(topic).partition(partition))) {
            RecordReader.forAll(Unpooled.wrappedBuffer(batch), 1 << 30, (from, record) -> {
                List<String> headers = record.headers().stream()
                        .map(header -> header.key() + "=" + text(header.value()))
                        .toList();
                told.add(new Told(text(record.keyArray()), text(record.valueArray()), headers));
            });
        }
        return told;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(byte[] bytes) {
        return bytes == null ? null : new String(bytes, StandardCharsets.UTF_8);
    }

    private void submit(MetaCommand command) {
        assertThat(meta.submit(command).join()).isNotInstanceOf(MetaReply.Refused.class);
    }
}
