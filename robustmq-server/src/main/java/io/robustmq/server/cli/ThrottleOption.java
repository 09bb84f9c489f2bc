package io.robustmq.server.cli;

import io.robustmq.core.config.ConfigKey;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** How fast replicas are copied. */
final class ThrottleOption {
    private static final ConfigKey<Long> RATE =
            ConfigKey.bytes("--throttle", 0).min(0).doc("Bytes a second.");

    @Spec(Spec.Target.MIXEE)
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Option(
            names = "--throttle",
            paramLabel = "BYTES",
            description = "What each node sends and fetches for it, a second (KiB, MiB, GiB); 0: as fast as it goes."
                    + " Default: ${DEFAULT-VALUE}.",
            defaultValue = "50MiB")
    @SuppressWarnings("NullAway.Init")
    private String rate;

    /** 0 for none. */
    long bytesPerSecond() {
        try {
            return RATE.parse(rate);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
    }
}
