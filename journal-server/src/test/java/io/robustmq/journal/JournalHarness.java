package io.robustmq.journal;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.robustmq.core.config.Configuration;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.loop.NettyLoops;
import io.robustmq.core.meta.TopicImage;
import io.robustmq.core.model.Partition;
import io.robustmq.core.model.TopicId;
import io.robustmq.core.port.AppendOptions;
import io.robustmq.core.port.AppendResult;
import io.robustmq.core.port.Isolation;
import io.robustmq.core.port.ReadResult;
import io.robustmq.core.port.SegmentStore;
import io.robustmq.core.port.TimestampedOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** A journal on real event loops, one topic {@code orders} with one partition unless told otherwise. */
final class JournalHarness implements AutoCloseable {
    static final TopicId ORDERS_ID = new TopicId(7, 9);
    static final Partition ORDERS = new Partition(ORDERS_ID, 0);
    static final int WAIT_SECONDS = 20;

    final JournalService journal;
    final NettyLoops loops;
    final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());

    JournalHarness(SegmentStore store, Map<String, String> config) {
        this(Map.of("ssd", store, "memory", store), config);
    }

    JournalHarness(Map<String, SegmentStore> stores, Map<String, String> config) {
        loops = new NettyLoops(group);
        JournalConfig journalConfig = JournalConfig.from(new Configuration(JournalConfig.keys(), config));
        journal = new JournalService(journalConfig, loops, stores, Images.NODE, registry);
        journal.start();
    }

    static JournalHarness open(SegmentStore store) throws Exception {
        return open(store, Map.of(), Map.of());
    }

    static JournalHarness open(SegmentStore store, Map<String, String> config, Map<String, String> topicConfigs)
            throws Exception {
        Map<String, String> patient = new HashMap<>(Map.of("journal.retention.check.ms", "100"));
        patient.putAll(config);
        JournalHarness harness = new JournalHarness(store, patient);
        harness.image(Images.topic(ORDERS_ID, "orders", 1, topicConfigs));
        harness.journal.recovered().get(WAIT_SECONDS, TimeUnit.SECONDS);
        return harness;
    }

    void image(TopicImage topic) {
        journal.onImage(Images.changed(topic.id()), Images.of(topic));
    }

    CompletableFuture<AppendResult> send(ByteBuf batches, AppendOptions options) {
        CompletableFuture<AppendResult> answer = new CompletableFuture<>();
        journal.append(ORDERS, batches, options, loop(), answer::complete);
        return answer;
    }

    AppendResult append(ByteBuf batches) throws Exception {
        return send(batches, AppendOptions.DURABLE).get(WAIT_SECONDS, TimeUnit.SECONDS);
    }

    ReadResult read(long offset, int maxBytes) {
        return journal.read(ORDERS, offset, maxBytes, true, Isolation.READ_UNCOMMITTED);
    }

    /** What is read from {@code offset} on, as offset=value. */
    List<String> records(long offset) throws Exception {
        ReadResult result = read(offset, 1 << 20);
        if (result.slice() == null) {
            return List.of();
        }
        ByteBuf bytes = result.slice().toBuffer();
        try {
            return Batches.read(bytes);
        } finally {
            bytes.release();
            result.slice().close();
        }
    }

    AppendResult deleteRecords(long beforeOffset) throws Exception {
        CompletableFuture<AppendResult> answer = new CompletableFuture<>();
        journal.deleteRecords(ORDERS, beforeOffset, loop(), answer::complete);
        return answer.get(WAIT_SECONDS, TimeUnit.SECONDS);
    }

    TimestampedOffset offsetForTime(long timestampMs) throws Exception {
        return lookUp(reply -> journal.offsetForTime(ORDERS, timestampMs, Isolation.READ_UNCOMMITTED, loop(), reply));
    }

    TimestampedOffset lookUp(Consumer<Consumer<TimestampedOffset>> question) throws Exception {
        CompletableFuture<TimestampedOffset> answer = new CompletableFuture<>();
        question.accept(answer::complete);
        return answer.get(WAIT_SECONDS, TimeUnit.SECONDS);
    }

    /** Completes when something is visible at {@code offset}. */
    CompletableFuture<Boolean> advanced(long offset) {
        CompletableFuture<Boolean> woken = new CompletableFuture<>();
        Loop loop = loop();
        journal.onAdvance(ORDERS, offset, Isolation.READ_UNCOMMITTED, loop, () -> woken.complete(loop.inLoop()));
        return woken;
    }

    Loop loop() {
        return loops.loops().get(0);
    }

    @Override
    public void close() {
        journal.close();
        group.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
    }
}
