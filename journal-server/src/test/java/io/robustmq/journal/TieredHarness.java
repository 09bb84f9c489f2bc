package io.robustmq.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.robustmq.core.config.Configuration;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.loop.NettyLoops;
import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.port.AbortedTransaction;
import io.robustmq.core.port.AppendOptions;
import io.robustmq.core.port.AppendResult;
import io.robustmq.core.port.Isolation;
import io.robustmq.core.port.PartitionState;
import io.robustmq.core.port.ReadResult;
import io.robustmq.core.port.SegmentStore;
import io.robustmq.core.port.TimestampedOffset;
import io.robustmq.core.port.object.ObjectStore;
import io.robustmq.core.tier.TierConfig;
import io.robustmq.core.tier.TierManifests;
import io.robustmq.journal.home.HomeConfig;
import io.robustmq.journal.home.NodeHome;
import io.robustmq.journal.tier.NodeTier;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** A journal of one partition whose segments go to an object store. */
final class TieredHarness implements AutoCloseable {
    static final Map<String, String> TOPIC =
            Map.of("remote.storage.enable", "true", "segment.bytes", "16384", "local.retention.bytes", "0");
    static final int WAIT_SECONDS = 20;

    final JournalService journal;
    final NodeTier tier;
    final NodeHome home;
    private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());
    private final NettyLoops loops = new NettyLoops(group);
    private volatile MetaImage image;

    TieredHarness(SegmentStore disk, ObjectStore objects, TierManifests manifests, Map<String, String> topic)
            throws Exception {
        this(disk, objects, manifests, topic, Map.of());
    }

    TieredHarness(
            SegmentStore disk,
            ObjectStore objects,
            TierManifests manifests,
            Map<String, String> topic,
            Map<String, String> config)
            throws Exception {
        Map<String, String> settings =
                new HashMap<>(Map.of("remote.storage.check.ms", "10", "remote.storage.chunk.bytes", "4096"));
        settings.putAll(config);
        image = Images.of(Images.topic(JournalHarness.ORDERS_ID, "orders", 1, topic));
        tier = new NodeTier(
                TierConfig.from(new Configuration(TierConfig.keys(), of(settings, "remote."))),
                objects,
                () -> image,
                new SimpleMeterRegistry());
        tier.manifests(manifests);
        home = new NodeHome(
                HomeConfig.from(new Configuration(HomeConfig.keys(), of(settings, "storage."))),
                tier,
                Images.NODE,
                new SimpleMeterRegistry());
        journal = new JournalService(
                JournalConfig.from(
                        new Configuration(JournalConfig.keys(), Map.of("journal.retention.check.ms", "100"))),
                loops,
                Map.of("ssd", disk),
                Map.of(),
                Images.NODE,
                new SimpleMeterRegistry(),
                tier,
                home);
        journal.start();
        journal.onImage(Images.changed(JournalHarness.ORDERS_ID), image);
        journal.recovered().get(WAIT_SECONDS, TimeUnit.SECONDS);
    }

    /** The image is another one, which knows other nodes or topics. */
    void show(MetaImage next) {
        image = next;
        journal.onImage(Images.changed(JournalHarness.ORDERS_ID), next);
    }

    MetaImage image() {
        return image;
    }

    private static Map<String, String> of(Map<String, String> settings, String prefix) {
        Map<String, String> chosen = new HashMap<>(settings);
        chosen.keySet().removeIf(key -> !key.startsWith(prefix));
        return chosen;
    }

    /** The topic has these settings from the image on. */
    void settings(long imageIndex, Map<String, String> topic) {
        image = Images.of(imageIndex, Images.topic(JournalHarness.ORDERS_ID, "orders", 1, topic));
        journal.onImage(Images.changed(JournalHarness.ORDERS_ID), image);
    }

    AppendResult append(ByteBuf batches) throws Exception {
        return append(batches, AppendOptions.DURABLE);
    }

    AppendResult append(ByteBuf batches, AppendOptions options) throws Exception {
        CompletableFuture<AppendResult> answer = new CompletableFuture<>();
        journal.append(JournalHarness.ORDERS, batches, options, loop(), answer::complete);
        return answer.get(WAIT_SECONDS, TimeUnit.SECONDS);
    }

    AppendResult deleteRecords(long beforeOffset) throws Exception {
        CompletableFuture<AppendResult> answer = new CompletableFuture<>();
        journal.deleteRecords(JournalHarness.ORDERS, beforeOffset, loop(), answer::complete);
        return answer.get(WAIT_SECONDS, TimeUnit.SECONDS);
    }

    TimestampedOffset offsetForTime(long timestampMs) throws Exception {
        return lookUp(reply ->
                journal.offsetForTime(JournalHarness.ORDERS, timestampMs, Isolation.READ_UNCOMMITTED, loop(), reply));
    }

    TimestampedOffset lookUp(Consumer<Consumer<TimestampedOffset>> question) throws Exception {
        CompletableFuture<TimestampedOffset> answer = new CompletableFuture<>();
        question.accept(answer::complete);
        return answer.get(WAIT_SECONDS, TimeUnit.SECONDS);
    }

    PartitionState state() {
        PartitionState state = journal.state(JournalHarness.ORDERS);
        assertThat(state).isNotNull();
        return state;
    }

    /** Until the store has all but the growing segment, and nothing else of it is here. */
    void awaitStoredUpTo(long offset) {
        ReplicatedJournals.until(() -> state().storedEndOffset() >= offset && state().localStartOffset() >= offset);
    }

    /** What a reader gets who goes from {@code offset} to the end, as offset=value. */
    List<String> readFrom(long offset) throws Exception {
        return readFrom(offset, new ArrayList<>());
    }

    /** The same, with the aborted transactions that it is told of. */
    List<String> readFrom(long offset, List<AbortedTransaction> aborted) throws Exception {
        List<String> records = new ArrayList<>();
        long next = offset;
        while (next < state().highWatermark()) {
            ReadResult result = journal.read(JournalHarness.ORDERS, next, 3_000, true, Isolation.READ_COMMITTED);
            assertThat(result.error()).isEqualTo(BrokerError.NONE);
            if (result.slice() == null) {
                assertThat(result.coming()).isTrue();
                CompletableFuture<Boolean> woken = new CompletableFuture<>();
                journal.onAdvance(
                        JournalHarness.ORDERS,
                        result.waitFrom(next, Isolation.READ_COMMITTED),
                        Isolation.READ_COMMITTED,
                        loop(),
                        () -> woken.complete(true));
                woken.get(WAIT_SECONDS, TimeUnit.SECONDS);
                continue;
            }
            aborted.addAll(result.abortedTransactions());
            ByteBuf bytes = result.slice().toBuffer();
            long from = next;
            Batches.read(bytes).stream()
                    .filter(record -> Long.parseLong(record.substring(0, record.indexOf('='))) >= from)
                    .forEach(records::add);
            next = Batches.list(bytes).stream()
                    .mapToLong(batch -> batch.nextOffset())
                    .max()
                    .orElseThrow();
            bytes.release();
            result.slice().close();
        }
        return records;
    }

    Loop loop() {
        return loops.loops().get(0);
    }

    @Override
    public void close() {
        journal.close();
        home.close();
        tier.close();
        group.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
    }
}
