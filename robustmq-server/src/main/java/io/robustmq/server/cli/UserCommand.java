package io.robustmq.server.cli;

import io.robustmq.core.security.ScramCredential;
import io.robustmq.server.security.SecurityConfig.BootstrapUser;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ScramCredentialInfo;
import org.apache.kafka.clients.admin.ScramMechanism;
import org.apache.kafka.clients.admin.UserScramCredentialAlteration;
import org.apache.kafka.clients.admin.UserScramCredentialDeletion;
import org.apache.kafka.clients.admin.UserScramCredentialUpsertion;
import org.apache.kafka.clients.admin.UserScramCredentialsDescription;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Users, by the Kafka admin client; or, for a node that does not run yet, as a line of its configuration. */
@Command(name = "user", description = "Creates, lists and deletes users.", mixinStandardHelpOptions = true)
final class UserCommand implements Runnable {
    private static final int ITERATIONS = 4096;
    private static final int SALT_BYTES = 24;
    private static final List<ScramMechanism> BOTH =
            List.of(ScramMechanism.SCRAM_SHA_256, ScramMechanism.SCRAM_SHA_512);

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "say what to do: create, list, delete or verifier");
    }

    @Command(
            name = "create",
            description = {
                "Creates a user, or changes its password.",
                "The first user of a cluster may do everything; from then on everybody has to log in."
            },
            mixinStandardHelpOptions = true)
    int create(@Mixin KafkaOption kafka, @Mixin NewPassword source, @Parameters(paramLabel = "NAME") String name)
            throws ExecutionException, InterruptedException {
        String password = source.read();
        List<UserScramCredentialAlteration> changes = new ArrayList<>();
        for (ScramMechanism mechanism : BOTH) {
            changes.add(new UserScramCredentialUpsertion(
                    name, new ScramCredentialInfo(mechanism, ITERATIONS), password.getBytes(StandardCharsets.UTF_8)));
        }
        try (Admin admin = kafka.admin()) {
            KafkaOption.await(admin.alterUserScramCredentials(changes).all());
        }
        System.out.println("created " + name);
        if (source.isGenerated()) {
            System.out.println("password " + password);
        }
        return 0;
    }

    @Command(name = "delete", description = "Deletes a user.", mixinStandardHelpOptions = true)
    int delete(@Mixin KafkaOption kafka, @Parameters(paramLabel = "NAME") String name)
            throws ExecutionException, InterruptedException {
        try (Admin admin = kafka.admin()) {
            UserScramCredentialsDescription user = KafkaOption.await(
                    admin.describeUserScramCredentials(List.of(name)).description(name));
            List<UserScramCredentialAlteration> changes = new ArrayList<>();
            for (ScramCredentialInfo credential : user.credentialInfos()) {
                changes.add(new UserScramCredentialDeletion(name, credential.mechanism()));
            }
            KafkaOption.await(admin.alterUserScramCredentials(changes).all());
        }
        System.out.println("deleted " + name);
        return 0;
    }

    @Command(name = "list", description = "Lists users.", mixinStandardHelpOptions = true)
    int list(@Mixin KafkaOption kafka, @Mixin OutputOption output) throws ExecutionException, InterruptedException {
        List<List<Object>> rows = new ArrayList<>();
        try (Admin admin = kafka.admin()) {
            new TreeMap<>(KafkaOption.await(admin.describeUserScramCredentials().all()))
                    .forEach((name, user) -> rows.add(List.of(
                            name,
                            String.join(
                                    ",",
                                    user.credentialInfos().stream()
                                            .map(info -> info.mechanism().mechanismName())
                                            .sorted()
                                            .toList()))));
        }
        output.print(List.of("user", "mechanisms"), rows);
        return 0;
    }

    @Command(
            name = "verifier",
            description = {
                "Prints a user as an entry of security.bootstrap.credentials, for a node that does not run yet.",
                "It holds no password, but whoever has it can try passwords against it: keep it as one keeps keys."
            },
            mixinStandardHelpOptions = true)
    int verifier(@Mixin NewPassword source, @Parameters(paramLabel = "NAME") String name) {
        if (name.contains(":") || name.contains(",") || name.isBlank()) {
            throw new CommandException("a name in the configuration has no colon, no comma, and is not blank");
        }
        String password = source.read();
        byte[] salt = new byte[SALT_BYTES];
        new SecureRandom().nextBytes(salt);
        io.robustmq.core.security.ScramMechanism mechanism = io.robustmq.core.security.ScramMechanism.SHA_512;
        ScramCredential credential =
                ScramCredential.of(mechanism, password.getBytes(StandardCharsets.UTF_8), salt, ITERATIONS);
        System.out.println(new BootstrapUser(name, mechanism, credential).toText());
        if (source.isGenerated()) {
            System.err.println("password " + password);
        }
        return 0;
    }
}
