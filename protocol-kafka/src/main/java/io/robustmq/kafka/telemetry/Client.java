package io.robustmq.kafka.telemetry;

import io.robustmq.kafka.server.KafkaRequest;
import java.util.Set;
import org.apache.kafka.common.Uuid;

/** A client, by what a subscription can ask for. */
record Client(Uuid instanceId, KafkaRequest request) {
    private static final String INSTANCE_ID = "client_instance_id";
    private static final String ID = "client_id";
    private static final String SOFTWARE_NAME = "client_software_name";
    private static final String SOFTWARE_VERSION = "client_software_version";
    private static final String ADDRESS = "client_source_address";
    private static final String PORT = "client_source_port";

    static final Set<String> ATTRIBUTES = Set.of(INSTANCE_ID, ID, SOFTWARE_NAME, SOFTWARE_VERSION, ADDRESS, PORT);

    String attribute(String name) {
        return switch (name) {
            case INSTANCE_ID -> instanceId.toString();
            case ID -> request.clientId();
            case SOFTWARE_NAME -> request.software().name();
            case SOFTWARE_VERSION -> request.software().version();
            case ADDRESS -> request.remoteAddress().getAddress().getHostAddress();
            case PORT -> String.valueOf(request.remoteAddress().getPort());
            default -> throw new IllegalArgumentException(name);
        };
    }
}
