package io.robustmq.e2e.nemesis.load;

import io.robustmq.e2e.KafkaClients;
import io.robustmq.e2e.nemesis.history.Event.Ended;
import io.robustmq.e2e.nemesis.history.Event.Item;
import io.robustmq.e2e.nemesis.history.Event.Outcome;
import io.robustmq.e2e.nemesis.history.Event.Sent;
import io.robustmq.e2e.nemesis.history.History;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;

/** Transactions with one record in each partition, every fifth of which is aborted. One that fails is followed by a producer of the same id. */
public final class TransactionLoad extends Worker {
    private static final int ABORTED_ONE_IN = 5;
    private static final int PACE_MS = 25;

    private final History history;
    private final String bootstrap;
    private final String topic;
    private final int partitions;
    private long number;

    public TransactionLoad(History history, String bootstrap, String topic, int partitions) {
        super("transactions");
        this.history = history;
        this.bootstrap = bootstrap;
        this.topic = topic;
        this.partitions = partitions;
        begin();
    }

    @Override
    void run() {
        Map<String, Object> config = new HashMap<>(Patience.producing());
        config.put("transactional.id", "nemesis-" + topic);
        config.put("transaction.timeout.ms", 20_000);
        // At most the time-out of a transaction.
        config.put("delivery.timeout.ms", 20_000);
        while (!isStopped()) {
            try (var producer = KafkaClients.producer(bootstrap, config)) {
                producer.initTransactions();
                while (!isStopped() && runOne(producer)) {
                    rest(PACE_MS);
                }
            } catch (KafkaException beforeTheFirst) {
                rest(PACE_MS);
            }
        }
    }

    /** Whether the producer may go on: what it was not sure of is decided when the next one begins. */
    private boolean runOne(KafkaProducer<String, String> producer) {
        var item = new Item("txn", number++);
        long began = history.now();
        history.add(new Sent(began, topic, item));
        boolean abort = item.number() % ABORTED_ONE_IN == 0;
        try {
            producer.beginTransaction();
            for (int partition = 0; partition < partitions; partition++) {
                var unused = producer.send(new ProducerRecord<>(topic, partition, null, item.text()));
            }
            if (abort) {
                producer.flush();
                producer.abortTransaction();
            } else {
                producer.commitTransaction();
            }
        } catch (KafkaException e) {
            ended(began, item, abort ? Outcome.ABORTED : Outcome.UNKNOWN);
            return false;
        }
        ended(began, item, abort ? Outcome.ABORTED : Outcome.COMMITTED);
        progressed();
        return true;
    }

    private void ended(long began, Item item, Outcome outcome) {
        long now = history.now();
        history.add(new Ended(now, now - began, topic, item, outcome));
    }
}
