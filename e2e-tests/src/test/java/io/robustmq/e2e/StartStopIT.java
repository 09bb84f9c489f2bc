package io.robustmq.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5DisconnectException;
import com.hivemq.client.mqtt.mqtt5.message.disconnect.Mqtt5DisconnectReasonCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How the process starts, refuses to start, tells how it is, and stops. */
class StartStopIT {

    @Test
    void unknownKeyRefusesToStartAndNamesTheNearestKnownOne() {
        try (var broker = BrokerProcess.named("unknown-key").set("kafka.prot", "0")) {
            assertThat(broker.launch().awaitExit()).isNotZero();

            assertThat(broker.output()).contains("kafka.prot").contains("did you mean kafka.port");
            assertThat(broker.dataDir()).doesNotExist();
        }
    }

    @Test
    void valueThatCannotBeRefusesToStart() {
        try (var broker = BrokerProcess.named("bad-value").set("kafka.port", "ninety")) {
            assertThat(broker.launch().awaitExit()).isNotZero();

            assertThat(broker.output()).contains("kafka.port");
            assertThat(broker.dataDir()).doesNotExist();
        }
    }

    @Test
    void dataDirectoryOfANewerVersionIsRefusedAndNotTouched() throws IOException {
        try (var broker = BrokerProcess.named("newer-version")) {
            broker.start().stop();
            Path properties = broker.dataDir().resolve("robustmq.properties");
            Files.writeString(properties, Files.readString(properties).replaceAll("(?m)^version=.*$", "version=999"));
            Map<Path, String> before = contents(broker.dataDir());

            assertThat(broker.launch().awaitExit()).isNotZero();

            assertThat(broker.output()).contains("999");
            assertThat(contents(broker.dataDir())).isEqualTo(before);
        }
    }

    @Test
    void directoryOfSomebodyElseIsRefusedAndNotTouched() throws IOException {
        try (var broker = BrokerProcess.named("foreign-directory")) {
            Files.createDirectories(broker.dataDir());
            Files.writeString(broker.dataDir().resolve("thesis.txt"), "years of work");
            Map<Path, String> before = contents(broker.dataDir());

            assertThat(broker.launch().awaitExit()).isNotZero();

            assertThat(contents(broker.dataDir())).isEqualTo(before);
        }
    }

    @Test
    void openBindIsRefusedUnlessAnonymousAccessIsAllowedExplicitly() {
        try (var closed = BrokerProcess.named("open-bind").set("bind", "0.0.0.0")) {
            assertThat(closed.launch().awaitExit()).isNotZero();
            assertThat(closed.output()).contains("security.anonymous");
        }
        try (var open =
                BrokerProcess.named("open-bind-allowed").set("bind", "0.0.0.0").set("security.anonymous", "true")) {
            open.start();
            assertThat(open.stop()).isZero();
        }
    }

    @Test
    void secondBrokerOnTheSameDataDirectoryIsRefused() {
        try (var first = BrokerProcess.named("twice").start();
                var second = BrokerProcess.named("twice-second").dataDir(first.dataDir())) {
            assertThat(second.launch().awaitExit()).isNotZero();

            assertThat(second.output()).contains("in use");
            assertThat(first.get("/health/ready").statusCode()).isEqualTo(200);
        }
    }

    @Test
    void stoppedBrokerTellsItsMqttClientsAndExitsWithZero() throws Exception {
        try (var broker = BrokerProcess.named("sigterm").start()) {
            var told = new CompletableFuture<Mqtt5DisconnectReasonCode>();
            var client = MqttClients.builder(broker, "sigterm-client")
                    .addDisconnectedListener(context -> {
                        if (context.getCause() instanceof Mqtt5DisconnectException disconnect) {
                            told.complete(disconnect.getMqttMessage().getReasonCode());
                        } else {
                            told.completeExceptionally(context.getCause());
                        }
                    })
                    .buildBlocking();
            client.connect();

            broker.askToStop();

            assertThat(told.get(20, TimeUnit.SECONDS)).isEqualTo(Mqtt5DisconnectReasonCode.SERVER_SHUTTING_DOWN);
            assertThat(broker.awaitExit()).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void topicsAndRecordsOutliveTheProcess(boolean killed) {
        try (var broker = BrokerProcess.named("restart-" + (killed ? "killed" : "stopped"))
                .start()) {
            KafkaClients.createTopic(broker, "kept", 3, Map.of("retention.ms", "123456789"));
            try (var producer = KafkaClients.producer(broker, Map.of())) {
                for (int i = 0; i < 30; i++) {
                    KafkaClients.answer(producer.send(new ProducerRecord<>("kept", "k" + i % 5, "v" + i)));
                }
            }
            var device = MqttClients.connected(broker, "restart-device");
            MqttClients.publish(device, "kept/k0", MqttQos.AT_LEAST_ONCE, "mqtt");
            device.disconnect();
            var before = TopicLog.of(broker, "kept").valuesByKey();
            assertThat(TopicLog.of(broker, "kept").size()).isEqualTo(31);

            for (int restart = 0; restart < 2; restart++) {
                if (killed) {
                    broker.kill9();
                } else {
                    assertThat(broker.stop()).isZero();
                }
                broker.start();
            }

            assertThat(TopicLog.of(broker, "kept").valuesByKey()).isEqualTo(before);
            TopicLog.of(broker, "kept").assertDense();
            assertThat(broker.get("/api/v1/topics").body()).contains("\"kept\"").contains("123456789");
        }
    }

    @Test
    void healthAndMetricsAndNodeAreServedOverHttp() {
        try (var broker = BrokerProcess.named("admin-http").start()) {
            assertThat(broker.get("/health/live").statusCode()).isEqualTo(200);
            assertThat(broker.get("/health/ready").statusCode()).isEqualTo(200);
            assertThat(broker.get("/no/such/path").statusCode()).isEqualTo(404);
            assertThat(broker.get("/api/v1/node").body()).contains(Integer.toString(broker.port(Endpoint.KAFKA)));

            var metrics = broker.get("/metrics");

            assertThat(metrics.statusCode()).isEqualTo(200);
            assertThat(metrics.body()).contains("robustmq_");
            assertThat(metrics.body().lines())
                    .allMatch(line -> line.startsWith("#") || line.matches("[a-zA-Z_:][\\w:]*(\\{.*})? \\S+"));
        }
    }

    /** Every file below the directory with what is in it. */
    private static Map<Path, String> contents(Path directory) throws IOException {
        var contents = new TreeMap<Path, String>();
        try (var paths = Files.walk(directory)) {
            for (Path path : paths.toList()) {
                boolean isFile = Files.isRegularFile(path);
                contents.put(path, isFile ? Arrays.hashCode(Files.readAllBytes(path)) + "" : "directory");
            }
        }
        return contents;
    }
}
