package io.robustmq.meta.fact;

import io.robustmq.core.security.AclBinding;
import io.robustmq.core.security.Operation;
import io.robustmq.core.security.ResourceType;
import io.robustmq.core.security.ScramCredential;
import io.robustmq.core.security.ScramMechanism;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Bytes of users and rules inside facts and the keys of rows. Every number here is for ever. Stateless. */
public final class SecurityFields {
    private static final Map<ResourceType, Integer> TYPES = new EnumMap<>(ResourceType.class);
    private static final Map<Operation, Integer> OPERATIONS = new EnumMap<>(Operation.class);

    static {
        for (ResourceType type : ResourceType.values()) {
            TYPES.put(type, code(type));
        }
        for (Operation operation : Operation.values()) {
            OPERATIONS.put(operation, code(operation));
        }
    }

    private SecurityFields() {}

    /** The same bytes for the same rule: what tells its row from others. */
    public static byte[] bytes(AclBinding binding) {
        FactWriter target = new FactWriter();
        write(binding, target);
        return target.toByteArray();
    }

    public static int code(ScramMechanism mechanism) {
        return switch (mechanism) {
            case SHA_256 -> 1;
            case SHA_512 -> 2;
        };
    }

    static ScramMechanism mechanism(int code) {
        for (ScramMechanism mechanism : ScramMechanism.values()) {
            if (code(mechanism) == code) {
                return mechanism;
            }
        }
        throw new IllegalArgumentException("credential of the unknown mechanism " + code);
    }

    static void write(@Nullable ScramCredential credential, FactWriter target) {
        if (credential == null) {
            target.oneByte(0);
            return;
        }
        target.oneByte(1).number(credential.iterations());
        bytes(credential.salt(), target);
        bytes(credential.storedKey(), target);
        bytes(credential.serverKey(), target);
    }

    static @Nullable ScramCredential credential(FactReader source) {
        if (source.oneByte() == 0) {
            return null;
        }
        int iterations = source.integer();
        return new ScramCredential(source.bytes(), source.bytes(), source.bytes(), iterations);
    }

    static void write(AclBinding binding, FactWriter target) {
        target.oneByte(code(binding.type()))
                .oneByte(binding.pattern() == AclBinding.Pattern.LITERAL ? 0 : 1)
                .text(binding.name())
                .text(binding.principal())
                .text(binding.host())
                .oneByte(code(binding.operation()))
                .oneByte(binding.allow() ? 1 : 0);
    }

    static AclBinding binding(FactReader source) {
        return new AclBinding(
                key(TYPES, source.oneByte()),
                pattern(source.oneByte()),
                source.text(),
                source.text(),
                source.text(),
                key(OPERATIONS, source.oneByte()),
                source.oneByte() != 0);
    }

    private static AclBinding.Pattern pattern(int code) {
        return switch (code) {
            case 0 -> AclBinding.Pattern.LITERAL;
            case 1 -> AclBinding.Pattern.PREFIXED;
            default -> throw new IllegalArgumentException("rule with the unknown pattern " + code);
        };
    }

    private static int code(ResourceType type) {
        return switch (type) {
            case TOPIC -> 1;
            case GROUP -> 2;
            case CLUSTER -> 3;
            case TRANSACTIONAL_ID -> 4;
            case DELEGATION_TOKEN -> 5;
            case USER -> 6;
        };
    }

    private static int code(Operation operation) {
        return switch (operation) {
            case ALL -> 1;
            case READ -> 2;
            case WRITE -> 3;
            case CREATE -> 4;
            case DELETE -> 5;
            case ALTER -> 6;
            case DESCRIBE -> 7;
            case CLUSTER_ACTION -> 8;
            case DESCRIBE_CONFIGS -> 9;
            case ALTER_CONFIGS -> 10;
            case IDEMPOTENT_WRITE -> 11;
            case CREATE_TOKENS -> 12;
            case DESCRIBE_TOKENS -> 13;
        };
    }

    private static <K> K key(Map<K, Integer> codes, int code) {
        for (Map.Entry<K, Integer> entry : codes.entrySet()) {
            if (entry.getValue() == code) {
                return entry.getKey();
            }
        }
        throw new IllegalArgumentException("rule with the unknown code " + code);
    }

    private static void bytes(byte[] value, FactWriter target) {
        target.number(value.length).raw(value);
    }
}
