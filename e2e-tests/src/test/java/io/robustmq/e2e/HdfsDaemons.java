package io.robustmq.e2e;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A name node and a data node of Apache Hadoop, each a process of its own, on an empty directory. */
final class HdfsDaemons implements AutoCloseable {
    private static final Duration START_DEADLINE = Duration.ofSeconds(60);
    private static final String NAME_NODE = "org.apache.hadoop.hdfs.server.namenode.NameNode";
    private static final String DATA_NODE = "org.apache.hadoop.hdfs.server.datanode.DataNode";

    private static final String ADMIN = "org.apache.hadoop.hdfs.tools.DFSAdmin";

    private final Path directory;
    private final int port = BrokerCluster.freePorts(1).get(0);
    private final CommandLine dataNode;
    private @Nullable CommandLine nameNode;

    HdfsDaemons(Path directory) {
        this.directory = directory;
        CommandLine.run(command(NAME_NODE, "-format", "-force").toArray(String[]::new));
        dataNode = CommandLine.start(command(DATA_NODE));
        startNameNode();
    }

    /** Where the plug-in is, as the build leaves it. */
    static Path plugin() {
        return Path.of(System.getProperty("hdfs.lib"), "plugin");
    }

    String uri() {
        return "hdfs://127.0.0.1:" + port;
    }

    void startNameNode() {
        CommandLine started = CommandLine.start(command(NAME_NODE));
        nameNode = started;
        Await.until("the name node listens", START_DEADLINE, () -> {
            if (!started.isAlive()) {
                throw new AssertionError("the name node ended: " + started.output());
            }
            return listens();
        });
    }

    /** The streams that the name node takes for being written. What a killed process was about to store has no name yet. */
    List<String> openStreams() {
        return CommandLine.run(command(ADMIN, "-listOpenFiles").toArray(String[]::new))
                .lines()
                .filter(line -> line.contains("/robustmq/streams/"))
                .toList();
    }

    private boolean listens() {
        try (var connection = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return connection.isConnected();
        } catch (IOException refused) {
            return false;
        }
    }

    void killNameNode() {
        if (nameNode != null) {
            nameNode.kill9();
        }
    }

    private List<String> command(String main, String... arguments) {
        String jars = plugin() + "/*:" + Path.of(System.getProperty("hdfs.lib"), "daemons") + "/*";
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                jars,
                main));
        for (String setting : List.of(
                "fs.defaultFS=" + uri(),
                "dfs.replication=1",
                "dfs.namenode.name.dir=" + directory.resolve("names"),
                "dfs.namenode.http-address=127.0.0.1:0",
                "dfs.namenode.safemode.extension=0",
                "dfs.datanode.data.dir=" + directory.resolve("blocks"),
                "dfs.datanode.address=127.0.0.1:0",
                "dfs.datanode.http.address=127.0.0.1:0",
                "dfs.datanode.ipc.address=127.0.0.1:0")) {
            command.addAll(List.of("-D", setting));
        }
        command.addAll(List.of(arguments));
        return command;
    }

    @Override
    public void close() {
        killNameNode();
        dataNode.close();
        BrokerProcess.deleteTree(directory);
    }
}
