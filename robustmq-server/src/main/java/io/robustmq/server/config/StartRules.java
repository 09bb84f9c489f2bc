package io.robustmq.server.config;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What must hold between keys before anything is touched. */
public final class StartRules {
    private static final Set<String> EVERY_ROLE = Set.of("meta", "journal", "broker");

    private StartRules() {}

    public static void check(ServerConfig config) {
        checkRoles(config.roles());
        checkExposure(config);
    }

    private static void checkRoles(List<String> roles) {
        if (roles.equals(List.of("all"))) {
            return;
        }
        for (String role : roles) {
            if (!EVERY_ROLE.contains(role)) {
                throw new ConfigException(
                        "unknown role " + role + ": roles are all, or meta, journal and broker together");
            }
        }
        if (!new HashSet<>(roles).equals(EVERY_ROLE)) {
            throw new ConfigException("--role=" + String.join(",", roles)
                    + ": a process that runs only some of the roles is not supported yet; use --role=all");
        }
    }

    private static void checkExposure(ServerConfig config) {
        if (!config.anonymous() && !isLoopback(config.bind())) {
            throw new ConfigException("bind=" + config.bind()
                    + " would let anybody who reaches this machine read and write everything, as no users are configured;"
                    + " say security.anonymous=true to allow that, or bind 127.0.0.1");
        }
    }

    private static boolean isLoopback(String host) {
        try {
            return InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException e) {
            throw new ConfigException("bind=" + host + ": no such address");
        }
    }
}
