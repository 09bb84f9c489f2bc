package io.robustmq.server.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Prints records, by the Kafka consumer; with a group it commits what it printed. */
@Command(name = "consume", description = "Prints the records of a topic.", mixinStandardHelpOptions = true)
final class ConsumeCommand implements Callable<Integer> {
    private static final Duration POLL = Duration.ofMillis(200);
    private static final Duration ANSWER_MAX = Duration.ofSeconds(10);

    @Mixin
    private final KafkaOption kafka = new KafkaOption();

    @Mixin
    private final OutputOption output = new OutputOption();

    @Parameters(paramLabel = "TOPIC")
    @SuppressWarnings("NullAway.Init")
    private String topic;

    @Option(
            names = {"-b", "--beginning"},
            description = "From the first record. Default: what arrives from now on.")
    private boolean beginning;

    @Option(
            names = {"-e", "--exit-at-end"},
            description = "Exit when the end is reached that the topic has now.")
    private boolean exitAtEnd;

    @Option(
            names = {"-n", "--count"},
            paramLabel = "N",
            description = "Exit after N records.")
    private long count = Long.MAX_VALUE;

    @Option(
            names = {"-g", "--group"},
            paramLabel = "GROUP",
            description = "Read as a member of this group.")
    private @Nullable String group;

    @Option(
            names = {"-K", "--key-delimiter"},
            paramLabel = "TEXT",
            description = "Print the key and this before the value.")
    private @Nullable String delimiter;

    @Override
    public Integer call() throws IOException {
        Properties properties = kafka.properties();
        properties.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, beginning ? "earliest" : "latest");
        properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "false");
        properties.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, "false");
        if (group != null) {
            properties.put(ConsumerConfig.GROUP_ID_CONFIG, group);
        }
        try (Consumer<String, String> consumer =
                new KafkaConsumer<>(properties, new StringDeserializer(), new StringDeserializer())) {
            List<TopicPartition> partitions = partitions(consumer);
            Map<TopicPartition, Long> ends = exitAtEnd ? consumer.endOffsets(partitions, ANSWER_MAX) : Map.of();
            if (group == null) {
                consumer.assign(partitions);
            } else {
                consumer.subscribe(List.of(topic));
            }
            print(consumer, ends);
        }
        return 0;
    }

    private List<TopicPartition> partitions(Consumer<String, String> consumer) {
        List<PartitionInfo> found = consumer.partitionsFor(topic, ANSWER_MAX);
        if (found == null || found.isEmpty()) {
            throw new CommandException("no topic " + topic);
        }
        return found.stream()
                .map(partition -> new TopicPartition(topic, partition.partition()))
                .toList();
    }

    private void print(Consumer<String, String> consumer, Map<TopicPartition, Long> ends) throws IOException {
        long printed = 0;
        while (printed < count && !(exitAtEnd && isAtEnd(consumer, ends))) {
            for (ConsumerRecord<String, String> record : consumer.poll(POLL)) {
                System.out.println(output.isJson() ? json(record) : text(record));
                printed++;
                if (printed >= count) {
                    break;
                }
            }
            System.out.flush();
            if (group != null && printed < count) {
                consumer.commitSync(ANSWER_MAX);
            }
        }
    }

    private static boolean isAtEnd(Consumer<String, String> consumer, Map<TopicPartition, Long> ends) {
        if (consumer.assignment().isEmpty()) {
            return ends.values().stream().allMatch(end -> end == 0);
        }
        return consumer.assignment().stream()
                .allMatch(partition -> consumer.position(partition, ANSWER_MAX) >= ends.getOrDefault(partition, 0L));
    }

    private String text(ConsumerRecord<String, String> record) {
        String value = record.value() == null ? "" : record.value();
        return delimiter == null ? value : (record.key() == null ? "" : record.key()) + delimiter + value;
    }

    private static String json(ConsumerRecord<String, String> record) throws IOException {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
            json.writeStartObject();
            json.writeStringField("topic", record.topic());
            json.writeNumberField("partition", record.partition());
            json.writeNumberField("offset", record.offset());
            json.writeNumberField("timestampMs", record.timestamp());
            json.writeStringField("key", record.key());
            json.writeStringField("value", record.value());
            json.writeObjectFieldStart("headers");
            for (Header header : record.headers()) {
                json.writeStringField(
                        header.key(),
                        header.value() == null ? null : new String(header.value(), StandardCharsets.UTF_8));
            }
            json.writeEndObject();
            json.writeEndObject();
        }
        return text.toString();
    }
}
