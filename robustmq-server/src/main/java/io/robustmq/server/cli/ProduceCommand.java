package io.robustmq.server.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Writes records, by the Kafka producer. Done means acknowledged by every replica in sync. */
@Command(
        name = "produce",
        description = "Writes records to a topic: each -m, or else each line of standard input.",
        mixinStandardHelpOptions = true)
final class ProduceCommand implements Callable<Integer> {
    @Mixin
    private final KafkaOption kafka = new KafkaOption();

    @Parameters(paramLabel = "TOPIC")
    @SuppressWarnings("NullAway.Init")
    private String topic;

    @Option(
            names = {"-m", "--message"},
            paramLabel = "TEXT",
            description = "A value. May be repeated.")
    private List<String> messages = new ArrayList<>();

    @Option(
            names = {"-k", "--key"},
            paramLabel = "KEY",
            description = "The key of every record. Default: none.")
    private @Nullable String key;

    @Option(
            names = {"-K", "--key-delimiter"},
            paramLabel = "TEXT",
            description = "What ends the key in each line.")
    private @Nullable String delimiter;

    @Override
    public Integer call() throws IOException {
        Properties properties = kafka.properties();
        properties.put(ProducerConfig.ACKS_CONFIG, "all");
        properties.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, "10000");
        properties.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, "15000");
        properties.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, "10000");
        properties.put(ProducerConfig.LINGER_MS_CONFIG, "5");
        AtomicReference<@Nullable Exception> failure = new AtomicReference<>();
        int sent = 0;
        try (Producer<String, String> producer =
                new KafkaProducer<>(properties, new StringSerializer(), new StringSerializer())) {
            for (String message : messages) {
                send(producer, message, failure);
                sent++;
            }
            if (messages.isEmpty()) {
                BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    send(producer, line, failure);
                    sent++;
                }
            }
        }
        Exception first = failure.get();
        if (first != null) {
            throw new CommandException("not every record was acknowledged: " + Failures.sentence(first));
        }
        System.err.println("acknowledged " + sent);
        return 0;
    }

    @SuppressWarnings("FutureReturnValueIgnored") // the callback gets what the future would
    private void send(Producer<String, String> producer, String line, AtomicReference<@Nullable Exception> failure) {
        int end = delimiter == null ? -1 : line.indexOf(delimiter);
        String recordKey = end < 0 || delimiter == null ? key : line.substring(0, end);
        String value = end < 0 || delimiter == null ? line : line.substring(end + delimiter.length());
        producer.send(new ProducerRecord<>(topic, recordKey, value), (metadata, exception) -> {
            if (exception != null) {
                failure.compareAndSet(null, exception);
            }
        });
    }
}
