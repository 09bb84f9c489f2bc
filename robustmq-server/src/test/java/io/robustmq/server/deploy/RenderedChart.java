package io.robustmq.server.deploy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.marcnuri.helm.Helm;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What the chart becomes with a file of values, read as Kubernetes would: a field that it does not know is an error. */
record RenderedChart(List<HasMetadata> manifests) {
    static final String NAMESPACE = "messaging";

    /** Stands for what is in a secret that the chart does not make: a value that is good for any key of a secret. */
    private static final String IN_A_SECRET =
            "root:SCRAM-SHA-256:4096:c2FsdA==:" + "A".repeat(43) + "=:" + "A".repeat(43) + "=";

    private static final Path CHART = Path.of("").toAbsolutePath().getParent().resolve("docker/kubernetes/robustmq");
    private static final String KUBERNETES = "1.32.0";
    private static final YAMLMapper YAML = new YAMLMapper();
    private static final JsonMapper STRICT = JsonMapper.builder()
            .annotationIntrospector(new JacksonAnnotationIntrospector() {
                /** Where the model's classes keep what they do not know. */
                @Override
                public Boolean hasAnySetter(Annotated annotated) {
                    return false;
                }
            })
            .build();
    private static final Map<String, Class<? extends HasMetadata>> KINDS = Map.of(
            "v1 ConfigMap", ConfigMap.class,
            "v1 Secret", Secret.class,
            "v1 Service", Service.class,
            "v1 ServiceAccount", ServiceAccount.class,
            "apps/v1 StatefulSet", StatefulSet.class,
            "networking.k8s.io/v1 NetworkPolicy", NetworkPolicy.class,
            "policy/v1 PodDisruptionBudget", PodDisruptionBudget.class);

    RenderedChart {
        manifests = List.copyOf(manifests);
    }

    /** Throws IllegalStateException with Helm's words when it refuses the values. */
    static RenderedChart of(String release, Path values) throws IOException {
        return read(new Helm(CHART)
                .template()
                .withName(release)
                .withNamespace(NAMESPACE)
                .withKubeVersion(KUBERNETES)
                .withValuesFile(values)
                .call());
    }

    static RenderedChart read(String text) throws IOException {
        List<HasMetadata> manifests = new ArrayList<>();
        try (MappingIterator<JsonNode> documents =
                YAML.readerFor(JsonNode.class).readValues(text)) {
            while (documents.hasNext()) {
                JsonNode document = documents.next();
                if (!document.isNull() && !document.isMissingNode()) {
                    manifests.add(typed(document));
                }
            }
        }
        return new RenderedChart(manifests);
    }

    private static HasMetadata typed(JsonNode document) throws IOException {
        String kind = document.path("apiVersion").asText() + " "
                + document.path("kind").asText();
        Class<? extends HasMetadata> type = KINDS.get(kind);
        if (type == null) {
            throw new IOException("nobody knows " + kind);
        }
        return STRICT.treeToValue(document, type);
    }

    <T extends HasMetadata> List<T> all(Class<T> type) {
        return manifests.stream().filter(type::isInstance).map(type::cast).toList();
    }

    <T extends HasMetadata> Optional<T> named(Class<T> type, String name) {
        return all(type).stream()
                .filter(each -> each.getMetadata().getName().equals(name))
                .findFirst();
    }

    StatefulSet nodes() {
        return all(StatefulSet.class).get(0);
    }

    int replicas() {
        return nodes().getSpec().getReplicas();
    }

    PodTemplateSpec pod() {
        return nodes().getSpec().getTemplate();
    }

    String podName(int index) {
        return nodes().getMetadata().getName() + "-" + index;
    }

    Container container() {
        return pod().getSpec().getContainers().get(0);
    }

    /** The arguments that a pod's process gets. */
    List<String> arguments(int index) {
        return container().getArgs().stream()
                .map(argument -> argument.replace("$(POD_NAME)", podName(index)))
                .toList();
    }

    /** Of the process in a pod, secrets included. */
    Map<String, String> environment(int index) {
        Map<String, String> environment = new HashMap<>();
        for (EnvVar variable : container().getEnv()) {
            environment.put(variable.getName(), value(variable, index));
        }
        return environment;
    }

    private String value(EnvVar variable, int index) {
        if (variable.getValue() != null) {
            return variable.getValue();
        }
        if (variable.getValueFrom().getFieldRef() != null) {
            return podName(index);
        }
        var wanted = variable.getValueFrom().getSecretKeyRef();
        return named(Secret.class, wanted.getName())
                .map(secret -> secret.getStringData().get(wanted.getKey()))
                .orElse(IN_A_SECRET);
    }

    /** The text of a file in the pods, which is of the one configuration map. */
    String configuration(String file) {
        return all(ConfigMap.class).get(0).getData().get(file);
    }
}
