package io.robustmq.kafka.handler;

import io.robustmq.core.meta.ConfigScope;
import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.meta.TopicImage;
import io.robustmq.core.port.MetaLog;
import io.robustmq.core.security.Operation;
import io.robustmq.kafka.server.ApiHandler;
import io.robustmq.kafka.server.KafkaRequest;
import java.util.List;
import java.util.Set;
import org.apache.kafka.common.message.ListConfigResourcesRequestData;
import org.apache.kafka.common.message.ListConfigResourcesResponseData;
import org.apache.kafka.common.message.ListConfigResourcesResponseData.ConfigResource;
import org.apache.kafka.common.protocol.Errors;

/** The names of what has a configuration of its own (KIP-1142). */
public final class ListConfigResourcesHandler implements ApiHandler {
    private static final short TYPES = 1;
    private static final List<Byte> ALL = List.of(
            ConfigResources.TOPIC,
            ConfigResources.NODE,
            ConfigResources.LOGGER,
            ConfigResources.CLIENT_METRICS,
            ConfigResources.GROUP);

    private final MetaLog metaLog;
    private final Access access;

    public ListConfigResourcesHandler(KafkaContext context) {
        this.metaLog = context.metaLog();
        this.access = new Access(context.authorizer());
    }

    @Override
    public void handle(KafkaRequest request) {
        ListConfigResourcesRequestData body = request.body(ListConfigResourcesRequestData.class);
        ListConfigResourcesResponseData response = new ListConfigResourcesResponseData();
        if (!access.cluster(request.principal(), Operation.DESCRIBE_CONFIGS)) {
            request.respond(response.setErrorCode(Errors.CLUSTER_AUTHORIZATION_FAILED.code()));
            return;
        }
        List<Byte> types = request.version() < TYPES
                ? List.of(ConfigResources.CLIENT_METRICS)
                : body.resourceTypes().isEmpty() ? ALL : body.resourceTypes();
        if (!ALL.containsAll(types)) {
            request.respond(response.setErrorCode(Errors.UNSUPPORTED_VERSION.code()));
            return;
        }
        MetaImage image = metaLog.image();
        for (byte type : Set.copyOf(types)) {
            for (String name : names(type, image)) {
                response.configResources()
                        .add(new ConfigResource().setResourceType(type).setResourceName(name));
            }
        }
        request.respond(response);
    }

    private static List<String> names(byte type, MetaImage image) {
        return switch (type) {
            case ConfigResources.TOPIC ->
                image.topics().stream().map(TopicImage::name).toList();
            case ConfigResources.NODE, ConfigResources.LOGGER ->
                image.nodes().keySet().stream().map(String::valueOf).toList();
            case ConfigResources.GROUP -> configured(image, ConfigScope.Kind.GROUP);
            case ConfigResources.CLIENT_METRICS -> configured(image, ConfigScope.Kind.CLIENT_METRICS);
            default -> List.of();
        };
    }

    private static List<String> configured(MetaImage image, ConfigScope.Kind kind) {
        return image.configs().keySet().stream()
                .filter(scope -> scope.kind() == kind)
                .map(ConfigScope::name)
                .toList();
    }
}
