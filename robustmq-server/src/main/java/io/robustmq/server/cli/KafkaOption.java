package io.robustmq.server.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.config.SaslConfigs;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Where the Kafka listener is. */
final class KafkaOption {
    private static final long ANSWER_MS_MAX = 15_000;

    @Option(
            names = "--bootstrap",
            paramLabel = "HOST:PORT",
            description = "The node's Kafka listener. Default: ${DEFAULT-VALUE}.")
    private String bootstrap = "localhost:9092";

    @Option(
            names = "--command-config",
            paramLabel = "FILE",
            description = "Properties of the Kafka client, as Kafka's own tools take them: for TLS, and other logins.")
    private @Nullable Path commandConfig;

    @Mixin
    private final LoginOption login = new LoginOption();

    Properties properties() {
        Properties properties = new Properties();
        login.login().ifPresent(as -> {
            properties.put(CommonClientConfigs.SECURITY_PROTOCOL_CONFIG, "SASL_PLAINTEXT");
            properties.put(SaslConfigs.SASL_MECHANISM, "SCRAM-SHA-512");
            properties.put(
                    SaslConfigs.SASL_JAAS_CONFIG,
                    "org.apache.kafka.common.security.scram.ScramLoginModule required username=" + quoted(as.user())
                            + " password=" + quoted(as.password()) + ";");
        });
        if (commandConfig != null) {
            try (InputStream in = Files.newInputStream(commandConfig)) {
                properties.load(in);
            } catch (IOException e) {
                throw new CommandException("cannot read " + commandConfig + ": " + e);
            }
        }
        properties.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, bootstrap);
        properties.put(CommonClientConfigs.CLIENT_ID_CONFIG, "robustmq-cli");
        return properties;
    }

    private static String quoted(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
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
