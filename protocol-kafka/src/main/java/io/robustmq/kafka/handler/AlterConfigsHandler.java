package io.robustmq.kafka.handler;

import io.robustmq.kafka.server.ApiHandler;
import io.robustmq.kafka.server.KafkaRequest;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.kafka.common.message.AlterConfigsRequestData;
import org.apache.kafka.common.message.AlterConfigsRequestData.AlterConfigsResource;
import org.apache.kafka.common.message.AlterConfigsRequestData.AlterableConfig;
import org.apache.kafka.common.message.AlterConfigsResponseData;
import org.apache.kafka.common.message.AlterConfigsResponseData.AlterConfigsResourceResponse;

/** The older way to configure: what is not named goes back to its default. */
public final class AlterConfigsHandler implements ApiHandler {
    private final ConfigChanges changes;

    public AlterConfigsHandler(KafkaContext context) {
        this.changes = new ConfigChanges(context);
    }

    @Override
    public void handle(KafkaRequest request) {
        AlterConfigsRequestData body = request.body(AlterConfigsRequestData.class);
        AlterConfigsResponseData response = new AlterConfigsResponseData();
        Pending pending = new Pending(request.loop(), body.resources().size() + 1, () -> request.respond(response));
        for (AlterConfigsResource resource : body.resources()) {
            AlterConfigsResourceResponse result = new AlterConfigsResourceResponse()
                    .setResourceType(resource.resourceType())
                    .setResourceName(resource.resourceName())
                    .setErrorMessage(null);
            response.responses().add(result);
            Map<String, String> values = new LinkedHashMap<>();
            for (AlterableConfig config : resource.configs()) {
                if (config.value() != null) {
                    values.put(config.name(), config.value());
                }
            }
            changes.replace(
                    request,
                    new ConfigChanges.Resource(resource.resourceType(), resource.resourceName(), body.validateOnly()),
                    values,
                    pending,
                    (error, message) -> result.setErrorCode(error.code()).setErrorMessage(message));
        }
        pending.done();
    }
}
