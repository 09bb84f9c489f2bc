package io.robustmq.meta;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.robustmq.core.config.Configuration;
import io.robustmq.core.meta.ConfigScope;
import io.robustmq.core.meta.MetaCommand;
import io.robustmq.core.meta.MetaCommand.AlterConfigs;
import io.robustmq.core.meta.MetaCommand.ConfigChange;
import io.robustmq.core.meta.MetaCommand.RegisterNode;
import io.robustmq.core.meta.MetaReply;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A meta service on its own, for tests: any free port, ready when it is made. */
final class MetaNode implements AutoCloseable {
    final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    final MetaService service;

    private MetaNode(Path directory, int id, Map<String, String> config) {
        this.service = new MetaService(
                MetaConfig.from(new Configuration(MetaConfig.keys(), config)),
                directory,
                id,
                "127.0.0.1",
                UUID::randomUUID,
                meters);
    }

    static MetaNode start(Path directory) throws Exception {
        return start(directory, Map.of("meta.port", "0"));
    }

    static MetaNode start(Path directory, Map<String, String> config) throws Exception {
        MetaNode node = unstarted(directory, config);
        node.service.start();
        node.service.whenReady().get(30, TimeUnit.SECONDS);
        return node;
    }

    static MetaNode unstarted(Path directory, Map<String, String> config) {
        return unstarted(directory, 1, config);
    }

    static MetaNode unstarted(Path directory, int id, Map<String, String> config) {
        return new MetaNode(directory, id, config);
    }

    /** Starts it beside others, which a node without metadata waits for. */
    CompletableFuture<Void> launch() {
        CompletableFuture<Void> started = new CompletableFuture<>();
        Thread thread = new Thread(() -> {
            try {
                service.start();
                started.complete(null);
            } catch (IOException | RuntimeException e) {
                started.completeExceptionally(e);
            }
        });
        thread.setDaemon(true);
        thread.start();
        return started;
    }

    /** Starts all and waits until they are ready. */
    static void startAll(Collection<MetaNode> nodes) throws Exception {
        List<CompletableFuture<Void>> started =
                nodes.stream().map(MetaNode::launch).toList();
        for (CompletableFuture<Void> each : started) {
            each.get(30, TimeUnit.SECONDS);
        }
        for (MetaNode node : nodes) {
            node.service.whenReady().get(30, TimeUnit.SECONDS);
        }
    }

    MetaReply ask(MetaCommand command) throws Exception {
        return service.submit(command).get(30, TimeUnit.SECONDS);
    }

    long register() throws Exception {
        return ((MetaReply.Registered) ask(new RegisterNode(1, "", Map.of("kafka", ":9092")))).incarnationEpoch();
    }

    MetaReply set(ConfigScope scope, String key, String value) throws Exception {
        return ask(new AlterConfigs(scope, List.of(new ConfigChange(key, value)), false));
    }

    @Override
    public void close() throws IOException {
        service.close();
    }
}
