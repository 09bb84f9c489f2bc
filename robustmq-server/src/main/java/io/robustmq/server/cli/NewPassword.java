package io.robustmq.server.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Base64;
import picocli.CommandLine.Option;

/** Where the password of a user that is made comes from. There is no default, and it is never an argument. */
final class NewPassword {
    private static final int GENERATED_BYTES = 24;

    @Option(names = "--password-stdin", description = "Reads the password from the first line of standard input.")
    private boolean fromInput;

    @Option(names = "--generate", description = "Makes a password and prints it, this once.")
    private boolean generate;

    boolean isGenerated() {
        return generate;
    }

    String read() {
        if (fromInput == generate) {
            throw new CommandException("say where the password comes from: --password-stdin or --generate");
        }
        if (generate) {
            byte[] random = new byte[GENERATED_BYTES];
            new SecureRandom().nextBytes(random);
            return Base64.getUrlEncoder().withoutPadding().encodeToString(random);
        }
        try {
            String line = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)).readLine();
            if (line == null || line.isEmpty()) {
                throw new CommandException("standard input has no password");
            }
            return line;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
