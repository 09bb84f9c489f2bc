package io.robustmq.server.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.ListTopicsOptions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.admin.TopicListing;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionInfo;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Topics, by the Kafka admin client. */
@Command(name = "topic", description = "Creates, lists, describes and deletes topics.", mixinStandardHelpOptions = true)
final class TopicCommand implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "say what to do: create, list, describe or delete");
    }

    @Command(name = "create", description = "Creates a topic.", mixinStandardHelpOptions = true)
    int create(
            @Mixin KafkaOption kafka,
            @Parameters(paramLabel = "TOPIC") String topic,
            @Option(
                            names = {"-p", "--partitions"},
                            description = "Default: the broker's.")
                    Optional<Integer> partitions,
            @Option(
                            names = {"-r", "--replication"},
                            description = "Default: the broker's.")
                    Optional<Short> replication,
            @Option(names = "--config", paramLabel = "KEY=VALUE", description = "Topic configuration.")
                    Map<String, String> configs)
            throws ExecutionException, InterruptedException {
        try (Admin admin = kafka.admin()) {
            NewTopic wanted = new NewTopic(topic, partitions, replication);
            wanted.configs(configs == null ? Map.of() : configs);
            KafkaOption.await(admin.createTopics(List.of(wanted)).all());
        }
        System.out.println("created " + topic);
        return 0;
    }

    @Command(name = "delete", description = "Deletes topics and what they hold.", mixinStandardHelpOptions = true)
    int delete(@Mixin KafkaOption kafka, @Parameters(paramLabel = "TOPIC", arity = "1..*") List<String> topics)
            throws ExecutionException, InterruptedException {
        try (Admin admin = kafka.admin()) {
            KafkaOption.await(admin.deleteTopics(topics).all());
        }
        topics.forEach(topic -> System.out.println("deleted " + topic));
        return 0;
    }

    @Command(name = "list", description = "Lists topics.", mixinStandardHelpOptions = true)
    int list(
            @Mixin KafkaOption kafka,
            @Mixin OutputOption output,
            @Option(names = "--internal", description = "The broker's own topics too.") boolean internal)
            throws ExecutionException, InterruptedException {
        List<List<Object>> rows = new ArrayList<>();
        try (Admin admin = kafka.admin()) {
            TreeSet<String> names = new TreeSet<>();
            ListTopicsOptions options = new ListTopicsOptions().listInternal(internal);
            for (TopicListing listing :
                    KafkaOption.await(admin.listTopics(options).listings())) {
                names.add(listing.name());
            }
            for (TopicDescription topic :
                    new TreeMap<>(KafkaOption.await(admin.describeTopics(names).allTopicNames())).values()) {
                int replicas = topic.partitions().isEmpty()
                        ? 0
                        : topic.partitions().get(0).replicas().size();
                rows.add(List.of(topic.name(), topic.partitions().size(), replicas, topic.isInternal()));
            }
        }
        output.print(List.of("topic", "partitions", "replicas", "internal"), rows);
        return 0;
    }

    @Command(name = "describe", description = "Shows the partitions of a topic.", mixinStandardHelpOptions = true)
    int describe(@Mixin KafkaOption kafka, @Mixin OutputOption output, @Parameters(paramLabel = "TOPIC") String topic)
            throws ExecutionException, InterruptedException {
        List<List<Object>> rows = new ArrayList<>();
        try (Admin admin = kafka.admin()) {
            TopicDescription found = KafkaOption.await(
                            admin.describeTopics(List.of(topic)).allTopicNames())
                    .get(topic);
            if (found == null) {
                throw new CommandException("no topic " + topic);
            }
            Map<TopicPartition, ListOffsetsResultInfo> first = offsets(admin, found, OffsetSpec.earliest());
            Map<TopicPartition, ListOffsetsResultInfo> end = offsets(admin, found, OffsetSpec.latest());
            for (TopicPartitionInfo partition : found.partitions()) {
                TopicPartition id = new TopicPartition(topic, partition.partition());
                Node leader = partition.leader();
                rows.add(List.of(
                        partition.partition(),
                        leader == null ? -1 : leader.id(),
                        ids(partition.replicas()),
                        ids(partition.isr()),
                        offset(first, id),
                        offset(end, id)));
            }
        }
        output.print(List.of("partition", "leader", "replicas", "isr", "first", "end"), rows);
        return 0;
    }

    private static Map<TopicPartition, ListOffsetsResultInfo> offsets(
            Admin admin, TopicDescription topic, OffsetSpec which) throws ExecutionException, InterruptedException {
        Map<TopicPartition, OffsetSpec> wanted = new LinkedHashMap<>();
        for (TopicPartitionInfo partition : topic.partitions()) {
            if (partition.leader() != null) {
                wanted.put(new TopicPartition(topic.name(), partition.partition()), which);
            }
        }
        return KafkaOption.await(admin.listOffsets(wanted).all());
    }

    private static long offset(Map<TopicPartition, ListOffsetsResultInfo> offsets, TopicPartition partition) {
        ListOffsetsResultInfo found = offsets.get(partition);
        return found == null ? -1 : found.offset();
    }

    private static String ids(List<Node> nodes) {
        return String.join(",", nodes.stream().map(Node::idString).toList());
    }
}
