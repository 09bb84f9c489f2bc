package io.robustmq.e2e.ecosystem;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.utils.internals.Exit;
import org.jspecify.annotations.Nullable;

/**
 * Runs the commands of a script one after another in this JVM, as Apache Kafka's shell scripts run each in one of its own: with
 * the jars of its tools. Prints each command and what it printed.
 */
final class ToolShell {
    private static final String PACKAGE = "org.apache.kafka.tools.";
    private static final Map<String, String> MAINS = Map.ofEntries(
            Map.entry("kafka-acls", "AclCommand"),
            Map.entry("kafka-broker-api-versions", "BrokerApiVersionsCommand"),
            Map.entry("kafka-cluster", "ClusterTool"),
            Map.entry("kafka-configs", "ConfigCommand"),
            Map.entry("kafka-consumer-groups", "consumer.group.ConsumerGroupCommand"),
            Map.entry("kafka-delete-records", "DeleteRecordsCommand"),
            Map.entry("kafka-features", "FeatureCommand"),
            Map.entry("kafka-get-offsets", "GetOffsetShell"),
            Map.entry("kafka-groups", "GroupsCommand"),
            Map.entry("kafka-leader-election", "LeaderElectionCommand"),
            Map.entry("kafka-log-dirs", "LogDirsCommand"),
            Map.entry("kafka-metadata-quorum", "MetadataQuorumCommand"),
            Map.entry("kafka-producer-perf-test", "ProducerPerformance"),
            Map.entry("kafka-reassign-partitions", "reassign.ReassignPartitionsCommand"),
            Map.entry("kafka-topics", "TopicCommand"),
            Map.entry("kafka-transactions", "TransactionsCommand"),
            Map.entry("kafka-verifiable-consumer", "VerifiableConsumer"));

    private final List<Runnable> shutdownHooks = new ArrayList<>();
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    /** What the command had printed when it ended itself: tools catch what ends them here, and go on. */
    private volatile @Nullable String printedAtExit;

    private ToolShell() {}

    /** The file with the commands, one a line. */
    public static void main(String[] arguments) throws IOException {
        PrintStream out = System.out;
        var shell = new ToolShell();
        Exit.setExitProcedure((code, message) -> shell.exit(code));
        Exit.setHaltProcedure((code, message) -> shell.exit(code));
        Exit.setShutdownHookAdder((name, hook) -> shell.shutdownHooks.add(hook));
        for (String command : Files.readAllLines(Path.of(arguments[0]))) {
            out.print("$ " + command + "\n" + shell.run(List.of(command.split(" +", -1))));
        }
        out.flush();
        Runtime.getRuntime().halt(0);
    }

    private String run(List<String> command) {
        bytes.reset();
        printedAtExit = null;
        var output = new PrintStream(bytes, true, StandardCharsets.UTF_8);
        System.setOut(output);
        System.setErr(output);
        try {
            String[] arguments = command.subList(1, command.size()).toArray(String[]::new);
            Class.forName(PACKAGE + MAINS.get(command.get(0)))
                    .getMethod("main", String[].class)
                    .invoke(null, (Object) arguments);
        } catch (InvocationTargetException e) {
            if (printedAtExit == null) {
                output.println(e.getCause());
                shutDown(1);
            }
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("cannot run " + command, e);
        }
        if (printedAtExit == null) {
            shutDown(0);
        }
        return printedAtExit;
    }

    private void exit(int code) {
        if (printedAtExit == null) {
            shutDown(code);
        }
        throw new IllegalStateException("ended");
    }

    private void shutDown(int code) {
        shutdownHooks.forEach(Runnable::run);
        shutdownHooks.clear();
        printedAtExit = printed(code);
    }

    private String printed(int code) {
        String printed = bytes.toString(StandardCharsets.UTF_8);
        String end = printed.isEmpty() || printed.endsWith("\n") ? "" : "\n";
        return printed + end + (code == 0 ? "" : "exit " + code + "\n");
    }
}
