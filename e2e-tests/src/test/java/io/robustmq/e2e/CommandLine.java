package io.robustmq.e2e;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;

/** A command-line tool that runs as a process; what it prints is collected from both of its outputs. */
public final class CommandLine implements AutoCloseable {
    private static final Duration EXIT_DEADLINE = Duration.ofMinutes(2);

    private final List<String> command;
    private final Process process;
    private final Queue<String> lines = new ConcurrentLinkedQueue<>();
    private final Thread reader;

    private CommandLine(List<String> command, Process process) {
        this.command = command;
        this.process = process;
        reader = new Thread(this::collect, "output of " + command.get(0));
        reader.setDaemon(true);
    }

    public static boolean isInstalled(String tool) {
        return Arrays.stream(System.getenv("PATH").split(":", -1))
                .anyMatch(directory -> Files.isExecutable(Path.of(directory, tool)));
    }

    public static CommandLine start(String... command) {
        return start(List.of(command));
    }

    public static CommandLine start(List<String> command) {
        try {
            var process = new ProcessBuilder(command).redirectErrorStream(true).start();
            var tool = new CommandLine(List.copyOf(command), process);
            tool.reader.start();
            return tool;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Runs the tool to its end and returns what it printed; an exit code other than 0 is a failure. */
    public static String run(String... command) {
        return runWithInput("", command);
    }

    public static String runWithInput(String input, String... command) {
        try (var tool = start(command)) {
            tool.write(input);
            int exitCode = tool.awaitExit();
            if (exitCode != 0) {
                throw new AssertionError(tool.command + " exited with " + exitCode + ": " + tool.output());
            }
            return tool.output();
        }
    }

    public static boolean succeeds(List<String> command) {
        try (var tool = start(command)) {
            return tool.awaitExit() == 0;
        }
    }

    private void write(String input) {
        try (var stdin = process.getOutputStream()) {
            stdin.write(input.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void collect() {
        try (BufferedReader output = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = output.readLine(); line != null; line = output.readLine()) {
                lines.add(line + "\n");
            }
        } catch (IOException e) {
            lines.add("(output lost: " + e.getMessage() + ")\n");
        }
    }

    public int awaitExit() {
        try {
            if (!process.waitFor(EXIT_DEADLINE.toSeconds(), TimeUnit.SECONDS)) {
                throw new AssertionError(command + " does not end: " + output());
            }
            reader.join(EXIT_DEADLINE.toMillis());
            return process.exitValue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    /** However long it takes; the test's own time-out ends it. */
    public int awaitEnd() {
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
        return awaitExit();
    }

    public void awaitOutput(String text) {
        Await.until(command.get(0) + " prints '" + text + "'", () -> {
            if (!process.isAlive() && !reader.isAlive() && !output().contains(text)) {
                throw new AssertionError(command + " ended without '" + text + "': " + output());
            }
            return output().contains(text);
        });
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    public String output() {
        return String.join("", lines);
    }

    public void kill9() {
        process.destroyForcibly();
        awaitExit();
    }

    @Override
    public void close() {
        if (process.isAlive()) {
            kill9();
        }
    }
}
