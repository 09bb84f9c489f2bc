package io.robustmq.e2e.ecosystem;

import io.robustmq.e2e.Await;
import io.robustmq.e2e.BrokerProcess;
import io.robustmq.e2e.CommandLine;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A worker of Kafka Connect as a process, distributed, with exactly-once sources; its REST interface is on any free port. */
public final class ConnectWorker implements AutoCloseable {
    private static final Duration READY_DEADLINE = Duration.ofSeconds(90);
    private static final Pattern REST = Pattern.compile("REST server listening at http://127\\.0\\.0\\.1:(\\d+)/");

    private final HttpClient http = HttpClient.newHttpClient();
    private final CommandLine process;
    private final int port;

    private ConnectWorker(CommandLine process, int port) {
        this.process = process;
        this.port = port;
    }

    /** Returns once the worker has joined its group, which is when it lists connectors. */
    static ConnectWorker start(BrokerProcess broker, Path home) throws IOException {
        return start(broker.kafka(), 1, home);
    }

    /** The same, its own topics with so many replicas. */
    public static ConnectWorker start(String bootstrap, int replicas, Path home) throws IOException {
        Path file = Files.createDirectories(home).resolve("connect.properties");
        Files.writeString(file, configuration(bootstrap, replicas));
        CommandLine process = JavaProgram.startKafkas(
                "connect.lib", "org.apache.kafka.connect.cli.ConnectDistributed", file.toString());
        int port = Integer.parseInt(Await.get("the worker's REST interface", READY_DEADLINE, () -> {
            if (!process.isAlive()) {
                throw new AssertionError("the worker ended: " + process.output());
            }
            return REST.matcher(process.output())
                    .results()
                    .map(found -> found.group(1))
                    .findFirst();
        }));
        var worker = new ConnectWorker(process, port);
        Await.until(
                "the worker is in its group",
                READY_DEADLINE,
                () -> worker.get("/connectors").statusCode() == 200);
        return worker;
    }

    private static String configuration(String bootstrap, int replicas) {
        return """
                bootstrap.servers=%1$s
                group.id=connect
                listeners=http://127.0.0.1:0
                plugin.discovery=only_scan
                exactly.once.source.support=enabled
                config.storage.topic=connect-configs
                offset.storage.topic=connect-offsets
                status.storage.topic=connect-status
                config.storage.replication.factor=%2$d
                offset.storage.replication.factor=%2$d
                offset.storage.partitions=3
                status.storage.replication.factor=%2$d
                key.converter=org.apache.kafka.connect.storage.StringConverter
                value.converter=org.apache.kafka.connect.storage.StringConverter
                offset.flush.interval.ms=500
                session.timeout.ms=6000
                heartbeat.interval.ms=1000
                scheduled.rebalance.max.delay.ms=0
                """.formatted(bootstrap, replicas);
    }

    public HttpResponse<String> get(String path) {
        return send(HttpRequest.newBuilder(uri(path)).GET());
    }

    /** Creates the connector or changes its configuration. */
    public void put(String connector, String configuration) {
        HttpResponse<String> response = send(HttpRequest.newBuilder(uri("/connectors/" + connector + "/config"))
                .header("Content-Type", "application/json")
                .PUT(HttpRequest.BodyPublishers.ofString(configuration)));
        if (response.statusCode() / 100 != 2) {
            throw new AssertionError("connector " + connector + ": " + response.body());
        }
    }

    void awaitRunning(String connector) {
        Await.until(connector + " and its task run", READY_DEADLINE, () -> {
            String status = get("/connectors/" + connector + "/status").body();
            if (status.contains("FAILED")) {
                throw new AssertionError(status);
            }
            Matcher running = Pattern.compile("RUNNING").matcher(status);
            return running.results().count() == 2;
        });
    }

    /** As an operator does. */
    public void restartFailed(String connector) {
        String path = "/connectors/" + connector + "/restart?includeTasks=true&onlyFailed=true";
        send(HttpRequest.newBuilder(uri(path)).POST(HttpRequest.BodyPublishers.noBody()));
    }

    private HttpResponse<String> send(HttpRequest.Builder request) {
        try {
            return http.send(request.timeout(Duration.ofSeconds(60)).build(), HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    private URI uri(String path) {
        return URI.create("http://127.0.0.1:" + port + path);
    }

    void kill9() {
        process.kill9();
    }

    public String output() {
        return process.output();
    }

    @Override
    public void close() {
        process.close();
    }
}
