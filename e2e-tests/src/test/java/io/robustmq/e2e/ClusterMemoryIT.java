package io.robustmq.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** A topic with {@code storage=memory} and three replicas: each process may be killed, one after the other, and only all at once empty it. */
@EnabledIfSystemProperty(named = "robustmq.full", matches = "true", disabledReason = "in the profile full only")
class ClusterMemoryIT {
    private static final String TOPIC = "fleeting";
    private static final int RECORDS = 50;

    private int sent;

    @Test
    void whatWasAcknowledgedIsThereUntilAllAreGoneAndNoOffsetComesTwice() {
        try (BrokerCluster cluster = BrokerCluster.start("memory-cluster", 3);
                Admin admin = KafkaClients.admin(cluster.bootstrap());
                var producer = KafkaClients.producer(cluster.bootstrap(), Map.of("acks", "all"))) {
            KafkaClients.createTopic(
                    cluster.bootstrap(), TOPIC, 1, Map.of("storage", "memory", "min.insync.replicas", "2"));
            cluster.awaitInSync(admin, List.of(TOPIC));
            produce(producer);
            for (int round = 0; round < 3; round++) {
                int leader = cluster.leaderOf(admin, TOPIC, 0);
                cluster.kill9(leader);
                produce(producer);
                cluster.start(leader);
                cluster.awaitInSync(admin, List.of(TOPIC));
                produce(producer);
                assertThat(values(cluster)).containsExactlyElementsOf(sentFrom(0));
            }
            List.of(1, 2, 3).forEach(cluster::kill9);
            cluster.startAll();
            cluster.awaitInSync(admin, List.of(TOPIC));
            int before = sent;
            long first = send(producer);
            assertThat(first).isGreaterThanOrEqualTo(before);
            produce(producer);
            assertThat(values(cluster)).containsExactlyElementsOf(sentFrom(before));
        }
    }

    private void produce(KafkaProducer<String, String> producer) {
        long last = -1;
        for (int i = 0; i < RECORDS; i++) {
            long offset = send(producer);
            assertThat(offset).isGreaterThan(last);
            last = offset;
        }
    }

    private long send(KafkaProducer<String, String> producer) {
        return KafkaClients.answer(producer.send(new ProducerRecord<>(TOPIC, 0, "k", Integer.toString(sent++))))
                .offset();
    }

    private List<String> sentFrom(int first) {
        return IntStream.range(first, sent).mapToObj(Integer::toString).toList();
    }

    private static List<String> values(BrokerCluster cluster) {
        return KafkaClients.readAll(cluster.bootstrap(), TOPIC).get(0).stream()
                .map(each -> each.value())
                .toList();
    }
}
