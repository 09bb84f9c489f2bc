package io.robustmq.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** S3Proxy as a process beside the clients, which nodes reach as those reach them, and what is done to it. */
public final class ObjectStorage implements AutoCloseable {
    private static final String PROGRAM = "io.robustmq.storage.s3.S3Program";
    private static final Pattern CONTROL = Pattern.compile("control=(\\d+);");
    private static final Duration START_DEADLINE = Duration.ofSeconds(60);

    private final String endpoint;
    private final CommandLine process;
    private final URI control;

    public ObjectStorage(String host) {
        int port = BrokerCluster.freePorts(1).get(0);
        endpoint = "http://" + host + ":" + port;
        Path built = Path.of(System.getProperty("s3.lib"));
        process = CommandLine.start(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Dlogback.configurationFile=" + System.getProperty("logback.configurationFile"),
                "-cp",
                built.resolve("test-classes") + ":" + built.resolve("classes") + ":" + built.resolve("s3") + "/*",
                PROGRAM,
                host,
                Integer.toString(port)));
        Await.until("the object store is there", START_DEADLINE, () -> {
            if (!process.isAlive()) {
                throw new AssertionError("the object store ended: " + process.output());
            }
            return CONTROL.matcher(process.output()).find();
        });
        Matcher found = CONTROL.matcher(process.output());
        if (!found.find()) {
            throw new AssertionError(process.output());
        }
        control = URI.create("http://127.0.0.1:" + found.group(1) + "/");
    }

    /** Of every node. */
    public Map<String, String> settings() {
        Map<String, String> settings = new HashMap<>(Map.of(
                "remote.storage.store", "s3",
                "remote.storage.s3.bucket", "bucket",
                "remote.storage.s3.prefix", "nemesis",
                "remote.storage.s3.endpoint", endpoint,
                "remote.storage.check.ms", "200",
                "remote.storage.chunk.bytes", "4096",
                "remote.storage.topic.partitions", "3"));
        settings.put("remote.storage.delete.delay.ms", "5000");
        settings.put("storage.linger.ms", "20");
        settings.put("storage.rewrite.ms", "10000");
        settings.put("storage.sweep.interval.ms", "2000");
        return settings;
    }

    public void place(BrokerProcess node) {
        node.environment("AWS_ACCESS_KEY_ID", "identity").environment("AWS_SECRET_ACCESS_KEY", "credential");
    }

    /** From now on; returns how many requests were disturbed so far. */
    public long disturb(String how) {
        try {
            HttpRequest request = HttpRequest.newBuilder(control.resolve(how)).build();
            HttpResponse<String> answer =
                    HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
            return Long.parseLong(answer.body());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    public long heal() {
        return disturb("NONE");
    }

    @Override
    public void close() {
        process.close();
    }
}
