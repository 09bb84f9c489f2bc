package io.robustmq.server.security;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.robustmq.core.model.Principal;
import io.robustmq.core.security.Operation;
import io.robustmq.core.security.ResourceType;
import io.robustmq.core.security.SecurityEvents;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One line per refusal, as long as there are not too many: a client that does not give up must not fill the disk. All are
 * counted. Thread-safe.
 */
public final class AuditLog implements SecurityEvents {
    private static final Logger audit = LoggerFactory.getLogger("audit");
    private static final int LINES_PER_SECOND_MAX = 20;
    private static final int TEXT_MAX = 200;

    private final MeterRegistry registry;
    private final Counter denied;
    private final AtomicLong second = new AtomicLong();
    private final AtomicInteger lines = new AtomicInteger();
    private final AtomicLong leftOut = new AtomicLong();

    public AuditLog(MeterRegistry registry) {
        this.registry = registry;
        this.denied = Counter.builder("robustmq.security.denied")
                .description("Requests refused because the user may not do that")
                .register(registry);
        // So that the names are there before the first failure.
        failures("kafka");
        failures("mqtt");
        failures("admin");
    }

    @Override
    public void denied(Principal principal, Operation operation, ResourceType type, String name) {
        denied.increment();
        if (mayWrite()) {
            audit.warn(
                    "denied principal={} host={} operation={} resource={}:{}",
                    clean(principal.toString()),
                    principal.host(),
                    operation,
                    type,
                    clean(name));
        }
    }

    @Override
    public void loginFailed(String protocol, String address, String mechanism, String user, String reason) {
        failures(protocol).increment();
        if (mayWrite()) {
            audit.warn(
                    "login failed protocol={} client={} mechanism={} user={} reason={}",
                    protocol,
                    address,
                    clean(mechanism),
                    clean(user),
                    reason);
        }
    }

    private Counter failures(String protocol) {
        return Counter.builder("robustmq.security.login.failures")
                .description("Logins that failed")
                .tag("protocol", protocol)
                .register(registry);
    }

    private boolean mayWrite() {
        long now = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime());
        if (second.getAndSet(now) != now) {
            lines.set(0);
            long missing = leftOut.getAndSet(0);
            if (missing > 0) {
                audit.warn("left out lines={}", missing);
            }
        }
        if (lines.incrementAndGet() > LINES_PER_SECOND_MAX) {
            leftOut.incrementAndGet();
            return false;
        }
        return true;
    }

    /** What a client chose must not look like a line of ours. */
    private static String clean(String text) {
        StringBuilder clean = new StringBuilder();
        for (int i = 0; i < Math.min(text.length(), TEXT_MAX); i++) {
            char c = text.charAt(i);
            clean.append(Character.isISOControl(c) ? '?' : c);
        }
        return clean.toString();
    }
}
