package io.robustmq.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.AbortTransactionSpec;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Transactions as the Java client does them: all of one is seen, or nothing. */
class TransactionIT {
    private static final Duration POLL = Duration.ofMillis(100);
    private static final int KILLS = 3;
    private static BrokerProcess broker;

    @BeforeAll
    static void startBroker() {
        broker = BrokerProcess.named("transactions")
                .set("group.initial.rebalance.delay.ms", "0")
                .start();
    }

    @AfterAll
    static void stopBroker() {
        broker.close();
    }

    @Test
    void abortedRecordsAreThereForReadUncommittedOnly() {
        KafkaClients.createTopic(broker, "outcomes", 2);
        try (var producer = transactional("outcomes")) {
            producer.initTransactions();
            for (int i = 0; i < 6; i++) {
                producer.beginTransaction();
                for (int partition = 0; partition < 2; partition++) {
                    KafkaClients.answer(producer.send(new ProducerRecord<>("outcomes", partition, null, "t" + i)));
                }
                if (i % 2 == 0) {
                    producer.commitTransaction();
                } else {
                    producer.abortTransaction();
                }
            }
        }
        assertThat(valuesOf(readAll("outcomes", "read_committed"))).containsOnly("t0", "t2", "t4");
        assertThat(valuesOf(readAll("outcomes", "read_uncommitted"))).containsOnly("t0", "t1", "t2", "t3", "t4", "t5");
    }

    @Test
    void nothingIsSeenBeforeTheCommitAndAllOfItAfterwards() {
        KafkaClients.createTopic(broker, "atomic", 1);
        var partition = new TopicPartition("atomic", 0);
        try (var producer = transactional("atomic");
                var admin = KafkaClients.admin(broker)) {
            producer.initTransactions();
            producer.beginTransaction();
            send(producer, "atomic", "a", "b");
            var committed = new ListOffsetsOptions(IsolationLevel.READ_COMMITTED);
            var latest = Map.of(partition, OffsetSpec.latest());
            assertThat(KafkaClients.answer(admin.listOffsets(latest, committed).partitionResult(partition))
                            .offset())
                    .isZero();
            assertThat(KafkaClients.answer(admin.listOffsets(latest).partitionResult(partition))
                            .offset())
                    .isEqualTo(2);
            var ongoing = KafkaClients.answer(
                    admin.describeTransactions(List.of("atomic")).description("atomic"));
            assertThat(ongoing.state()).isEqualTo(TransactionState.ONGOING);
            assertThat(ongoing.topicPartitions()).containsExactly(partition);
            assertThat(KafkaClients.answer(
                                    admin.describeProducers(List.of(partition)).partitionResult(partition))
                            .activeProducers())
                    .singleElement()
                    .satisfies(active ->
                            assertThat(active.currentTransactionStartOffset()).hasValue(0));
            assertThat(KafkaClients.answer(admin.listTransactions().all()))
                    .anySatisfy(listed -> assertThat(listed.transactionalId()).isEqualTo("atomic"));
            producer.commitTransaction();
        }
        assertThat(valuesOf(readAll("atomic", "read_committed"))).containsExactly("a", "b");
    }

    @Test
    void secondProducerOfTheSameIdFencesTheFirst() {
        KafkaClients.createTopic(broker, "fenced", 1);
        try (var first = transactional("fenced");
                var second = transactional("fenced")) {
            first.initTransactions();
            first.beginTransaction();
            send(first, "fenced", "first");
            second.initTransactions();
            second.beginTransaction();
            send(second, "fenced", "second");
            assertThatThrownBy(() -> {
                        first.send(new ProducerRecord<>("fenced", 0, null, "late"))
                                .get(30, TimeUnit.SECONDS);
                        first.commitTransaction();
                    })
                    .satisfies(TransactionIT::isFenced);
            second.commitTransaction();
        }
        assertThat(valuesOf(readAll("fenced", "read_committed"))).containsExactly("second");
    }

    @Test
    void transactionThatTakesTooLongIsAbortedAndCannotBeCommitted() {
        KafkaClients.createTopic(broker, "timeout", 1);
        try (var producer = transactional("timeout", Map.of("transaction.timeout.ms", 5_000))) {
            producer.initTransactions();
            producer.beginTransaction();
            send(producer, "timeout", "slow");
            Await.until("the transaction is aborted", () -> {
                try (var admin = KafkaClients.admin(broker)) {
                    return KafkaClients.answer(admin.describeTransactions(List.of("timeout"))
                                    .description("timeout"))
                            .state()
                            .equals(TransactionState.COMPLETE_ABORT);
                }
            });
            assertThatThrownBy(producer::commitTransaction).isInstanceOf(KafkaException.class);
        }
        try (var producer = transactional("timeout")) {
            producer.initTransactions();
            producer.beginTransaction();
            send(producer, "timeout", "in time");
            producer.commitTransaction();
        }
        assertThat(valuesOf(readAll("timeout", "read_committed"))).containsExactly("in time");
    }

    @Test
    void operatorAbortsATransactionByHand() {
        KafkaClients.createTopic(broker, "by-hand", 1);
        var partition = new TopicPartition("by-hand", 0);
        try (var producer = transactional("by-hand");
                var admin = KafkaClients.admin(broker)) {
            producer.initTransactions();
            producer.beginTransaction();
            send(producer, "by-hand", "hanging");
            var active = KafkaClients.answer(
                            admin.describeProducers(List.of(partition)).partitionResult(partition))
                    .activeProducers()
                    .get(0);
            KafkaClients.answer(admin.abortTransaction(new AbortTransactionSpec(
                            partition,
                            active.producerId(),
                            (short) active.producerEpoch(),
                            active.coordinatorEpoch().orElse(0)))
                    .all());
            KafkaClients.answer(admin.fenceProducers(List.of("by-hand")).all());
        }
        assertThat(valuesOf(readAll("by-hand", "read_committed"))).isEmpty();
        assertThat(valuesOf(readAll("by-hand", "read_uncommitted"))).containsExactly("hanging");
    }

    @Test
    void oneCommitAfterAnotherKeepsItsPace() {
        KafkaClients.createTopic(broker, "pace", 1);
        try (var producer = transactional("pace")) {
            producer.initTransactions();
            for (int i = 0; i < 200; i++) {
                producer.beginTransaction();
                var unused = producer.send(new ProducerRecord<>("pace", 0, null, "v" + i));
                // Without it, the client can send the commit before the record: it looks whether any is under way
                // before
                // it takes the lock under which the commit is asked for. With nothing to commit, that is refused for
                // good.
                producer.flush();
                producer.commitTransaction();
            }
        }
        assertThat(valuesOf(readAll("pace", "read_committed")))
                .containsExactlyElementsOf(
                        IntStream.range(0, 200).mapToObj(i -> "v" + i).toList());
    }

    @Test
    void manyBatchesOfOneTransactionStayInOrder() {
        KafkaClients.createTopic(broker, "pipelined", 1);
        try (var producer = transactional("pipelined", Map.of("batch.size", 200))) {
            producer.initTransactions();
            for (int round = 0; round < 5; round++) {
                producer.beginTransaction();
                for (int i = 0; i < 500; i++) {
                    var unused = producer.send(new ProducerRecord<>("pipelined", 0, null, "v" + (round * 500 + i)));
                }
                producer.commitTransaction();
            }
        }
        assertThat(valuesOf(readAll("pipelined", "read_committed")))
                .containsExactlyElementsOf(
                        IntStream.range(0, 2500).mapToObj(i -> "v" + i).toList());
    }

    @Test
    void librdkafkaReadsCommittedRecordsOnly() {
        assumeTrue(CommandLine.isInstalled("kcat"), "kcat is not installed");
        KafkaClients.createTopic(broker, "kcat", 1);
        try (var producer = transactional("kcat")) {
            producer.initTransactions();
            for (String value : List.of("yes", "no", "yes too")) {
                producer.beginTransaction();
                send(producer, "kcat", value);
                if (value.equals("no")) {
                    producer.abortTransaction();
                } else {
                    producer.commitTransaction();
                }
            }
        }
        assertThat(CommandLine.run(
                        "kcat",
                        "-C",
                        "-b",
                        broker.kafka(),
                        "-t",
                        "kcat",
                        "-o",
                        "beginning",
                        "-e",
                        "-q",
                        "-X",
                        "isolation.level=read_committed"))
                .isEqualTo("yes\nyes too\n");
    }

    @Test
    void librdkafkaProducesTransactionsOfTheFirstProtocol() {
        assumeTrue(CommandLine.isInstalled("kcat"), "kcat is not installed");
        KafkaClients.createTopic(broker, "kcat-produced", 1);
        for (String input : List.of("a\nb\n", "c\n")) {
            CommandLine.runWithInput(
                    input,
                    "kcat",
                    "-P",
                    "-b",
                    broker.kafka(),
                    "-t",
                    "kcat-produced",
                    "-p",
                    "0",
                    "-X",
                    "transactional.id=kcat-produced");
        }
        assertThat(valuesOf(readAll("kcat-produced", "read_committed"))).containsExactly("a", "b", "c");
        assertThat(valuesOf(readAll("kcat-produced", "read_uncommitted"))).containsExactly("a", "b", "c");
    }

    /** The whole of exactly-once: what was consumed and what was made of it are one transaction, whatever is killed. */
    @ParameterizedTest
    @ValueSource(strings = {"classic", "consumer"})
    void consumeTransformProduceIsExactlyOnceOverKills(String protocol) {
        int inputs = 400;
        try (var own = BrokerProcess.named("transactions-kill-" + protocol)
                .set("group.initial.rebalance.delay.ms", "0")
                .start()) {
            KafkaClients.createTopic(own, "in", 3);
            KafkaClients.createTopic(own, "out", 3);
            try (var producer = KafkaClients.producer(own, Map.of())) {
                for (int i = 0; i < inputs; i++) {
                    var unused = producer.send(new ProducerRecord<>("in", i % 3, "k" + i % 3, Integer.toString(i)));
                }
                producer.flush();
            }
            try (var transformer = new Transformer(own, "in", "out", protocol)) {
                for (int kill = 1; kill <= KILLS; kill++) {
                    int target = kill * inputs / (KILLS + 1);
                    Await.until("the transformer goes on before kill " + kill, Duration.ofSeconds(60), () -> {
                        transformer.check();
                        return transformer.sent() >= target;
                    });
                    own.kill9();
                    own.start();
                }
                Await.until("all is transformed", Duration.ofMinutes(2), () -> {
                    transformer.check();
                    return readAll(own, "out", "read_committed").values().stream()
                                    .mapToInt(List::size)
                                    .sum()
                            >= inputs;
                });
                // A client that was in the middle of something may not survive a kill; it begins again once, not again
                // and again.
                assertThat(transformer.restarts())
                        .as("lives of the application that ended")
                        .hasSizeLessThanOrEqualTo(KILLS);
            }
            Map<Integer, List<String>> out = readAll(own, "out", "read_committed");
            for (int partition = 0; partition < 3; partition++) {
                int first = partition;
                assertThat(out.get(partition))
                        .containsExactlyElementsOf(IntStream.range(0, inputs)
                                .filter(i -> i % 3 == first)
                                .mapToObj(i -> "made of " + i)
                                .toList());
            }
            try (var admin = KafkaClients.admin(own)) {
                // That a transaction has ended may be told a moment later.
                Await.until(
                        "the offsets of all inputs are committed", () -> committed(admin, "transformers") == inputs);
            }
        }
    }

    private static long committed(Admin admin, String group) {
        Map<TopicPartition, OffsetAndMetadata> offsets =
                KafkaClients.answer(admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata());
        return offsets.values().stream().mapToLong(OffsetAndMetadata::offset).sum();
    }

    private static void isFenced(Throwable failure) {
        Throwable cause = failure instanceof ExecutionException ? failure.getCause() : failure;
        boolean fenced = cause instanceof ProducerFencedException
                || cause instanceof InvalidProducerEpochException
                || cause.getCause() instanceof ProducerFencedException
                || cause.getCause() instanceof InvalidProducerEpochException;
        assertThat(fenced).as("%s", cause).isTrue();
    }

    private static KafkaProducer<String, String> transactional(String id) {
        return transactional(id, Map.of());
    }

    private static KafkaProducer<String, String> transactional(String id, Map<String, ?> overrides) {
        Map<String, Object> config = new HashMap<>(overrides);
        config.put("transactional.id", id);
        return KafkaClients.producer(broker, config);
    }

    private static void send(KafkaProducer<String, String> producer, String topic, String... values) {
        for (String value : values) {
            KafkaClients.answer(producer.send(new ProducerRecord<>(topic, 0, null, value)));
        }
    }

    private static Map<Integer, List<String>> readAll(String topic, String isolation) {
        awaitNoneOpen(topic);
        return readAll(broker, topic, isolation);
    }

    /** That a transaction ends is answered before its markers are in the log. */
    private static void awaitNoneOpen(String topic) {
        try (var admin = KafkaClients.admin(broker)) {
            var latest =
                    KafkaClients.answer(admin.describeTopics(List.of(topic)).allTopicNames())
                            .get(topic)
                            .partitions()
                            .stream()
                            .collect(Collectors.toMap(
                                    each -> new TopicPartition(topic, each.partition()), each -> OffsetSpec.latest()));
            var committed = new ListOffsetsOptions(IsolationLevel.READ_COMMITTED);
            Await.until("all transactions of " + topic + " have ended", () -> {
                var stable =
                        KafkaClients.answer(admin.listOffsets(latest, committed).all());
                var ends = KafkaClients.answer(admin.listOffsets(latest).all());
                return latest.keySet().stream()
                        .allMatch(each ->
                                stable.get(each).offset() == ends.get(each).offset());
            });
        }
    }

    /** Values by partition, up to what the isolation lets see now. */
    static Map<Integer, List<String>> readAll(BrokerProcess from, String topic, String isolation) {
        try (KafkaConsumer<String, String> consumer =
                KafkaClients.consumer(from, Map.of("isolation.level", isolation))) {
            List<TopicPartition> partitions = consumer.partitionsFor(topic, Duration.ofSeconds(10)).stream()
                    .map(info -> new TopicPartition(topic, info.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            Map<Integer, List<String>> values = new HashMap<>();
            partitions.forEach(partition -> values.put(partition.partition(), new ArrayList<>()));
            Await.until("topic " + topic + " is read to " + ends, Duration.ofSeconds(60), () -> {
                for (ConsumerRecord<String, String> record : consumer.poll(POLL)) {
                    values.get(record.partition()).add(record.value());
                }
                return partitions.stream().allMatch(each -> consumer.position(each) >= ends.get(each));
            });
            return values;
        }
    }

    private static List<String> valuesOf(Map<Integer, List<String>> byPartition) {
        return byPartition.values().stream().flatMap(List::stream).toList();
    }
}
