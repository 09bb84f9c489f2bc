package io.robustmq.kafka.handler;

import io.robustmq.kafka.server.ApiHandler;
import io.robustmq.kafka.server.KafkaRequest;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.message.AlterConfigsRequestData;
import org.apache.kafka.common.message.AlterConfigsRequestData.AlterConfigsResource;
import org.apache.kafka.common.message.AlterConfigsRequestData.AlterableConfig;
import org.apache.kafka.common.message.AlterConfigsResponseData;
import org.apache.kafka.common.message.AlterConfigsResponseData.AlterConfigsResourceResponse;
import org.apache.kafka.common.protocol.Errors;

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
        Set<ConfigChanges.Name> twice = Repeated.in(body.resources(), AlterConfigsHandler::resourceOf);
        for (AlterConfigsResource resource : body.resources()) {
            AlterConfigsResourceResponse result = new AlterConfigsResourceResponse()
                    .setResourceType(resource.resourceType())
                    .setResourceName(resource.resourceName())
                    .setErrorMessage(null);
            response.responses().add(result);
            Map<String, String> values = new LinkedHashMap<>();
            boolean complete = true;
            for (AlterableConfig config : resource.configs()) {
                complete &= config.value() != null;
                values.put(config.name(), String.valueOf(config.value()));
            }
            if (!complete || twice.contains(resourceOf(resource))) {
                result.setErrorCode(Errors.INVALID_REQUEST.code())
                        .setErrorMessage("The resource is named twice, or a value is missing.");
                pending.done();
                continue;
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

    private static ConfigChanges.Name resourceOf(AlterConfigsResource resource) {
        return new ConfigChanges.Name(resource.resourceType(), resource.resourceName());
    }
}
