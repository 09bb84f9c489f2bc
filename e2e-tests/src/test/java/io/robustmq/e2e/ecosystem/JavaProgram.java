package io.robustmq.e2e.ecosystem;

import io.robustmq.e2e.CommandLine;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Starts a main class in a JVM of its own. */
final class JavaProgram {
    private JavaProgram() {}

    /** With the class path of the tests. */
    static CommandLine start(Class<?> main, String... arguments) {
        return start(System.getProperty("java.class.path"), main.getName(), arguments);
    }

    static CommandLine start(String classPath, String main, String... arguments) {
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-Xmx256m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
        command.add("-Dlogback.configurationFile=" + System.getProperty("logback.configurationFile"));
        command.addAll(List.of("-cp", classPath, main));
        command.addAll(List.of(arguments));
        return CommandLine.start(command);
    }
}
