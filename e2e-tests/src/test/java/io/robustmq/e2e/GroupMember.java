package io.robustmq.e2e;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;

/**
 * A consumer in a group: on a thread of its own here, or as a process of its own by {@link #main} so that it can be killed.
 * Commits after each poll; prints its partitions whenever they change.
 */
final class GroupMember implements AutoCloseable {
    static final String CLASSIC = "classic";
    static final String CONSUMER = "consumer";

    private final KafkaConsumer<String, String> consumer;
    private final String topic;
    private final boolean reads;
    private final Queue<ConsumerRecord<String, String>> records = new ConcurrentLinkedQueue<>();
    private final Thread thread = new Thread(this::run, "group member");
    private volatile Set<TopicPartition> assigned = Set.of();
    private volatile boolean stopped;

    private GroupMember(String bootstrap, String group, String topic, String protocol, boolean reads) {
        this.topic = topic;
        this.reads = reads;
        var config = new HashMap<String, Object>();
        config.put("bootstrap.servers", bootstrap);
        config.put("group.id", group);
        config.put("auto.offset.reset", "earliest");
        config.put("enable.auto.commit", false);
        config.put("max.poll.records", 25);
        config.put("reconnect.backoff.max.ms", 200);
        config.put("group.protocol", protocol);
        if (protocol.equals(CLASSIC)) {
            config.put("session.timeout.ms", 6000);
            config.put("heartbeat.interval.ms", 500);
        }
        consumer = new KafkaConsumer<>(config, new StringDeserializer(), new StringDeserializer());
        thread.start();
    }

    static GroupMember join(BrokerProcess broker, String group, String topic) {
        return join(broker, group, topic, CLASSIC);
    }

    /** By either protocol. */
    static GroupMember join(BrokerProcess broker, String group, String topic, String protocol) {
        return join(broker.kafka(), group, topic, protocol);
    }

    static GroupMember join(String bootstrap, String group, String topic, String protocol) {
        return new GroupMember(bootstrap, group, topic, protocol, true);
    }

    /** Joins in a process of its own, and reads nothing from its partitions. */
    static CommandLine joinAsProcess(BrokerProcess broker, String group, String topic) {
        return joinAsProcess(broker, group, topic, CLASSIC);
    }

    /** By either protocol. */
    static CommandLine joinAsProcess(BrokerProcess broker, String group, String topic, String protocol) {
        String java = System.getProperty("java.home") + "/bin/java";
        return CommandLine.start(List.of(
                java,
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                "-Dlogback.configurationFile=" + System.getProperty("logback.configurationFile"),
                GroupMember.class.getName(),
                broker.kafka(),
                group,
                topic,
                protocol));
    }

    public static void main(String[] args) {
        new GroupMember(args[0], args[1], args[2], args[3], false);
    }

    private void run() {
        consumer.subscribe(List.of(topic), new Assignments());
        while (!stopped) {
            var polled = consumer.poll(Duration.ofMillis(50));
            polled.forEach(records::add);
            if (!polled.isEmpty()) {
                consumer.commitSync();
            }
        }
        consumer.close();
    }

    /** Keeps what the test may look at from its own thread. */
    private final class Assignments implements ConsumerRebalanceListener {
        @Override
        public void onPartitionsAssigned(Collection<TopicPartition> added) {
            if (!reads) {
                consumer.pause(added);
            }
            publish();
        }

        @Override
        public void onPartitionsRevoked(Collection<TopicPartition> removed) {
            var rest = new HashSet<>(consumer.assignment());
            rest.removeAll(removed);
            assigned = Set.copyOf(rest);
        }

        private void publish() {
            assigned = Set.copyOf(consumer.assignment());
            var numbers = new TreeSet<Integer>();
            assigned.forEach(each -> numbers.add(each.partition()));
            if (!reads) {
                System.out.println("assigned " + numbers.size() + " " + numbers);
            }
        }
    }

    Set<TopicPartition> assigned() {
        return assigned;
    }

    List<ConsumerRecord<String, String>> records() {
        return List.copyOf(records);
    }

    Map<String, Integer> timesSeen() {
        var times = new HashMap<String, Integer>();
        records.forEach(record -> times.merge(record.value(), 1, Integer::sum));
        return times;
    }

    /** Leaves the group. */
    @Override
    public void close() {
        stopped = true;
        try {
            thread.join(TimeUnit.SECONDS.toMillis(30));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
