package io.robustmq.core.security;

import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What all rules of one principal about one resource pattern say of each operation. Not changed once it is asked. */
final class Grants {
    static final int NOTHING = 0;
    static final int ALLOWED = 1;
    static final int DENIED = 2;

    private final EnumSet<Operation> allowed = EnumSet.noneOf(Operation.class);
    private final EnumSet<Operation> denied = EnumSet.noneOf(Operation.class);
    private @Nullable Map<String, Grants> byHost;

    void add(AclBinding binding) {
        if (binding.host().equals(AclBinding.ANY)) {
            if (binding.allow()) {
                allowed.addAll(allows(binding.operation()));
            } else {
                denied.addAll(denies(binding.operation()));
            }
            return;
        }
        if (byHost == null) {
            byHost = new HashMap<>();
        }
        byHost.computeIfAbsent(binding.host(), unused -> new Grants())
                .add(new AclBinding(
                        binding.type(),
                        binding.pattern(),
                        binding.name(),
                        binding.principal(),
                        AclBinding.ANY,
                        binding.operation(),
                        binding.allow()));
    }

    /** {@link #ALLOWED} and {@link #DENIED}, both, either or none. */
    int verdict(Operation operation, String host) {
        int verdict =
                (allowed.contains(operation) ? ALLOWED : NOTHING) | (denied.contains(operation) ? DENIED : NOTHING);
        if (byHost != null) {
            Grants there = byHost.get(host);
            verdict |= there == null ? NOTHING : there.verdict(operation, host);
        }
        return verdict;
    }

    /** An allowed operation brings along what nobody could use it without; a denied one does not. */
    private static Set<Operation> allows(Operation operation) {
        return switch (operation) {
            case READ, WRITE, DELETE, ALTER -> EnumSet.of(operation, Operation.DESCRIBE);
            case ALTER_CONFIGS -> EnumSet.of(operation, Operation.DESCRIBE_CONFIGS);
            case ALL -> EnumSet.allOf(Operation.class);
            case CREATE, DESCRIBE, CLUSTER_ACTION, DESCRIBE_CONFIGS, IDEMPOTENT_WRITE, CREATE_TOKENS, DESCRIBE_TOKENS ->
                EnumSet.of(operation);
        };
    }

    private static Set<Operation> denies(Operation operation) {
        return operation == Operation.ALL ? EnumSet.allOf(Operation.class) : EnumSet.of(operation);
    }
}
