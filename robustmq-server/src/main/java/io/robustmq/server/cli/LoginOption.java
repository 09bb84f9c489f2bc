package io.robustmq.server.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Who the command logs in as. The password is in a file, as arguments are seen by everybody on the machine. */
final class LoginOption {
    @Option(names = "--user", paramLabel = "NAME", description = "Logs in as this user. Default: does not log in.")
    private @Nullable String user;

    @Option(
            names = "--password-file",
            paramLabel = "FILE",
            description = "The file whose first line is the user's password.")
    private @Nullable Path passwordFile;

    /** Somebody and its password. */
    record Login(String user, String password) {}

    Optional<Login> login() {
        if (user == null && passwordFile == null) {
            return Optional.empty();
        }
        if (user == null || passwordFile == null) {
            throw new CommandException("--user and --password-file go together");
        }
        try {
            String password = Files.readString(passwordFile).lines().findFirst().orElse("");
            return Optional.of(new Login(user, password));
        } catch (IOException e) {
            throw new CommandException("cannot read " + passwordFile + ": " + e);
        }
    }
}
