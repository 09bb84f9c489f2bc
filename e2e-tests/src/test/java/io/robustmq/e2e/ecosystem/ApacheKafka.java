package io.robustmq.e2e.ecosystem;

import io.robustmq.e2e.Await;
import io.robustmq.e2e.BrokerCluster;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Apache Kafka's broker as a process: one combined KRaft node on an empty directory. Owned by the thread that starts it. */
public final class ApacheKafka implements AutoCloseable {
    private static final Duration READY_DEADLINE = Duration.ofSeconds(90);
    private static final String CLUSTER = "MkU3OEVBNTcwNTJENDM2Qg";

    private final Path home;
    private final Process process;
    private final int port;

    private ApacheKafka(Path home, Process process, int port) {
        this.home = home;
        this.process = process;
        this.port = port;
    }

    /** Starts it on an empty directory of this name and returns once it answers. */
    public static ApacheKafka start(String name, String... settings) throws IOException {
        ApacheKafka kafka = launch(name, settings);
        kafka.awaitReady();
        return kafka;
    }

    private static ApacheKafka launch(String name, String... settings) throws IOException {
        var home = Path.of("target", "brokers", name).toAbsolutePath();
        deleteTree(home);
        Files.createDirectories(home);
        List<Integer> ports = BrokerCluster.freePorts(2);
        int port = ports.get(0);
        int controller = ports.get(1);
        Files.writeString(
                home.resolve("server.properties"), configuration(home, port, controller) + String.join("\n", settings));
        Files.writeString(home.resolve("log4j2.properties"), """
                rootLogger.level=warn
                rootLogger.appenderRef.f.ref=F
                appender.f.type=File
                appender.f.name=F
                appender.f.fileName=%s/server.log
                appender.f.layout.type=PatternLayout
                appender.f.layout.pattern=[%%d] %%p %%m (%%c)%%n
                """.formatted(home));
        format(home);
        return new ApacheKafka(
                home,
                start(home, "kafka.Kafka", home.resolve("server.properties").toString()),
                port);
    }

    private static String configuration(Path home, int port, int controller) {
        return """
                process.roles=broker,controller
                node.id=1
                controller.quorum.bootstrap.servers=127.0.0.1:%2$d
                listeners=PLAINTEXT://127.0.0.1:%1$d,CONTROLLER://127.0.0.1:%2$d
                inter.broker.listener.name=PLAINTEXT
                controller.listener.names=CONTROLLER
                listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
                log.dirs=%3$s/logs
                offsets.topic.replication.factor=1
                offsets.topic.num.partitions=2
                transaction.state.log.replication.factor=1
                transaction.state.log.min.isr=1
                transaction.state.log.num.partitions=2
                share.coordinator.state.topic.replication.factor=1
                share.coordinator.state.topic.min.isr=1
                share.coordinator.state.topic.num.partitions=2
                group.initial.rebalance.delay.ms=0
                """.formatted(port, controller, home);
    }

    private static void format(Path home) throws IOException {
        Process format = start(
                home,
                "kafka.tools.StorageTool",
                "format",
                "--standalone",
                "-t",
                CLUSTER,
                "-c",
                home.resolve("server.properties").toString());
        try {
            if (!format.waitFor(READY_DEADLINE.toSeconds(), TimeUnit.SECONDS) || format.exitValue() != 0) {
                format.destroyForcibly();
                throw new AssertionError("cannot format, see " + home);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    private static Process start(Path home, String main, String... arguments) throws IOException {
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-Xmx512m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
        command.add("-Dlog4j2.configurationFile=" + home.resolve("log4j2.properties"));
        // Plugins of the tests last.
        String plugins = Path.of("target", "test-classes").toAbsolutePath().toString();
        command.addAll(List.of("-cp", System.getProperty("kafka.lib") + "/*" + File.pathSeparator + plugins, main));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command)
                .directory(home.toFile())
                .redirectErrorStream(true)
                .redirectInput(new File("/dev/null"))
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        home.resolve("output.log").toFile()))
                .start();
    }

    private void awaitReady() {
        Await.until("Apache Kafka is up, see " + home, READY_DEADLINE, () -> {
            if (!process.isAlive()) {
                throw new AssertionError("Apache Kafka ended by itself, see " + home);
            }
            try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                return socket.isConnected();
            }
        });
    }

    public String bootstrap() {
        return "127.0.0.1:" + port;
    }

    public int port() {
        return port;
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }

    private static void deleteTree(Path root) throws IOException {
        if (Files.exists(root)) {
            try (var paths = Files.walk(root)) {
                paths.sorted(Comparator.reverseOrder()).forEach(path -> {
                    try {
                        Files.delete(path);
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                });
            }
        }
    }
}
