package io.robustmq.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5PubAckException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.KafkaStorageException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/** A disk of its own, in a mount namespace of its own, is filled up and freed again. */
class FullDiskIT {
    private static final long DISK_BYTES = 256L << 20;
    private static final long LEFT_FREE_BYTES = 6L << 20;
    private static final String VALUE = "x".repeat(100_000);
    private static final int SENDS_MAX = 200;

    static boolean mountNamespaceIsAllowed() {
        return CommandLine.isInstalled("unshare")
                && CommandLine.start("unshare", "-rm", "sh", "-c", "mount -t tmpfs tmpfs /mnt")
                                .awaitExit()
                        == 0;
    }

    @Test
    @EnabledIf(value = "mountNamespaceIsAllowed", disabledReason = "needs `unshare -rm` with a tmpfs mount in it")
    void fullDiskRefusesAppendsWhileReadsWorkAndRecoversByItselfWhenFreed() throws IOException {
        Path disk = Files.createDirectories(Path.of("target", "brokers", "full-disk-mount"))
                .toAbsolutePath();
        String mount = "mount -t tmpfs -o size=" + DISK_BYTES + " tmpfs \"$0\" && exec \"$@\"";
        try (var broker = BrokerProcess.named("full-disk")
                .dataDir(disk.resolve("data"))
                .wrappedIn(List.of("unshare", "-rm", "sh", "-c", mount, disk.toString()))
                .start()) {
            KafkaClients.createTopic(broker, "disk", 1);
            Path seen = Path.of("/proc", Long.toString(broker.pid()), "root")
                    .resolve(Path.of("/").relativize(disk));
            Path filler = seen.resolve("filler");

            fill(filler);
            int stored = sendUntilRefused(broker);
            assertPublishRefused(broker);
            assertThat(TopicLog.of(broker, "disk").size())
                    .as("readable while full")
                    .isEqualTo(stored);
            assertThat(broker.get("/health/live").statusCode()).isEqualTo(200);

            Files.delete(filler);
            Await.until("appends are taken again", () -> trySend(broker));

            var log = TopicLog.of(broker, "disk");
            log.assertDense();
            assertThat(log.size()).isGreaterThan(stored);
            KafkaClients.createTopic(broker, "after-full-disk", 1);
        }
    }

    private static void fill(Path filler) throws IOException {
        var block = new byte[1 << 20];
        try (var out = Files.newOutputStream(filler)) {
            while (filler.toFile().getUsableSpace() > LEFT_FREE_BYTES + block.length) {
                out.write(block);
            }
        }
    }

    /** Returns how many sends were acknowledged before the first that was refused for want of space. */
    private static int sendUntilRefused(BrokerProcess broker) {
        try (var producer = withoutRetries(broker)) {
            for (int sent = 0; sent < SENDS_MAX; sent++) {
                try {
                    producer.send(new ProducerRecord<>("disk", VALUE)).get(20, TimeUnit.SECONDS);
                } catch (ExecutionException e) {
                    assertThat(e.getCause()).isInstanceOf(KafkaStorageException.class);
                    return sent;
                } catch (Exception e) {
                    throw new AssertionError("neither stored nor refused", e);
                }
            }
        }
        throw new AssertionError("never refused");
    }

    private static void assertPublishRefused(BrokerProcess broker) {
        var client = MqttClients.connected(broker, "full-disk-device");
        try {
            MqttClients.publish(client, "disk/x", MqttQos.AT_LEAST_ONCE, VALUE);
            throw new AssertionError("acknowledged although the disk is full");
        } catch (Mqtt5PubAckException e) {
            assertThat(e.getMqttMessage().getReasonCode().isError()).isTrue();
        }
        client.disconnect();
    }

    private static boolean trySend(BrokerProcess broker) throws Exception {
        try (var producer = withoutRetries(broker)) {
            producer.send(new ProducerRecord<>("disk", VALUE)).get(20, TimeUnit.SECONDS);
            return true;
        }
    }

    private static KafkaProducer<String, String> withoutRetries(BrokerProcess broker) {
        return KafkaClients.producer(broker, Map.of("enable.idempotence", false, "retries", 0));
    }
}
