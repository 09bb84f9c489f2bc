package io.robustmq.kafka.handler;

import io.robustmq.core.security.Operation;
import io.robustmq.kafka.server.KafkaRequest;
import java.util.List;
import java.util.Set;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/** Changes the levels of this node's loggers, for as long as it runs (KIP-412). Immutable. */
final class LoggerChanges {
    private static final Set<String> LEVELS = Set.of("TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL", "OFF");

    private final String node;
    private final Loggers loggers;
    private final Access access;

    LoggerChanges(KafkaContext context, Access access) {
        this.node = String.valueOf(context.nodeId());
        this.loggers = context.loggers();
        this.access = access;
    }

    /** All of them, or none and the reason. */
    void alter(
            KafkaRequest request,
            ConfigChanges.Resource resource,
            List<ConfigChanges.Change> changes,
            ConfigChanges.Outcome outcome) {
        if (!access.cluster(request.principal(), Operation.ALTER_CONFIGS)) {
            outcome.told(Errors.CLUSTER_AUTHORIZATION_FAILED, Errors.CLUSTER_AUTHORIZATION_FAILED.message());
            return;
        }
        if (!resource.name().equals(node)) {
            outcome.told(Errors.INVALID_REQUEST, "Ask the node itself.");
            return;
        }
        Set<String> known = loggers.levels().keySet();
        for (ConfigChanges.Change change : changes) {
            Errors refusal = refusal(change, known);
            if (refusal != Errors.NONE) {
                outcome.told(refusal, change.key() + ": cannot be set to " + change.value());
                return;
            }
        }
        if (!resource.validateOnly()) {
            for (ConfigChanges.Change change : changes) {
                set(change);
            }
        }
    }

    private Errors refusal(ConfigChanges.Change change, Set<String> known) {
        boolean reset = change.operation() == ConfigChanges.DELETE;
        if ((!reset && change.operation() != ConfigChanges.SET)
                || (reset && change.key().equals(Loggers.ROOT))) {
            return Errors.INVALID_REQUEST;
        }
        String level = change.value();
        boolean possible = known.contains(change.key()) && (reset || (level != null && LEVELS.contains(level)));
        return possible ? Errors.NONE : Errors.INVALID_CONFIG;
    }

    private void set(ConfigChanges.Change change) {
        @Nullable String level = change.operation() == ConfigChanges.DELETE ? null : change.value();
        if (!loggers.set(change.key(), level)) {
            throw new IllegalStateException("the logger " + change.key() + " is gone");
        }
    }
}
