package io.robustmq.server.cli;

import io.netty.handler.codec.mqtt.MqttPublishMessage;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Publishing and subscribing by MQTT 5, and what operators do with clients. */
@Command(name = "mqtt", description = "Publishes and subscribes by MQTT; shows, disconnects and bans clients.")
final class MqttCommand extends MqttClientsCommands implements Runnable {
    private static final int IN_FLIGHT_MAX = 100;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(),
                "say what to do: pub, sub, clients, sessions, subscriptions, kick, ban, unban, bans, slow, delayed, trace or traces");
    }

    @Command(name = "pub", description = "Publishes -m, or else each line of standard input.")
    int publish(
            @Mixin MqttOption mqtt,
            @Option(names = "--help", usageHelp = true) boolean help,
            @Option(
                            names = {"-t", "--topic"},
                            paramLabel = "TOPIC",
                            required = true)
                    String topic,
            @Option(
                            names = {"-m", "--message"},
                            paramLabel = "TEXT")
                    @Nullable
                    String message,
            @Option(
                            names = {"-r", "--retain"},
                            description = "Keep it for those who subscribe later.")
                    boolean retain)
            throws IOException {
        try (MqttSession session = mqtt.connect(received -> {})) {
            if (message != null) {
                session.publish(topic, message, mqtt.qos(), retain).join();
                return 0;
            }
            Deque<CompletableFuture<Void>> inFlight = new ArrayDeque<>();
            BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                inFlight.add(session.publish(topic, line, mqtt.qos(), retain));
                if (inFlight.size() >= IN_FLIGHT_MAX) {
                    inFlight.remove().join();
                }
            }
            inFlight.forEach(CompletableFuture::join);
        }
        return 0;
    }

    @Command(name = "sub", description = "Prints what is published under topic filters.")
    int subscribe(
            @Mixin MqttOption mqtt,
            @Option(names = "--help", usageHelp = true) boolean help,
            @Option(
                            names = {"-t", "--topic"},
                            paramLabel = "FILTER",
                            required = true)
                    List<String> filters,
            @Option(
                            names = {"-v", "--verbose"},
                            description = "Print the topic before each message.")
                    boolean verbose,
            @Option(
                            names = {"-n", "--count"},
                            paramLabel = "N",
                            description = "Exit after N messages.",
                            defaultValue = "0")
                    int count) {
        CountDownLatch remaining = new CountDownLatch(count);
        try (MqttSession session = mqtt.connect(message -> print(message, verbose, count, remaining))) {
            session.subscribe(filters, mqtt.qos()).join();
            CompletableFuture<Void> done =
                    count == 0 ? new CompletableFuture<>() : CompletableFuture.runAsync(() -> await(remaining));
            CompletableFuture.anyOf(done, session.ended()).join();
        }
        return 0;
    }

    private static void print(MqttPublishMessage message, boolean verbose, int count, CountDownLatch remaining) {
        if (count > 0 && remaining.getCount() == 0) {
            return;
        }
        String text = message.payload().toString(StandardCharsets.UTF_8);
        System.out.println(verbose ? message.variableHeader().topicName() + " " + text : text);
        System.out.flush();
        remaining.countDown();
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
