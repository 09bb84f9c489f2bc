package io.robustmq.core.security;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What all rules of one principal about one resource pattern say: bits of operations. Not changed once it is asked. */
final class Grants {
    static final int NOTHING = 0;
    static final int ALLOWED = 1;
    static final int DENIED = 2;

    private static final int EVERY_OPERATION = (1 << Operation.ALL.ordinal()) - 1;

    private int allowed;
    private int denied;
    private @Nullable Map<String, Grants> byHost;

    void add(AclBinding binding) {
        if (binding.host().equals(AclBinding.ANY)) {
            if (binding.allow()) {
                allowed |= allows(binding.operation());
            } else {
                denied |= denies(binding.operation());
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
        int bit = 1 << operation.ordinal();
        int verdict = ((allowed & bit) == 0 ? NOTHING : ALLOWED) | ((denied & bit) == 0 ? NOTHING : DENIED);
        if (byHost != null) {
            Grants there = byHost.get(host);
            verdict |= there == null ? NOTHING : there.verdict(operation, host);
        }
        return verdict;
    }

    /** An allowed operation brings along what nobody could use it without; a denied one does not. */
    private static int allows(Operation operation) {
        return switch (operation) {
            case READ, WRITE, DELETE, ALTER -> bit(operation) | bit(Operation.DESCRIBE);
            case ALTER_CONFIGS -> bit(operation) | bit(Operation.DESCRIBE_CONFIGS);
            case ALL -> EVERY_OPERATION;
            case CREATE, DESCRIBE, CLUSTER_ACTION, DESCRIBE_CONFIGS, IDEMPOTENT_WRITE -> bit(operation);
        };
    }

    private static int denies(Operation operation) {
        return operation == Operation.ALL ? EVERY_OPERATION : bit(operation);
    }

    private static int bit(Operation operation) {
        return 1 << operation.ordinal();
    }
}
