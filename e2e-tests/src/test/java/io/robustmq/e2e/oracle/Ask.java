package io.robustmq.e2e.oracle;

import java.util.function.Function;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;

/**
 * One request, to be sent to both brokers. The body may depend on what a broker has told: its topics' ids differ.
 *
 * @param name unique; what the list of known differences calls it
 */
record Ask(String name, ApiKeys api, short version, Function<World, ApiMessage> body) {
    String title() {
        return api.name + " v" + version + " " + name;
    }

    /** Whether Kafka needs a moment until what it was asked to change shows. */
    boolean changesMetadata() {
        return switch (api) {
            case CREATE_TOPICS,
                    DELETE_TOPICS,
                    CREATE_PARTITIONS,
                    ALTER_CONFIGS,
                    INCREMENTAL_ALTER_CONFIGS,
                    ALTER_CLIENT_QUOTAS,
                    UPDATE_FEATURES,
                    ALTER_PARTITION_REASSIGNMENTS -> true;
            default -> false;
        };
    }
}
