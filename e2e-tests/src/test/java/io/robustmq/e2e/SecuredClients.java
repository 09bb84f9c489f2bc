package io.robustmq.e2e;

import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5ClientBuilder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** Clients that log in. */
final class SecuredClients {
    private SecuredClients() {}

    static Properties open(String bootstrap) {
        var properties = new Properties();
        properties.putAll(Map.of(
                "bootstrap.servers", bootstrap,
                "request.timeout.ms", "10000",
                "default.api.timeout.ms", "15000",
                "max.block.ms", "15000",
                "delivery.timeout.ms", "15000"));
        return properties;
    }

    static Properties sasl(String bootstrap, String mechanism, String user, String password) {
        String module = mechanism.startsWith("SCRAM") ? "scram.ScramLoginModule" : "plain.PlainLoginModule";
        Properties properties = open(bootstrap);
        properties.put("security.protocol", "SASL_PLAINTEXT");
        properties.put("sasl.mechanism", mechanism);
        properties.put(
                "sasl.jaas.config",
                "org.apache.kafka.common.security." + module + " required username=\"" + user + "\" password=\""
                        + password + "\";");
        return properties;
    }

    /** On top of what is there: trusts this authority. */
    static Properties overTls(Properties properties, Path authority) {
        properties.put("security.protocol", properties.containsKey("sasl.mechanism") ? "SASL_SSL" : "SSL");
        properties.put("ssl.truststore.type", "PEM");
        properties.put("ssl.truststore.location", authority.toString());
        return properties;
    }

    static void produce(Properties properties, String topic, String... values)
            throws ExecutionException, InterruptedException, java.util.concurrent.TimeoutException {
        try (var producer = new KafkaProducer<>(properties, new StringSerializer(), new StringSerializer())) {
            for (String value : values) {
                producer.send(new ProducerRecord<>(topic, 0, null, value)).get(20, TimeUnit.SECONDS);
            }
        }
    }

    /** All values of partition 0, once there are {@code count} of them. */
    static List<String> consume(Properties properties, String topic, int count) {
        List<String> values = new ArrayList<>();
        try (var consumer = new KafkaConsumer<>(properties, new StringDeserializer(), new StringDeserializer())) {
            var partition = new TopicPartition(topic, 0);
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            Await.until("all records are read", () -> {
                consumer.poll(Duration.ofMillis(200)).forEach(record -> values.add(record.value()));
                return values.size() >= count;
            });
        }
        return values;
    }

    static Mqtt5BlockingClient mqtt(Mqtt5ClientBuilder builder, String user, String password) {
        var client = builder.simpleAuth()
                .username(user)
                .password(password.getBytes(StandardCharsets.UTF_8))
                .applySimpleAuth()
                .buildBlocking();
        client.connect();
        return client;
    }
}
