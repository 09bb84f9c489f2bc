package io.robustmq.server.admin;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.jvm.ClassLoaderMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufAllocatorMetricProvider;
import io.netty.util.internal.PlatformDependent;
import io.robustmq.core.config.TopicSettings;
import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.meta.PartitionImage;
import io.robustmq.core.meta.TopicImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiPredicate;
import java.util.function.ToDoubleFunction;

/** The metrics registry, and the metrics of the process and of the metadata. Thread-safe. */
public final class NodeMetrics implements AutoCloseable {
    private static final Path PROCESS_STATUS = Path.of("/proc/self/status");

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final AtomicBoolean asked = new AtomicBoolean();
    private final JvmGcMetrics garbageCollection = new JvmGcMetrics();

    public NodeMetrics(NodeStatus node) {
        Gauge.builder("robustmq.build.info", () -> 1)
                .description("The build that runs, as a label; always 1.")
                .tag("version", node.version())
                .register(registry);
        bindMetadata(node);
    }

    public MeterRegistry registry() {
        return registry;
    }

    /** Everything in Prometheus' text format. */
    public String scrape() {
        // What the JVM's management interface tells is not loaded before somebody asks: it would slow every start.
        if (!asked.getAndSet(true)) {
            bindProcess();
        }
        return registry.scrape();
    }

    @Override
    public void close() {
        garbageCollection.close();
        registry.close();
    }

    private void bindProcess() {
        new ClassLoaderMetrics().bindTo(registry);
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new FileDescriptorMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
        garbageCollection.bindTo(registry);
        Gauge.builder("process.resident.memory", NodeMetrics::residentBytes)
                .description("Resident memory of the process.")
                .baseUnit("bytes")
                .register(registry);
        Gauge.builder("robustmq.direct.memory.used", PlatformDependent::usedDirectMemory)
                .description("Direct memory reserved by Netty.")
                .baseUnit("bytes")
                .register(registry);
        if (ByteBufAllocator.DEFAULT instanceof ByteBufAllocatorMetricProvider allocator) {
            Gauge.builder(
                            "robustmq.buffer.direct.used",
                            () -> allocator.metric().usedDirectMemory())
                    .description("Direct memory held by the buffer allocator.")
                    .baseUnit("bytes")
                    .register(registry);
        }
    }

    private void bindMetadata(NodeStatus node) {
        Gauge.builder("robustmq.node.ready", node, status -> status.isReady() ? 1 : 0)
                .description("1 while the node takes traffic.")
                .register(registry);
        Gauge.builder("robustmq.node.clients.turned.away", node, status -> status.turnsClientsAway() ? 1 : 0)
                .description("1 while the node serves no clients, as its metadata does not run and others lead.")
                .register(registry);
        metadata(node, "robustmq.topics", "Topics of the cluster.", image -> image.topics()
                .size());
        metadata(node, "robustmq.partitions", "Partitions of the cluster.", image -> count(image, false));
        metadata(node, "robustmq.partitions.leaderless", "Partitions that nobody leads.", image -> count(image, true));
        metadata(
                node,
                "robustmq.partitions.under.replicated",
                "Partitions that this node leads, with replicas that are not in sync.",
                image -> led(
                        image,
                        node.nodeId(),
                        (topic, partition) -> partition.isr().size()
                                < partition.replicas().size()
                                        - partition.adding().size()));
        metadata(
                node,
                "robustmq.partitions.under.min.isr",
                "Partitions that this node leads, with fewer replicas in sync than min.insync.replicas.",
                image -> led(
                        image,
                        node.nodeId(),
                        (topic, partition) -> partition.isr().size() < partition.minInSync(minInSync(topic))));
        metadata(
                node,
                "robustmq.partitions.moving",
                "Partitions that this node leads, on their way to other nodes.",
                image -> led(image, node.nodeId(), (topic, partition) -> partition.isMoving()));
    }

    private void metadata(NodeStatus node, String name, String help, ToDoubleFunction<MetaImage> value) {
        Gauge.builder(name, node, status -> value.applyAsDouble(status.image()))
                .description(help)
                .register(registry);
    }

    private static int led(MetaImage image, int nodeId, BiPredicate<TopicImage, PartitionImage> which) {
        int count = 0;
        for (TopicImage topic : image.topics()) {
            for (PartitionImage partition : topic.partitions()) {
                count += partition.leader() == nodeId && which.test(topic, partition) ? 1 : 0;
            }
        }
        return count;
    }

    private static int minInSync(TopicImage topic) {
        try {
            return TopicSettings.of(topic.configs()).minInsyncReplicas();
        } catch (IllegalArgumentException e) {
            return TopicSettings.DEFAULTS.minInsyncReplicas();
        }
    }

    private static int count(MetaImage image, boolean onlyLeaderless) {
        int count = 0;
        for (TopicImage topic : image.topics()) {
            for (PartitionImage partition : topic.partitions()) {
                count += !onlyLeaderless || partition.leader() == PartitionImage.NO_LEADER ? 1 : 0;
            }
        }
        return count;
    }

    private static double residentBytes() {
        try {
            for (String line : Files.readAllLines(PROCESS_STATUS)) {
                if (line.startsWith("VmRSS:")) {
                    return Long.parseLong(line.replaceAll("\\D", "")) * 1024.0;
                }
            }
        } catch (IOException e) {
            // Only Linux tells.
        }
        return Double.NaN;
    }
}
