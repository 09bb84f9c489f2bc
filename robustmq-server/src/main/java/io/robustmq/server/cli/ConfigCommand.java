package io.robustmq.server.cli;

import io.robustmq.core.config.ConfigKey;
import io.robustmq.server.config.ConfigLoader.Loaded;
import io.robustmq.server.config.StartRules;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What a node would start with, without starting it. */
@Command(name = "config", description = "Shows or checks a node's configuration.", mixinStandardHelpOptions = true)
final class ConfigCommand implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "say what to do: show or validate");
    }

    @Command(
            name = "show",
            description = "Prints every key, its value and where it comes from.",
            mixinStandardHelpOptions = true)
    int show(
            @Mixin ServerOptions options,
            @Mixin OutputOption output,
            @Option(names = "--changed", description = "Only what is not the default.") boolean changed) {
        Loaded config = options.load();
        List<List<Object>> rows = new ArrayList<>();
        for (ConfigKey<?> key : config.keys()) {
            if (!changed || config.values().isSet(key)) {
                rows.add(List.of(key.name(), text(config, key), config.origin(key)));
            }
        }
        output.print(List.of("key", "value", "from"), rows);
        return 0;
    }

    /** Passwords are shown to nobody, as in Kafka's DescribeConfigs. */
    private static String text(Loaded config, ConfigKey<?> key) {
        boolean isSecret = key.name().contains("password") || key.name().contains("credential");
        return isSecret && config.values().isSet(key)
                ? "(hidden)"
                : config.values().text(key);
    }

    @Command(name = "validate", description = "Says whether a node would accept it.", mixinStandardHelpOptions = true)
    int validate(@Mixin ServerOptions options) {
        StartRules.check(options.load().values());
        System.out.println("valid");
        return 0;
    }
}
