package io.robustmq.server.cli;

import io.robustmq.server.config.ConfigException;
import io.robustmq.server.config.ConfigLoader.Loaded;
import io.robustmq.server.config.ServerConfig;
import io.robustmq.server.config.Version;
import io.robustmq.server.logging.LogSetup;
import io.robustmq.server.node.Node;
import io.robustmq.server.node.StartException;
import io.robustmq.server.store.DataDirectory.RefusedException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.concurrent.Callable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Without a subcommand: starts a node in this process. */
@Command(
        name = "robustmq",
        description = "Starts a RobustMQ node, or runs a command against one.",
        mixinStandardHelpOptions = true,
        versionProvider = RootCommand.BuildVersion.class,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:done", "1:it failed", "2:the command line or the configuration is wrong"},
        footer = {"", "Start everything in one process:", "  java -jar robustmq-server.jar --role=all"})
public final class RootCommand implements Callable<Integer> {
    /** The node runs on its own threads; the process must not exit. */
    public static final int KEEPS_RUNNING = -1;

    private static final int FAILED = 1;
    private static final int USAGE = 2;

    private final long startedMs;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Mixin
    private final ServerOptions options = new ServerOptions();

    private RootCommand(long startedMs) {
        this.startedMs = startedMs;
    }

    /** Returns the exit code, or {@link #KEEPS_RUNNING}. */
    public static int run(String[] args, long startedMs) {
        CommandLine line = new CommandLine(new RootCommand(startedMs));
        boolean startsNode = args.length > 0 && Arrays.stream(args).allMatch(RootCommand::isNodeArgument);
        if (!startsNode) {
            // Loading the commands and their clients costs time that a starting node does not have to spend.
            LogSetup.silence();
            line.addSubcommand(new TopicCommand())
                    .addSubcommand(new ProduceCommand())
                    .addSubcommand(new ConsumeCommand())
                    .addSubcommand(new MqttCommand())
                    .addSubcommand(new ClusterCommand())
                    .addSubcommand(new StorageCommand())
                    .addSubcommand(new ConfigCommand())
                    .addSubcommand(new UserCommand());
        }
        line.setExecutionExceptionHandler((failure, command, parsed) -> explain(failure));
        line.setParameterExceptionHandler(RootCommand::explainUsage);
        line.setCaseInsensitiveEnumValuesAllowed(true);
        return line.execute(args);
    }

    private static boolean isNodeArgument(String argument) {
        return !argument.equals("--help")
                && !argument.equals("-h")
                && (argument.startsWith("--") || argument.contains("="));
    }

    @Override
    public Integer call() {
        if (!options.asksForNode()) {
            spec.commandLine().usage(System.out);
            return USAGE;
        }
        Loaded config = options.load();
        LogSetup.level(config.values().get(ServerConfig.LOG_LEVEL));
        Logger log = LoggerFactory.getLogger(RootCommand.class);
        try {
            Node node = Node.start(config.values(), startedMs);
            node.stopOnSignal(config.values().get(ServerConfig.STOP_TIMEOUT_MS));
            System.out.print(node.banner(System.currentTimeMillis()));
            System.out.flush();
            return KEEPS_RUNNING;
        } catch (ConfigException | RefusedException | UncheckedIOException | StartException e) {
            throw e;
        } catch (RuntimeException | Error e) {
            log.error("the node did not start", e);
            return FAILED;
        }
    }

    private static int explain(Exception failure) {
        System.err.println("robustmq: " + Failures.sentence(failure));
        return failure instanceof ConfigException || failure instanceof RefusedException ? USAGE : FAILED;
    }

    private static int explainUsage(ParameterException failure, String[] args) {
        CommandLine command = failure.getCommandLine();
        System.err.println("robustmq: " + failure.getMessage());
        CommandLine.UnmatchedArgumentException.printSuggestions(failure, command.getErr());
        System.err.println("Try: " + command.getCommandSpec().qualifiedName() + " --help");
        return USAGE;
    }

    /** For --version. */
    static final class BuildVersion implements IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {"robustmq " + Version.text()};
        }
    }
}
