package io.robustmq.e2e;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One broker on one data directory, started, killed and started again. The first start takes free ports; every later one
 * takes the same ports, so that clients find it again. Its output and data stay in {@code target/brokers/NAME} for reading
 * after a failure. Owned by the thread that starts it.
 */
public final class BrokerProcess implements AutoCloseable {
    public static final String HOST = "127.0.0.1";

    private static final Duration READY_DEADLINE = Duration.ofMinutes(3);
    private static final Duration EXIT_DEADLINE = Duration.ofSeconds(30);
    private static final int TAIL_LINES = 60;
    private static final List<String> NEVER_IN_THE_LOG =
            List.of("LEAK:", "AssertionError", "OutOfMemoryError", "NullPointerException", "StackOverflowError");

    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();
    private final Map<String, String> settings = new LinkedHashMap<>();
    private final Map<String, String> environment = new LinkedHashMap<>();
    private final Map<Endpoint, Integer> ports = new EnumMap<>(Endpoint.class);
    private final Path home;
    private Path dataDir;
    private List<String> wrapper = List.of();
    private @Nullable List<String> jvmOptions;
    private String crashPoint = "";
    private String role = "all";
    private String host = HOST;
    private int heapMb = 384;
    private String leakDetection = "paranoid";
    private String authorization = "";
    private @Nullable Process process;
    private long runStart;

    private BrokerProcess(Path home) {
        this.home = home;
        this.dataDir = home.resolve("data");
    }

    /** A broker that is not yet started, on an empty directory of this name. */
    public static BrokerProcess named(String name) {
        var home = Path.of("target", "brokers", name).toAbsolutePath();
        deleteTree(home);
        try {
            Files.createDirectories(home);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new BrokerProcess(home);
    }

    public BrokerProcess set(String key, String value) {
        settings.put(key, value);
        return this;
    }

    /** What the process finds in its environment, besides what is there anyway. */
    public BrokerProcess environment(String name, String value) {
        environment.put(name, value);
        return this;
    }

    BrokerProcess role(String roles) {
        role = roles;
        return this;
    }

    public BrokerProcess heapMb(int megabytes) {
        heapMb = megabytes;
        return this;
    }

    /** Looks for leaks as rarely as in production: for what is measured. */
    public BrokerProcess measured() {
        leakDetection = "simple";
        return this;
    }

    public BrokerProcess dataDir(Path path) {
        dataDir = path;
        return this;
    }

    /** Where it is found, if not on loopback. */
    public BrokerProcess onHost(String address) {
        host = address;
        return this;
    }

    public String host() {
        return host;
    }

    /** Asks the admin HTTP as this user from now on; empty names for nobody. */
    BrokerProcess askingAs(String user, String password) {
        authorization = user.isEmpty()
                ? ""
                : "Basic "
                        + Base64.getEncoder().encodeToString((user + ":" + password).getBytes(StandardCharsets.UTF_8));
        return this;
    }

    /** Runs the broker by this command, which gets the broker's own command line appended. */
    public BrokerProcess wrappedIn(List<String> command) {
        wrapper = List.copyOf(command);
        return this;
    }

    /** Instead of those for a quick start. */
    BrokerProcess jvmOptions(List<String> options) {
        jvmOptions = List.copyOf(options);
        return this;
    }

    /** From the next start on it stands still at this step, and says so; empty: at none. */
    BrokerProcess crashAt(String point) {
        crashPoint = point;
        return this;
    }

    public Path dataDir() {
        return dataDir;
    }

    /** Starts the process and returns once it is ready. */
    public BrokerProcess start() {
        launch();
        awaitReady();
        return this;
    }

    /** Starts the process and does not wait for it. */
    public BrokerProcess launch() {
        if (isAlive()) {
            throw new IllegalStateException("already running: " + home);
        }
        try {
            runStart = Files.exists(logFile()) ? Files.size(logFile()) : 0;
            var builder = new ProcessBuilder(commandLine())
                    .directory(home.toFile())
                    .redirectErrorStream(true)
                    .redirectInput(new File("/dev/null"))
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(logFile().toFile()));
            builder.environment().putAll(environment);
            process = builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return this;
    }

    private List<String> commandLine() {
        var jvm = new ArrayList<>(jvmOptions == null ? BrokerJar.quickStartOptions() : jvmOptions);
        jvm.addAll(List.of("-ea", "-Xmx" + heapMb + "m", "-XX:+ExitOnOutOfMemoryError"));
        jvm.add("-Dio.netty.leakDetection.level=" + leakDetection);
        if (!crashPoint.isEmpty()) {
            jvm.add("-Drobustmq.crash.point=" + crashPoint);
        }
        var arguments = new ArrayList<>(List.of("--role=" + role, "--data-dir", dataDir.toString()));
        for (Endpoint endpoint : Endpoint.values()) {
            if (!settings.containsKey(endpoint.key)) {
                arguments.addAll(List.of("--set", endpoint.key + "=" + ports.getOrDefault(endpoint, 0)));
            }
        }
        settings.forEach((key, value) -> arguments.addAll(List.of("--set", key + "=" + value)));
        var command = new ArrayList<>(wrapper);
        command.addAll(BrokerJar.command(jvm, arguments));
        return command;
    }

    public void awaitReady() {
        Await.until("the broker is ready, see " + logFile(), READY_DEADLINE, () -> {
            if (!isAlive()) {
                throw new AssertionError("the broker exited by itself:\n" + tail());
            }
            if (!ports.containsKey(Endpoint.ADMIN)) {
                NodeReport.adminPort(output()).ifPresent(port -> ports.put(Endpoint.ADMIN, port));
            }
            return ports.containsKey(Endpoint.ADMIN) && get("/health/ready").statusCode() == 200;
        });
        ports.putAll(NodeReport.ports(get("/api/v1/node").body()));
    }

    /** The process dies at once, as by a power cut of its own. */
    public void kill9() {
        running().destroyForcibly();
        awaitExit();
    }

    /** What the process, which does not run, has kept is gone, as with a disk. */
    void loseEverything() {
        deleteTree(dataDir);
    }

    /** The process stands still, with all of its threads when this returns, until it is told to go on. */
    public void pause() {
        signal("-STOP");
        Path threads = Path.of("/proc", Long.toString(pid()), "task");
        if (Files.isDirectory(threads)) {
            // On busy cores they run on for some milliseconds after kill has returned.
            Await.until("all threads of " + pid() + " stand still", () -> allStopped(threads));
        }
    }

    private static boolean allStopped(Path threads) throws IOException {
        try (var each = Files.list(threads)) {
            return each.allMatch(thread -> stateOf(thread) == 'T');
        }
    }

    /** As in proc(5): the state stands behind the name, which is in brackets and may hold some itself. */
    private static char stateOf(Path thread) {
        try {
            String stat = Files.readString(thread.resolve("stat"));
            return stat.charAt(stat.lastIndexOf(')') + 2);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public void goOn() {
        signal("-CONT");
    }

    private void signal(String name) {
        try {
            Process kill = new ProcessBuilder("kill", name, Long.toString(pid()))
                    .inheritIO()
                    .start();
            if (kill.waitFor() != 0) {
                throw new AssertionError("kill " + name + " ended with " + kill.exitValue());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    /** Asks the process to stop and returns its exit code. */
    public int stop() {
        running().destroy();
        return awaitExit();
    }

    /** Asks the process to stop, and leaves the waiting to the caller. */
    void askToStop() {
        running().destroy();
    }

    int awaitExit() {
        try {
            if (!running().waitFor(EXIT_DEADLINE.toSeconds(), TimeUnit.SECONDS)) {
                running().destroyForcibly();
                throw new AssertionError("the broker did not exit in time:\n" + tail());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
        return running().exitValue();
    }

    public boolean isAlive() {
        return process != null && process.isAlive();
    }

    public long pid() {
        return running().pid();
    }

    private Process running() {
        if (process == null) {
            throw new IllegalStateException("never started: " + home);
        }
        return process;
    }

    public int port(Endpoint endpoint) {
        Integer port = ports.get(endpoint);
        if (port == null) {
            throw new AssertionError("the broker reported no port for " + endpoint + ", only " + ports);
        }
        return port;
    }

    /** Of a listener that not every broker has, by the name under which the broker reports it. */
    int reportedPort(String name) {
        return NodeReport.port(get("/api/v1/node").body(), name);
    }

    public String kafka() {
        return host + ":" + port(Endpoint.KAFKA);
    }

    public HttpResponse<String> get(String path) {
        return call("GET", path);
    }

    public HttpResponse<String> call(String method, String path) {
        var uri = URI.create("http://" + host + ":" + port(Endpoint.ADMIN) + path);
        var request = HttpRequest.newBuilder(uri)
                .method(method, HttpRequest.BodyPublishers.noBody())
                .timeout(Duration.ofSeconds(10));
        if (!authorization.isEmpty()) {
            request.header("Authorization", authorization);
        }
        try {
            return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    /** What the process has printed since it was last started. */
    public String output() {
        return readLog(runStart);
    }

    private String readLog(long from) {
        try (var channel = Files.newByteChannel(logFile(), StandardOpenOption.READ)) {
            channel.position(from);
            var bytes = ByteBuffer.allocate((int) Math.max(0, channel.size() - from));
            while (bytes.hasRemaining() && channel.read(bytes) >= 0) {}
            return new String(bytes.array(), 0, bytes.position(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public Path logFile() {
        return home.resolve("broker.log");
    }

    private String tail() {
        List<String> lines = output().lines().toList();
        return String.join("\n", lines.subList(Math.max(0, lines.size() - TAIL_LINES), lines.size()));
    }

    /** Fails if any run printed what only a bug of the broker prints. */
    void assertNoBugInTheLog() {
        Optional<String> bug = readLog(0)
                .lines()
                .filter(line -> NEVER_IN_THE_LOG.stream().anyMatch(line::contains))
                .findFirst();
        if (bug.isPresent()) {
            throw new AssertionError("the broker's log shows a bug: " + bug.get() + "\nsee " + logFile());
        }
    }

    /** Stops the broker if it runs, and fails if its log shows a bug. */
    @Override
    public void close() {
        if (isAlive()) {
            stop();
        }
        if (Files.exists(logFile())) {
            assertNoBugInTheLog();
        }
    }

    static void deleteTree(Path root) {
        if (!Files.exists(root)) {
            return;
        }
        try (var paths = Files.walk(root)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
