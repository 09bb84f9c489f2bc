package io.robustmq.kafka.handler;

import io.robustmq.kafka.server.ApiHandler;
import io.robustmq.kafka.server.KafkaRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData.AlterConfigsResource;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData.AlterableConfig;
import org.apache.kafka.common.message.IncrementalAlterConfigsResponseData;
import org.apache.kafka.common.message.IncrementalAlterConfigsResponseData.AlterConfigsResourceResponse;
import org.apache.kafka.common.protocol.Errors;

/** Changes single configuration keys of topics and nodes. */
public final class IncrementalAlterConfigsHandler implements ApiHandler {
    private final ConfigChanges changes;

    public IncrementalAlterConfigsHandler(KafkaContext context) {
        this.changes = new ConfigChanges(context);
    }

    @Override
    public void handle(KafkaRequest request) {
        IncrementalAlterConfigsRequestData body = request.body(IncrementalAlterConfigsRequestData.class);
        IncrementalAlterConfigsResponseData response = new IncrementalAlterConfigsResponseData();
        Pending pending = new Pending(request.loop(), body.resources().size() + 1, () -> request.respond(response));
        Set<ConfigChanges.Name> twice = Repeated.in(body.resources(), IncrementalAlterConfigsHandler::resourceOf);
        for (AlterConfigsResource resource : body.resources()) {
            AlterConfigsResourceResponse result = new AlterConfigsResourceResponse()
                    .setResourceType(resource.resourceType())
                    .setResourceName(resource.resourceName())
                    .setErrorMessage(null);
            response.responses().add(result);
            if (twice.contains(resourceOf(resource))) {
                result.setErrorCode(Errors.INVALID_REQUEST.code()).setErrorMessage("The resource is named twice.");
                pending.done();
                continue;
            }
            List<ConfigChanges.Change> asked = new ArrayList<>();
            for (AlterableConfig config : resource.configs()) {
                asked.add(new ConfigChanges.Change(config.name(), config.configOperation(), config.value()));
            }
            changes.alter(
                    request,
                    new ConfigChanges.Resource(resource.resourceType(), resource.resourceName(), body.validateOnly()),
                    asked,
                    pending,
                    (error, message) -> result.setErrorCode(error.code()).setErrorMessage(message));
        }
        pending.done();
    }

    private static ConfigChanges.Name resourceOf(AlterConfigsResource resource) {
        return new ConfigChanges.Name(resource.resourceType(), resource.resourceName());
    }
}
