package io.robustmq.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;

/** {@code robustmq storage}, as operators call it. */
public final class StorageTool {
    private StorageTool() {}

    /** What it prints, when it ends with this exit code. */
    public static String run(BrokerProcess broker, int exitCode, String... arguments) {
        try (var tool = start(broker, arguments)) {
            assertThat(tool.awaitExit())
                    .as(() -> List.of(arguments) + ": " + tool.output())
                    .isEqualTo(exitCode);
            return tool.output();
        }
    }

    /** To be closed. */
    public static CommandLine start(BrokerProcess broker, String... arguments) {
        List<String> all = new ArrayList<>(List.of("storage"));
        all.addAll(List.of(arguments));
        all.addAll(List.of("--admin", broker.host() + ":" + broker.port(Endpoint.ADMIN)));
        return CommandLine.start(BrokerJar.command(all.toArray(String[]::new)));
    }
}
