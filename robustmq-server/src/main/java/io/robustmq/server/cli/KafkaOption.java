package io.robustmq.server.cli;

import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaFuture;
import picocli.CommandLine.Option;

/** Where the Kafka listener is. */
final class KafkaOption {
    private static final long ANSWER_MS_MAX = 15_000;

    @Option(
            names = "--bootstrap",
            paramLabel = "HOST:PORT",
            description = "The node's Kafka listener. Default: ${DEFAULT-VALUE}.")
    private String bootstrap = "localhost:9092";

    Properties properties() {
        Properties properties = new Properties();
        properties.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, bootstrap);
        properties.put(CommonClientConfigs.CLIENT_ID_CONFIG, "robustmq-cli");
        return properties;
    }

    Admin admin() {
        Properties properties = properties();
        properties.put(CommonClientConfigs.REQUEST_TIMEOUT_MS_CONFIG, "5000");
        properties.put(CommonClientConfigs.DEFAULT_API_TIMEOUT_MS_CONFIG, "10000");
        return Admin.create(properties);
    }

    /** Waits for an answer, and throws what the broker refused it with. */
    static <T> T await(KafkaFuture<T> answer) throws ExecutionException, InterruptedException {
        try {
            return answer.get(ANSWER_MS_MAX, TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new CommandException("no answer from the broker within " + ANSWER_MS_MAX / 1000 + " s");
        }
    }
}
