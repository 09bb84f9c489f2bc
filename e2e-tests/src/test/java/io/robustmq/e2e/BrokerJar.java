package io.robustmq.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * How the runnable jar is called. The tests start it a hundred times for a few seconds each, so its classes come from an
 * archive that the first start leaves behind, and only the quick compiler runs: a start takes a third of the CPU.
 */
final class BrokerJar {
    private static final Path JAR = Path.of(System.getProperty("robustmq.jar"));
    private static final String QUICK_COMPILER_ONLY = "-XX:TieredStopAtLevel=1";
    private static final List<String> QUICK_START = quickStart();

    private BrokerJar() {}

    /** A command of the jar, as an operator would call it. */
    static List<String> command(String... arguments) {
        return command(QUICK_START, List.of(arguments));
    }

    static List<String> command(List<String> jvmOptions, List<String> arguments) {
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(jvmOptions);
        command.addAll(List.of("-jar", JAR.toString()));
        command.addAll(arguments);
        return command;
    }

    /** What makes the JVM start in less time. */
    static List<String> quickStartOptions() {
        return QUICK_START;
    }

    private static List<String> quickStart() {
        try {
            return List.of(QUICK_COMPILER_ONLY, "-Xshare:auto", "-XX:SharedArchiveFile=" + classArchive());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Of this jar and this JVM; made under a lock, as tests run in several JVMs. */
    private static Path classArchive() throws IOException {
        var directory =
                Files.createDirectories(Path.of("target", "class-archive").toAbsolutePath());
        var archive = directory.resolve("robustmq-" + System.getProperty("java.vm.version") + "-"
                + Files.getLastModifiedTime(JAR).toMillis() + ".jsa");
        try (var lock = FileChannel.open(
                        directory.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                var held = lock.lock()) {
            if (held.isValid() && !Files.exists(archive)) {
                var half = directory.resolve("half.jsa");
                Files.deleteIfExists(half);
                try (var broker = BrokerProcess.named("class-archive")) {
                    broker.jvmOptions(List.of(QUICK_COMPILER_ONLY, "-XX:ArchiveClassesAtExit=" + half))
                            .start();
                }
                Files.move(half, archive, StandardCopyOption.ATOMIC_MOVE);
            }
        }
        return archive;
    }
}
