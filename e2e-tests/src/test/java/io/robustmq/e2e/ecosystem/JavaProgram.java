package io.robustmq.e2e.ecosystem;

import io.robustmq.e2e.CommandLine;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Starts a main class in a JVM of its own. */
public final class JavaProgram {
    private JavaProgram() {}

    /** With the class path of the tests. */
    public static CommandLine start(Class<?> main, String... arguments) {
        String logback = "-Dlogback.configurationFile=" + System.getProperty("logback.configurationFile");
        return start(logback, System.getProperty("java.class.path"), main.getName(), arguments);
    }

    /** The same, run by this command, and with what this JVM was told of jars. It ends when its heap is full. */
    public static CommandLine startIn(List<String> wrapper, int heapMb, Class<?> main, String... arguments) {
        var command = new ArrayList<>(wrapper);
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-Xmx" + heapMb + "m", "-XX:+ExitOnOutOfMemoryError"));
        command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
        for (String key : List.of("robustmq.jar", "s3.lib", "connect.lib", "logback.configurationFile")) {
            command.add("-D" + key + "=" + System.getProperty(key));
        }
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
        command.addAll(List.of(arguments));
        return CommandLine.start(command);
    }

    /** With the jars of this directory, and of the tests nothing but their classes. */
    static CommandLine startWith(Path jars, Class<?> main, String... arguments) {
        String classes =
                main.getProtectionDomain().getCodeSource().getLocation().getPath();
        return start("-Dempty", classes + ":" + jars + "/*", main.getName(), arguments);
    }

    /** One of Apache Kafka's own, with the jars that the build has put into the directory this property names. */
    static CommandLine startKafkas(String jarsProperty, String main, String... arguments) {
        Path jars = Path.of(System.getProperty(jarsProperty));
        if (!Files.isDirectory(jars)) {
            throw new AssertionError("no jars of Apache Kafka in " + jars);
        }
        URL log4j = JavaProgram.class.getResource("/kafka-log4j2.properties");
        return start("-Dlog4j2.configurationFile=" + log4j, jars + "/*", main, arguments);
    }

    /** One of the tests' own with the jars of Apache Kafka's tools, which log nothing. */
    static CommandLine startKafkaTools(Class<?> main, String... arguments) {
        Path jars = Path.of(System.getProperty("kafka.lib"));
        String classes =
                main.getProtectionDomain().getCodeSource().getLocation().getPath();
        return start("-Dlog4j2.level=OFF", classes + ":" + jars + "/*", main.getName(), arguments);
    }

    private static CommandLine start(String logging, String classPath, String main, String... arguments) {
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-Xmx256m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
        command.add(logging);
        command.addAll(List.of("-cp", classPath, main));
        command.addAll(List.of(arguments));
        return CommandLine.start(command);
    }
}
