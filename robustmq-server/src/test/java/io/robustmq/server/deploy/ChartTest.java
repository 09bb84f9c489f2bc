package io.robustmq.server.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.HTTPGetAction;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.robustmq.core.config.Configuration;
import io.robustmq.kafka.KafkaConfig;
import io.robustmq.meta.MetaConfig;
import io.robustmq.mqtt.MqttConfig;
import io.robustmq.server.admin.AdminApi;
import io.robustmq.server.config.AllKeys;
import io.robustmq.server.config.ConfigLoader;
import io.robustmq.server.config.ServerConfig;
import io.robustmq.server.config.ServerConfig.AdminConfig;
import io.robustmq.server.config.StartRules;
import io.robustmq.server.tls.ClusterTlsConfig;
import io.robustmq.server.tls.TlsConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The Helm chart, for several files of values. Helm runs inside the test; its library is here for one kind of machine. */
@EnabledOnOs(value = OS.LINUX, architectures = "amd64")
class ChartTest {
    private static final String ALONE = """
            replicas: 1
            auth: {anonymous: true}
            """;
    private static final String THREE = """
            auth: {existingSecret: first-user}
            cluster: {secret: {value: known to the nodes}}
            config:
              storage.memory.bytes.max: 1073741824
              mqtt.connections.max: 20000
            podConfig:
              "2": {log.level: debug}
            """;
    private static final String FIVE_BEHIND_LOAD_BALANCERS = """
            replicas: 5
            antiAffinity: soft
            auth: {bootstrapCredentials: "root:SCRAM-SHA-256:4096:c2FsdA==:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}
            cluster: {tls: {existingSecret: nodes-tls}, secret: {existingSecret: journal}}
            external: {enabled: true, hosts: [a.example.com, b.example.com, c.example.com, d.example.com, e.example.com]}
            storage: {className: fast, size: 1Ti}
            """;
    private static final String THREE_BY_CERTIFICATES_AT_NODE_PORTS = """
            cluster: {tls: {existingSecret: nodes-tls}}
            tls: {existingSecret: clients-tls, clientAuth: required, admin: true}
            external:
              enabled: true
              type: NodePort
              hosts: [10.0.0.1, 10.0.0.2, 10.0.0.3]
              nodePorts: [30001, 30002, 30003]
            networkPolicy: {enabled: false}
            extraEnv: [{name: JDK_JAVA_OPTIONS, value: -Xmx1g}]
            """;

    @TempDir
    private Path directory;

    static Stream<String> values() {
        return Stream.of(ALONE, THREE, FIVE_BEHIND_LOAD_BALANCERS, THREE_BY_CERTIFICATES_AT_NODE_PORTS);
    }

    @ParameterizedTest
    @MethodSource("values")
    void whatIsReferredToIsThere(String values) throws IOException {
        RenderedChart chart = render("robustmq", values);
        Map<String, Integer> ports = chart.container().getPorts().stream()
                .collect(Collectors.toMap(ContainerPort::getName, ContainerPort::getContainerPort));
        for (Service service : chart.all(Service.class)) {
            for (ServicePort port : service.getSpec().getPorts()) {
                assertThat(ports).containsKey(port.getTargetPort().getStrVal());
                assertThat(ports.get(port.getName())).isEqualTo(port.getPort());
            }
        }
        for (NetworkPolicy policy : chart.all(NetworkPolicy.class)) {
            policy.getSpec().getIngress().forEach(rule -> rule.getPorts().forEach(port -> assertThat(ports)
                    .containsKey(port.getPort().getStrVal())));
        }
        assertThat(chart.named(Service.class, chart.nodes().getSpec().getServiceName()))
                .hasValueSatisfying(headless -> {
                    assertThat(headless.getSpec().getClusterIP()).isEqualTo("None");
                    assertThat(headless.getSpec().getPublishNotReadyAddresses()).isTrue();
                });
        List<String> volumes = Stream.concat(
                        chart.pod().getSpec().getVolumes().stream().map(Volume::getName),
                        chart.nodes().getSpec().getVolumeClaimTemplates().stream()
                                .map(claim -> claim.getMetadata().getName()))
                .toList();
        assertThat(chart.container().getVolumeMounts())
                .extracting(VolumeMount::getName)
                .containsExactlyInAnyOrderElementsOf(volumes);
    }

    @ParameterizedTest
    @MethodSource("values")
    void everySelectorFindsThePods(String values) throws IOException {
        RenderedChart chart = render("events", values);
        Map<String, String> labels = chart.pod().getMetadata().getLabels();
        List<LabelSelector> selectors = new ArrayList<>();
        selectors.add(chart.nodes().getSpec().getSelector());
        chart.all(PodDisruptionBudget.class)
                .forEach(budget -> selectors.add(budget.getSpec().getSelector()));
        chart.all(NetworkPolicy.class)
                .forEach(policy -> selectors.add(policy.getSpec().getPodSelector()));
        var affinity = chart.pod().getSpec().getAffinity().getPodAntiAffinity();
        affinity.getRequiredDuringSchedulingIgnoredDuringExecution()
                .forEach(term -> selectors.add(term.getLabelSelector()));
        affinity.getPreferredDuringSchedulingIgnoredDuringExecution()
                .forEach(term -> selectors.add(term.getPodAffinityTerm().getLabelSelector()));
        assertThat(selectors).hasSizeGreaterThan(1).allSatisfy(selector -> assertThat(labels)
                .containsAllEntriesOf(selector.getMatchLabels()));
        for (Service service : chart.all(Service.class)) {
            Map<String, String> wanted = new HashMap<>(service.getSpec().getSelector());
            String pod = wanted.remove("statefulset.kubernetes.io/pod-name");
            assertThat(labels).containsAllEntriesOf(wanted);
            assertThat(pod == null || podNames(chart).contains(pod)).isTrue();
        }
        assertThat(chart.all(PodDisruptionBudget.class)).hasSize(chart.replicas() > 1 ? 1 : 0);
    }

    @ParameterizedTest
    @MethodSource("values")
    void everyPodsConfigurationIsOneThatTheBrokerStartsWith(String values) throws IOException {
        RenderedChart chart = render("robustmq", values);
        for (int i = 0; i < chart.replicas(); i++) {
            Configuration config = configuration(chart, i);
            StartRules.check(config);
            assertThat(config.get(ServerConfig.NODE_ID)).isEqualTo(i + 1);
            assertThat(config.get(MetaConfig.VOTERS)).isEqualTo(voters(chart));
            assertThat(config.get(MetaConfig.TOPIC_REPLICATION)).isEqualTo(chart.replicas());
            assertThat(listening(config))
                    .containsExactlyInAnyOrderElementsOf(chart.container().getPorts().stream()
                            .map(ContainerPort::getContainerPort)
                            .toList());
            assertThat(files(config))
                    .allSatisfy(file -> assertThat(chart.container().getVolumeMounts())
                            .anySatisfy(mount -> assertThat(file).startsWith(mount.getMountPath() + "/")));
        }
    }

    @ParameterizedTest
    @MethodSource("values")
    void probesAskForWhatIsServed(String values) throws IOException {
        RenderedChart chart = render("robustmq", values);
        Map<Probe, String> probes = Map.of(
                chart.container().getStartupProbe(), AdminApi.LIVE,
                chart.container().getLivenessProbe(), AdminApi.LIVE,
                chart.container().getReadinessProbe(), AdminApi.READY);
        boolean tls = configuration(chart, 0).get(AdminConfig.TLS);
        probes.forEach((probe, path) -> {
            HTTPGetAction get = probe.getHttpGet();
            assertThat(get.getPath()).isEqualTo(path);
            assertThat(get.getPort().getStrVal()).isEqualTo("admin");
            assertThat(get.getScheme()).isEqualTo(tls ? "HTTPS" : "HTTP");
        });
    }

    @ParameterizedTest
    @MethodSource("values")
    void aPodHasTimeToStopAndNoRightsThatItDoesNotNeed(String values) throws IOException {
        RenderedChart chart = render("robustmq", values);
        long drainMs = 1_000
                * Long.parseLong(chart.container()
                        .getLifecycle()
                        .getPreStop()
                        .getExec()
                        .getCommand()
                        .get(1));
        long graceMs = 1_000 * chart.pod().getSpec().getTerminationGracePeriodSeconds();
        assertThat(graceMs).isGreaterThan(drainMs + configuration(chart, 0).get(ServerConfig.STOP_TIMEOUT_MS));
        assertThat(chart.pod().getSpec().getSecurityContext().getRunAsNonRoot()).isTrue();
        assertThat(chart.container().getSecurityContext().getReadOnlyRootFilesystem())
                .isTrue();
        assertThat(chart.container().getSecurityContext().getAllowPrivilegeEscalation())
                .isFalse();
        assertThat(chart.container().getSecurityContext().getCapabilities().getDrop())
                .containsExactly("ALL");
        assertThat(chart.pod().getSpec().getAutomountServiceAccountToken()).isFalse();
    }

    @Test
    void clientsOutsideAreSentToEachPodByItsOwnAddress() throws IOException {
        RenderedChart balanced = render("robustmq", FIVE_BEHIND_LOAD_BALANCERS);
        assertThat(IntStream.range(0, 5)
                        .mapToObj(i -> configuration(balanced, i).get(KafkaConfig.ADVERTISED_HOST)))
                .containsExactly("a.example.com", "b.example.com", "c.example.com", "d.example.com", "e.example.com");
        RenderedChart ports = render("robustmq", THREE_BY_CERTIFICATES_AT_NODE_PORTS);
        for (int i = 0; i < 3; i++) {
            Configuration config = configuration(ports, i);
            Service service =
                    ports.named(Service.class, ports.podName(i) + "-external").orElseThrow();
            assertThat(service.getSpec().getSelector())
                    .containsEntry("statefulset.kubernetes.io/pod-name", ports.podName(i));
            assertThat(service.getSpec().getPorts()).hasSize(1).first().satisfies(port -> {
                assertThat(port.getName()).isEqualTo("kafka-tls");
                assertThat(port.getNodePort()).isEqualTo(config.get(KafkaConfig.TLS_ADVERTISED_PORT));
            });
            assertThat(config.get(KafkaConfig.TLS_ADVERTISED_HOST)).isEqualTo("10.0.0." + (i + 1));
            assertThat(config.get(KafkaConfig.TLS_ADVERTISED_PORT)).isEqualTo(30_001 + i);
            assertThat(config.get(KafkaConfig.ADVERTISED_HOST))
                    .as("inside")
                    .startsWith(ports.podName(i) + "." + ports.nodes().getSpec().getServiceName());
            assertThat(config.get(KafkaConfig.ADVERTISED_PORT)).isZero();
        }
    }

    @Test
    void aPodsOwnKeysWinOverTheOthersAndLargeNumbersStayNumbers() throws IOException {
        RenderedChart chart = render("robustmq", THREE);
        assertThat(configuration(chart, 1).get(ServerConfig.LOG_LEVEL)).isEqualTo("info");
        assertThat(configuration(chart, 2).get(ServerConfig.LOG_LEVEL)).isEqualTo("debug");
        assertThat(chart.configuration("robustmq-0.yaml")).contains("storage.memory.bytes.max: 1073741824\n");
    }

    @Test
    void whatWouldLetAnybodyInOrCannotWorkIsRefused() {
        refuses("{}", "nobody could log in");
        refuses("auth: {existingSecret: first-user}", "anybody could be a node");
        refuses(ALONE + "tls: {admin: true}", "need tls.existingSecret");
        refuses("replicas: 2\nauth: {anonymous: true}", "replicas");
        refuses(ALONE + "replica: 1", "replica");
        refuses(ALONE + "external: {enabled: true}", "external.hosts: one for each of the 1 pods");
        refuses(ALONE + "podConfig: {\"1\": {log.level: debug}}", "pods are numbered from 0 to 0");
        refuses(ALONE + "drainSeconds: 40", "terminationGracePeriodSeconds");
    }

    @Test
    void theImageIsThatOfThisVersion() throws IOException {
        Path root = Path.of("").toAbsolutePath().getParent();
        Matcher version = Pattern.compile("<artifactId>robustmq</artifactId>\\s*<version>([^<]+)</version>")
                .matcher(Files.readString(root.resolve("pom.xml")));
        assertThat(version.find()).isTrue();
        assertThat(render("robustmq", ALONE).container().getImage()).isEqualTo("robustmq:" + version.group(1));
    }

    @Test
    void aFieldThatKubernetesDoesNotKnowIsNoticed() {
        assertThatExceptionOfType(UnrecognizedPropertyException.class)
                .isThrownBy(() -> RenderedChart.read("""
                        apiVersion: v1
                        kind: Service
                        metadata: {name: robustmq}
                        spec: {publishNotReadyAddress: true}
                        """))
                .withMessageContaining("publishNotReadyAddress");
    }

    private RenderedChart render(String release, String values) throws IOException {
        return RenderedChart.of(release, Files.writeString(directory.resolve("values.yaml"), values));
    }

    private void refuses(String values, String why) {
        assertThatThrownBy(() -> render("robustmq", values)).as(values).hasMessageContaining(why);
    }

    private static List<String> podNames(RenderedChart chart) {
        return IntStream.range(0, chart.replicas()).mapToObj(chart::podName).toList();
    }

    /** Every pod by the name that the headless service gives it. */
    private static List<String> voters(RenderedChart chart) {
        if (chart.replicas() == 1) {
            return List.of();
        }
        String domain = "." + chart.nodes().getSpec().getServiceName() + "." + RenderedChart.NAMESPACE
                + ".svc.cluster.local:1228";
        return IntStream.range(0, chart.replicas())
                .mapToObj(i -> (i + 1) + "@" + chart.podName(i) + domain)
                .toList();
    }

    /** What the process in the pod reads, from its arguments, its environment and its files. */
    private Configuration configuration(RenderedChart chart, int index) {
        List<String> arguments = chart.arguments(index);
        Path inPod = Path.of(arguments.get(arguments.indexOf("--config") + 1));
        assertThat(inPod.getParent()).hasToString("/etc/robustmq");
        try {
            Path file = Files.writeString(
                    directory.resolve("robustmq.yaml"),
                    chart.configuration(inPod.getFileName().toString()));
            return new ConfigLoader(AllKeys.list())
                    .load(Optional.of(file), chart.environment(index), List.of())
                    .values();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static List<Integer> listening(Configuration config) {
        List<Integer> ports = new ArrayList<>(List.of(
                config.get(MqttConfig.PORT),
                config.get(MqttConfig.WEB_SOCKET_PORT),
                config.get(KafkaConfig.PORT),
                config.get(AdminConfig.PORT)));
        if (TlsConfig.from(config).isOn()) {
            ports.addAll(List.of(
                    config.get(MqttConfig.TLS_PORT),
                    config.get(MqttConfig.WEB_SOCKET_TLS_PORT),
                    config.get(KafkaConfig.TLS_PORT)));
        }
        if (!config.get(MetaConfig.VOTERS).isEmpty()) {
            ports.addAll(List.of(config.get(MetaConfig.PORT), config.get(ServerConfig.JOURNAL_PORT)));
        }
        return ports;
    }

    private static List<String> files(Configuration config) {
        List<String> files = new ArrayList<>(List.of(config.get(ServerConfig.DATA_DIR)));
        files.addAll(config.get(TlsConfig.CERTIFICATE_FILE));
        files.addAll(config.get(TlsConfig.KEY_FILE));
        files.addAll(List.of(
                config.get(TlsConfig.CA_FILE),
                config.get(ClusterTlsConfig.CERTIFICATE_FILE),
                config.get(ClusterTlsConfig.KEY_FILE),
                config.get(ClusterTlsConfig.CA_FILE)));
        return files.stream().filter(file -> !file.isEmpty()).toList();
    }
}
