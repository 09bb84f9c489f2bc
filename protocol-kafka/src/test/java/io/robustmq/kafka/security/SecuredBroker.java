package io.robustmq.kafka.security;

import io.robustmq.core.login.DelegationTokens;
import io.robustmq.core.login.Logins;
import io.robustmq.core.login.TokenVerifier;
import io.robustmq.core.security.AclAuthorizer;
import io.robustmq.core.security.SecurityEvents;
import io.robustmq.kafka.memory.MemoryBroker;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ScramCredentialInfo;
import org.apache.kafka.clients.admin.ScramMechanism;
import org.apache.kafka.clients.admin.UserScramCredentialUpsertion;

/** A listener that has users once the first is made, checked as in a node. */
final class SecuredBroker implements AutoCloseable {
    final MemoryBroker broker;
    private final ExecutorService workers = Executors.newSingleThreadExecutor();

    SecuredBroker(Map<String, String> settings) throws IOException {
        TokenVerifier tokens = token -> token.equals("good.token.x")
                ? Optional.of(new TokenVerifier.Verified("tina", Long.MAX_VALUE))
                : Optional.empty();
        Map<String, String> all = new HashMap<>(settings);
        all.put("kafka.authentication.failed.delay.ms", "1");
        broker = new MemoryBroker(
                all,
                metaLog -> new AclAuthorizer(
                        () -> metaLog.image().security(), false, Set.of("User:boss"), SecurityEvents.NONE),
                metaLog -> new Logins(new Logins.Setup(
                        () -> metaLog.image().security(),
                        () -> !metaLog.image().security().users().isEmpty(),
                        List.of("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER"),
                        tokens,
                        new DelegationTokens("key", 600_000, 60_000, 3, metaLog::image, System::currentTimeMillis),
                        workers,
                        () -> "server-nonce",
                        new byte[] {7},
                        SecurityEvents.NONE)));
    }

    static Properties login(String bootstrap, String mechanism, String user, String password) {
        String module = mechanism.startsWith("SCRAM") ? "scram.ScramLoginModule" : "plain.PlainLoginModule";
        Properties properties = new Properties();
        properties.put("bootstrap.servers", bootstrap);
        properties.put("security.protocol", "SASL_PLAINTEXT");
        properties.put("sasl.mechanism", mechanism);
        properties.put("request.timeout.ms", "5000");
        properties.put("default.api.timeout.ms", "10000");
        properties.put("max.block.ms", "10000");
        properties.put(
                "sasl.jaas.config",
                "org.apache.kafka.common.security." + module + " required username=\"" + user + "\" password=\""
                        + password + "\";");
        return properties;
    }

    Properties login(String mechanism, String user, String password) {
        return login(broker.bootstrap(), mechanism, user, password);
    }

    /** By the admin client; the first without a login. */
    void createUser(Admin admin, String name, String password, ScramMechanism... mechanisms) throws Exception {
        for (ScramMechanism mechanism : mechanisms) {
            admin.alterUserScramCredentials(List.of(
                            new UserScramCredentialUpsertion(name, new ScramCredentialInfo(mechanism, 4096), password)))
                    .all()
                    .get();
        }
    }

    @Override
    public void close() {
        broker.close();
        workers.shutdownNow();
    }
}
