package io.robustmq.kafka.handler;

import io.robustmq.core.config.ConfigKey;
import io.robustmq.core.config.TopicSettings;
import io.robustmq.core.meta.ConfigScope;
import io.robustmq.core.meta.MetaCommand;
import io.robustmq.core.meta.MetaReply;
import io.robustmq.core.meta.TopicImage;
import io.robustmq.core.model.TopicName;
import io.robustmq.core.port.MetaLog;
import io.robustmq.core.security.Operation;
import io.robustmq.kafka.ErrorCodes;
import io.robustmq.kafka.server.KafkaRequest;
import io.robustmq.kafka.telemetry.MetricsSubscription;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/**
 * Changes of one resource's configuration, from either of the two APIs: checked as a whole against what would come out,
 * then logged as a whole.
 */
final class ConfigChanges {
    static final byte SET = 0;
    static final byte DELETE = 1;
    private static final byte APPEND = 2;
    private static final byte SUBTRACT = 3;

    private final MetaLog metaLog;
    private final Access access;
    private final ConfigResources resources;
    private final LoggerChanges loggers;

    ConfigChanges(KafkaContext context) {
        this.metaLog = context.metaLog();
        this.access = new Access(context.authorizer());
        this.resources = new ConfigResources(context);
        this.loggers = new LoggerChanges(context, access);
    }

    /** Sets, deletes, appends and subtracts. */
    void alter(KafkaRequest request, Resource resource, List<Change> changes, Pending pending, Outcome outcome) {
        if (resource.type() == ConfigResources.LOGGER) {
            loggers.alter(request, resource, changes, outcome);
            pending.done();
            return;
        }
        Target target = target(request, resource, outcome);
        if (target == null) {
            pending.done();
            return;
        }
        Map<String, String> next = new HashMap<>(target.configs());
        List<MetaCommand.ConfigChange> resolved = new ArrayList<>();
        Set<String> seen = new LinkedHashSet<>();
        for (Change change : changes) {
            Errors malformed = seen.add(change.key()) ? malformed(change) : Errors.INVALID_REQUEST;
            String reason = malformed == Errors.NONE
                    ? apply(target, next, change)
                    : change.key() + ": changed twice, without a value, or by an unknown operation";
            if (!reason.isEmpty()) {
                outcome.told(malformed == Errors.NONE ? refusal(resource.type(), reason) : malformed, reason);
                pending.done();
                return;
            }
            resolved.add(new MetaCommand.ConfigChange(change.key(), next.get(change.key())));
        }
        submit(resource, target, next, resolved, pending, outcome);
    }

    private static Errors malformed(Change change) {
        boolean known = change.operation() >= SET && change.operation() <= SUBTRACT;
        boolean complete = change.operation() == DELETE || change.value() != null;
        return known && complete ? Errors.NONE : Errors.INVALID_REQUEST;
    }

    /** Sets the given values, none of them null, and resets all others to their defaults. */
    void replace(
            KafkaRequest request, Resource resource, Map<String, String> values, Pending pending, Outcome outcome) {
        Target target = target(request, resource, outcome);
        if (target == null) {
            pending.done();
            return;
        }
        List<MetaCommand.ConfigChange> resolved = new ArrayList<>();
        values.forEach((key, value) -> resolved.add(new MetaCommand.ConfigChange(key, value)));
        for (String key : target.configs().keySet()) {
            if (!values.containsKey(key)) {
                resolved.add(new MetaCommand.ConfigChange(key, null));
            }
        }
        submit(resource, target, values, resolved, pending, outcome);
    }

    /** A subscription is a request that cannot be, except for what it has to match. */
    private static Errors refusal(byte type, String reason) {
        boolean request = type == ConfigResources.CLIENT_METRICS && !reason.startsWith(MetricsSubscription.MATCHING);
        return request ? Errors.INVALID_REQUEST : Errors.INVALID_CONFIG;
    }

    private void submit(
            Resource resource,
            Target target,
            Map<String, String> next,
            List<MetaCommand.ConfigChange> changes,
            Pending pending,
            Outcome outcome) {
        String reason =
                switch (resource.type()) {
                    case ConfigResources.TOPIC -> TopicConfigs.check(next);
                    case ConfigResources.CLIENT_METRICS -> ClientMetricsResource.check(next);
                    default -> check(target, changes);
                };
        if (!reason.isEmpty()) {
            outcome.told(refusal(resource.type(), reason), reason);
            pending.done();
            return;
        }
        String fixed = fixed(target, changes);
        if (!fixed.isEmpty()) {
            outcome.told(Errors.INVALID_REQUEST, fixed + " cannot change while the node runs");
            pending.done();
            return;
        }
        MetaCommand.AlterConfigs command =
                new MetaCommand.AlterConfigs(target.scope(), changes, resource.validateOnly());
        pending.track(metaLog.submit(command), reply -> {
            if (reply instanceof MetaReply.Refused refused) {
                outcome.told(ErrorCodes.of(refused.error()), refused.message());
            }
        });
    }

    private @Nullable Target target(KafkaRequest request, Resource resource, Outcome outcome) {
        String name = resource.name();
        if (resource.type() == ConfigResources.TOPIC) {
            TopicImage topic = metaLog.image().topic(name);
            if (!access.topic(request.principal(), Operation.ALTER_CONFIGS, name)) {
                outcome.told(Errors.TOPIC_AUTHORIZATION_FAILED, Errors.TOPIC_AUTHORIZATION_FAILED.message());
                return null;
            }
            if (!TopicName.isLegal(name)) {
                outcome.told(
                        name.isEmpty() ? Errors.INVALID_REQUEST : Errors.INVALID_TOPIC_EXCEPTION,
                        "The topic name is not legal.");
                return null;
            }
            if (topic == null) {
                outcome.told(Errors.UNKNOWN_TOPIC_OR_PARTITION, "There is no such topic.");
                return null;
            }
            return new Target(ConfigScope.topic(name), topic.configs(), TopicSettings.keys());
        }
        if (resource.type() == ConfigResources.GROUP) {
            return group(request, name, outcome);
        }
        boolean clientMetrics = resource.type() == ConfigResources.CLIENT_METRICS;
        if (resource.type() != ConfigResources.NODE && !clientMetrics) {
            outcome.told(Errors.INVALID_REQUEST, "There is no configuration of this type.");
            return null;
        }
        if (!access.cluster(request.principal(), Operation.ALTER_CONFIGS)) {
            outcome.told(Errors.CLUSTER_AUTHORIZATION_FAILED, Errors.CLUSTER_AUTHORIZATION_FAILED.message());
            return null;
        }
        if (clientMetrics) {
            return clientMetrics(name, outcome);
        }
        if (!name.isEmpty() && !resources.isThisNode(name)) {
            outcome.told(Errors.INVALID_REQUEST, "Ask the node itself.");
            return null;
        }
        ConfigScope scope = ConfigResources.node(name);
        return new Target(scope, metaLog.image().configs(scope), resources.nodeKeys());
    }

    private @Nullable Target clientMetrics(String name, Outcome outcome) {
        if (name.isEmpty()) {
            outcome.told(Errors.INVALID_REQUEST, "The subscription has no name.");
            return null;
        }
        ConfigScope scope = MetricsSubscription.scope(name);
        return new Target(scope, metaLog.image().configs(scope), ClientMetricsResource.keys());
    }

    private @Nullable Target group(KafkaRequest request, String groupId, Outcome outcome) {
        if (!access.group(request.principal(), Operation.ALTER_CONFIGS, groupId)) {
            outcome.told(Errors.GROUP_AUTHORIZATION_FAILED, Errors.GROUP_AUTHORIZATION_FAILED.message());
            return null;
        }
        if (groupId.isEmpty()) {
            outcome.told(Errors.INVALID_REQUEST, "The group has no name.");
            return null;
        }
        ConfigScope scope = GroupResource.scope(groupId);
        return new Target(scope, metaLog.image().configs(scope), GroupResource.keys());
    }

    /** Puts the outcome into {@code next}; the reason if it cannot be, else empty. */
    private static String apply(Target target, Map<String, String> next, Change change) {
        String value = change.value();
        if (change.operation() == DELETE || value == null) {
            next.remove(change.key());
            return "";
        }
        ConfigKey<?> key = target.keys().get(change.key());
        if (key == null) {
            return "unknown key " + change.key();
        }
        if (change.operation() == SET) {
            next.put(change.key(), value);
            return "";
        }
        if (key.type() != ConfigKey.Type.LIST) {
            return change.key() + " is not a list";
        }
        String present = next.getOrDefault(change.key(), key.defaultText());
        Set<String> items = new LinkedHashSet<>(items(present));
        if (change.operation() == APPEND) {
            items.addAll(items(value));
        } else {
            items.removeAll(items(value));
        }
        next.put(change.key(), String.join(",", items));
        return "";
    }

    private static List<String> items(String text) {
        return text.isEmpty() ? List.of() : Arrays.asList(text.split("\\s*,\\s*", -1));
    }

    /** The first key of a node that is read when the node starts and never again; empty when there is none. */
    private static String fixed(Target target, List<MetaCommand.ConfigChange> changes) {
        if (target.scope().kind() == ConfigScope.Kind.NODE) {
            for (MetaCommand.ConfigChange change : changes) {
                ConfigKey<?> key = target.keys().get(change.key());
                if (key != null && !key.reloadable()) {
                    return key.name();
                }
            }
        }
        return "";
    }

    private static String check(Target target, List<MetaCommand.ConfigChange> changes) {
        for (MetaCommand.ConfigChange change : changes) {
            String value = change.value();
            if (value != null) {
                ConfigKey<?> key = target.keys().get(change.key());
                if (key == null) {
                    return "unknown key " + change.key();
                }
                try {
                    key.parse(value);
                } catch (IllegalArgumentException e) {
                    return String.valueOf(e.getMessage());
                }
            }
        }
        return "";
    }

    /** What a request names: twice is once too often. */
    record Name(byte type, String name) {}

    /** What is configured, by Kafka's code of its type. */
    record Resource(byte type, String name, boolean validateOnly) {}

    /** One change, by Kafka's code of the operation. */
    record Change(String key, byte operation, @Nullable String value) {}

    private record Target(ConfigScope scope, Map<String, String> configs, Map<String, ConfigKey<?>> keys) {}

    /** Told why a resource is not changed. */
    @FunctionalInterface
    interface Outcome {
        void told(Errors error, String message);
    }
}
