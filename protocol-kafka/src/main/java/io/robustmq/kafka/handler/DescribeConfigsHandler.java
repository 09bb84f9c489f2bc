package io.robustmq.kafka.handler;

import io.robustmq.core.config.ConfigKey;
import io.robustmq.core.meta.TopicImage;
import io.robustmq.core.model.TopicName;
import io.robustmq.core.port.MetaLog;
import io.robustmq.core.security.Operation;
import io.robustmq.kafka.server.ApiHandler;
import io.robustmq.kafka.server.KafkaRequest;
import io.robustmq.kafka.telemetry.MetricsSubscription;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.message.DescribeConfigsRequestData;
import org.apache.kafka.common.message.DescribeConfigsRequestData.DescribeConfigsResource;
import org.apache.kafka.common.message.DescribeConfigsResponseData;
import org.apache.kafka.common.message.DescribeConfigsResponseData.DescribeConfigsResourceResult;
import org.apache.kafka.common.message.DescribeConfigsResponseData.DescribeConfigsResult;
import org.apache.kafka.common.message.DescribeConfigsResponseData.DescribeConfigsSynonym;
import org.apache.kafka.common.protocol.Errors;

/** Tells the configuration of topics, groups and of this node. */
public final class DescribeConfigsHandler implements ApiHandler {
    private final MetaLog metaLog;
    private final Access access;
    private final ConfigResources resources;
    private final Loggers loggers;

    public DescribeConfigsHandler(KafkaContext context) {
        this.metaLog = context.metaLog();
        this.access = new Access(context.authorizer());
        this.resources = new ConfigResources(context);
        this.loggers = context.loggers();
    }

    @Override
    public void handle(KafkaRequest request) {
        DescribeConfigsRequestData body = request.body(DescribeConfigsRequestData.class);
        DescribeConfigsResponseData response = new DescribeConfigsResponseData();
        for (DescribeConfigsResource resource : body.resources()) {
            DescribeConfigsResult result = new DescribeConfigsResult()
                    .setResourceType(resource.resourceType())
                    .setResourceName(resource.resourceName());
            describe(request, body, resource, result);
            response.results().add(result);
        }
        request.respond(response);
    }

    private void describe(
            KafkaRequest request,
            DescribeConfigsRequestData body,
            DescribeConfigsResource resource,
            DescribeConfigsResult result) {
        String name = resource.resourceName();
        if (resource.resourceType() == ConfigResources.TOPIC) {
            TopicImage topic = metaLog.image().topic(name);
            if (!access.topic(request.principal(), Operation.DESCRIBE_CONFIGS, name)) {
                refuse(result, Errors.TOPIC_AUTHORIZATION_FAILED, Errors.TOPIC_AUTHORIZATION_FAILED.message());
            } else if (!TopicName.isLegal(name)) {
                refuse(result, Errors.INVALID_TOPIC_EXCEPTION, "The topic name is not legal.");
            } else if (topic == null) {
                refuse(result, Errors.UNKNOWN_TOPIC_OR_PARTITION, "There is no such topic.");
            } else {
                fill(result, ConfigResources.values(topic), body, resource, false);
            }
            return;
        }
        if (resource.resourceType() == ConfigResources.GROUP) {
            describeGroup(request, body, resource, result);
            return;
        }
        if (!access.cluster(request.principal(), Operation.DESCRIBE_CONFIGS)) {
            refuse(result, Errors.CLUSTER_AUTHORIZATION_FAILED, Errors.CLUSTER_AUTHORIZATION_FAILED.message());
        } else if (resource.resourceType() == ConfigResources.NODE && name.isEmpty()) {
            fill(result, resources.allNodesValues(), body, resource, true);
        } else if (resource.resourceType() == ConfigResources.NODE && resources.isThisNode(name)) {
            fill(result, resources.nodeValues(), body, resource, true);
        } else if (resource.resourceType() == ConfigResources.LOGGER && resources.isThisNode(name)) {
            describeLoggers(resource, result);
        } else if (resource.resourceType() == ConfigResources.CLIENT_METRICS && !name.isEmpty()) {
            Map<String, String> set = metaLog.image().configs(MetricsSubscription.scope(name));
            fill(result, ClientMetricsResource.values(set), body, resource, false);
        } else {
            refuse(result, Errors.INVALID_REQUEST, "Only topics, groups and the node that is asked can be described.");
        }
    }

    private void describeGroup(
            KafkaRequest request,
            DescribeConfigsRequestData body,
            DescribeConfigsResource resource,
            DescribeConfigsResult result) {
        String name = resource.resourceName();
        if (!access.group(request.principal(), Operation.DESCRIBE_CONFIGS, name)) {
            refuse(result, Errors.GROUP_AUTHORIZATION_FAILED, Errors.GROUP_AUTHORIZATION_FAILED.message());
        } else if (name.isEmpty()) {
            refuse(result, Errors.INVALID_REQUEST, "The group has no name.");
        } else {
            fill(result, resources.groupValues(name), body, resource, false);
        }
    }

    private void describeLoggers(DescribeConfigsResource resource, DescribeConfigsResult result) {
        List<String> wanted = resource.configurationKeys();
        loggers.levels().forEach((name, level) -> {
            if (wanted == null || wanted.isEmpty() || wanted.contains(name)) {
                result.configs()
                        .add(new DescribeConfigsResourceResult()
                                .setName(name)
                                .setValue(level)
                                .setConfigSource(TopicConfigs.SOURCE_LOGGER));
            }
        });
    }

    private static void fill(
            DescribeConfigsResult result,
            Map<ConfigKey<?>, List<ConfigResources.Value>> values,
            DescribeConfigsRequestData body,
            DescribeConfigsResource resource,
            boolean node) {
        List<String> wanted = resource.configurationKeys();
        values.forEach((key, all) -> {
            if (wanted == null || wanted.isEmpty() || wanted.contains(key.name())) {
                DescribeConfigsResourceResult entry = entry(key, all, body);
                entry.setReadOnly(node && !key.reloadable());
                result.configs().add(entry);
            }
        });
    }

    private static DescribeConfigsResourceResult entry(
            ConfigKey<?> key, List<ConfigResources.Value> values, DescribeConfigsRequestData body) {
        DescribeConfigsResourceResult entry = new DescribeConfigsResourceResult()
                .setName(key.name())
                .setValue(values.get(0).text())
                .setConfigSource(values.get(0).source())
                .setIsSensitive(ConfigResources.isSensitive(key.name()))
                .setConfigType(TopicConfigs.typeCode(key.type()));
        if (body.includeSynonyms()) {
            for (ConfigResources.Value value : values) {
                if (value.name() != null) {
                    entry.synonyms()
                            .add(new DescribeConfigsSynonym()
                                    .setName(value.name())
                                    .setValue(value.text())
                                    .setSource(value.source()));
                }
            }
        }
        return entry.setDocumentation(body.includeDocumentation() ? key.doc() : null);
    }

    private static void refuse(DescribeConfigsResult result, Errors error, String message) {
        result.setErrorCode(error.code()).setErrorMessage(message);
    }
}
