package io.robustmq.server.cli;

import io.robustmq.server.config.AllKeys;
import io.robustmq.server.config.ConfigLoader;
import io.robustmq.server.config.ConfigLoader.Loaded;
import io.robustmq.server.config.ServerConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that make up a node's configuration. */
final class ServerOptions {
    @Option(
            names = "--role",
            paramLabel = "ROLES",
            description = "What this process does: all. Short for --set roles=...")
    private @Nullable String role;

    @Option(names = "--config", paramLabel = "FILE", description = "Configuration file (YAML).")
    private @Nullable Path file;

    @Option(names = "--data-dir", paramLabel = "DIR", description = "Short for --set data.dir=DIR.")
    private @Nullable String dataDir;

    @Option(names = "--set", paramLabel = "KEY=VALUE", description = "Sets any configuration key; wins over all else.")
    private List<String> settings = new ArrayList<>();

    /** Whether anything was said at all: a bare call prints the usage instead of starting a node. */
    boolean asksForNode() {
        return role != null || file != null || dataDir != null || !settings.isEmpty();
    }

    Loaded load() {
        List<String> all = new ArrayList<>();
        if (role != null) {
            all.add(ServerConfig.ROLES.name() + "=" + role);
        }
        if (dataDir != null) {
            all.add(ServerConfig.DATA_DIR.name() + "=" + dataDir);
        }
        all.addAll(settings);
        return new ConfigLoader(AllKeys.list()).load(Optional.ofNullable(file), System.getenv(), all);
    }
}
