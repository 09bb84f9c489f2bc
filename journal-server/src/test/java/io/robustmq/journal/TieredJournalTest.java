package io.robustmq.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.port.AbortedTransaction;
import io.robustmq.core.port.AppendOptions;
import io.robustmq.core.port.AppendResult;
import io.robustmq.core.port.Isolation;
import io.robustmq.core.port.PartitionState;
import io.robustmq.core.port.ReadResult;
import io.robustmq.core.record.BatchBuilder;
import io.robustmq.core.tier.TierCommand;
import io.robustmq.core.tier.TierManifests;
import io.robustmq.core.tier.TierSegment;
import io.robustmq.journal.shard.ProducerTable;
import io.robustmq.journal.tier.TierSide;
import io.robustmq.storage.memory.MemoryStore;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** One partition whose full segments move to an object store, on real loops and threads. */
class TieredJournalTest {
    private static final int RECORDS = 100;
    private final KeptObjects objects = new KeptObjects(new Object(), point -> {});
    private final SyncManifests manifests = new SyncManifests();

    @Test
    void whatIsInTheStoreIsReadAsIfItWereHere() throws Exception {
        MemoryStore disk = new MemoryStore(64 << 20);
        try (TieredHarness harness = new TieredHarness(disk, objects, manifests, TieredHarness.TOPIC)) {
            fill(harness, 0, RECORDS);
            harness.awaitStoredUpTo(80);
            assertThat(harness.state().logStartOffset()).isZero();
            assertThat(harness.readFrom(0)).isEqualTo(expected(0, RECORDS));
            assertThat(harness.readFrom(37)).isEqualTo(expected(37, RECORDS));
        }
        try (TieredHarness harness = new TieredHarness(disk, objects, manifests.next(), TieredHarness.TOPIC)) {
            assertThat(harness.state().logStartOffset()).isZero();
            assertThat(harness.readFrom(0)).isEqualTo(expected(0, RECORDS));
            fill(harness, RECORDS, 50);
            harness.awaitStoredUpTo(130);
            assertThat(harness.readFrom(0)).isEqualTo(expected(0, RECORDS + 50));
        }
    }

    @Test
    void recordsAreFoundByTimeInTheStore() throws Exception {
        try (TieredHarness harness =
                new TieredHarness(new MemoryStore(64 << 20), objects, manifests, TieredHarness.TOPIC)) {
            fill(harness, 0, RECORDS);
            harness.awaitStoredUpTo(80);
            assertThat(harness.offsetForTime(Batches.TIME + 25).offset()).isEqualTo(25);
            assertThat(harness.offsetForTime(Batches.TIME + 95).offset()).isEqualTo(95);
            assertThat(harness.offsetForTime(Batches.TIME + RECORDS).offset()).isEqualTo(-1);
            assertThat(harness.lookUp(reply ->
                                    harness.journal.offsetForMaxTimestamp(JournalHarness.ORDERS, harness.loop(), reply))
                            .offset())
                    .isEqualTo(RECORDS - 1);
        }
    }

    @Test
    void nobodyIsToldThatThereIsNoSuchTimeBeforeTheStoreCouldBeAsked() throws Exception {
        MemoryStore disk = new MemoryStore(64 << 20);
        try (TieredHarness harness = new TieredHarness(disk, objects, manifests, TieredHarness.TOPIC)) {
            fill(harness, 0, RECORDS);
            harness.awaitStoredUpTo(80);
            objects.away(true);
            assertThat(harness.offsetForTime(Batches.TIME + 25).error()).isEqualTo(BrokerError.STORAGE_ERROR);
            objects.away(false);
            assertThat(harness.offsetForTime(Batches.TIME + 25).offset()).isEqualTo(25);
        }
        TierManifests silent = command -> {};
        try (TieredHarness harness = new TieredHarness(disk, objects, silent, TieredHarness.TOPIC)) {
            assertThat(harness.offsetForTime(Batches.TIME + 25).error()).isEqualTo(BrokerError.LEADER_NOT_AVAILABLE);
            assertThat(harness.lookUp(reply ->
                                    harness.journal.offsetForMaxTimestamp(JournalHarness.ORDERS, harness.loop(), reply))
                            .error())
                    .isEqualTo(BrokerError.LEADER_NOT_AVAILABLE);
        }
    }

    @Test
    void abortedTransactionsAreToldOfWhatIsInTheStore() throws Exception {
        try (TieredHarness harness =
                new TieredHarness(new MemoryStore(64 << 20), objects, manifests, TieredHarness.TOPIC)) {
            fill(harness, 0, 3);
            AppendOptions verified = AppendOptions.DURABLE.verifiedAt(0);
            harness.append(Batches.transactional(7, 0, 0, value(3)), verified);
            fill(harness, 4, 30);
            AppendOptions coordinator = new AppendOptions(
                    AppendOptions.DURABLE.acks(),
                    AppendOptions.Origin.COORDINATOR,
                    AppendOptions.DURABLE.leaderEpoch(),
                    AppendOptions.DURABLE.timeoutMs(),
                    AppendOptions.DURABLE.verifiedAt());
            AppendResult marker = harness.append(Batches.marker(7, 0, false, 0), coordinator);
            assertThat(marker.error()).isEqualTo(BrokerError.NONE);
            fill(harness, 35, 40);
            harness.awaitStoredUpTo(50);
            List<AbortedTransaction> aborted = new ArrayList<>();
            harness.readFrom(0, aborted);
            assertThat(aborted).contains(new AbortedTransaction(7, 3));
        }
    }

    @Test
    void nothingOfAnOpenTransactionGoesToTheStore() throws Exception {
        try (TieredHarness harness =
                new TieredHarness(new MemoryStore(64 << 20), objects, manifests, TieredHarness.TOPIC)) {
            fill(harness, 0, 30);
            harness.append(Batches.transactional(7, 0, 0, value(30)), AppendOptions.DURABLE.verifiedAt(0));
            fill(harness, 31, 60);
            harness.awaitStoredUpTo(20);
            assertThat(harness.state().storedEndOffset()).isLessThanOrEqualTo(30);
        }
    }

    @Test
    void retentionOverBothTakesObjectsAndRecordsCanBeDeletedInTheStore() throws Exception {
        try (TieredHarness harness =
                new TieredHarness(new MemoryStore(64 << 20), objects, manifests, TieredHarness.TOPIC)) {
            manifests.deletesIn(harness.tier);
            fill(harness, 0, RECORDS);
            harness.awaitStoredUpTo(80);
            assertThat(harness.deleteRecords(45).baseOffset()).isEqualTo(45);
            assertThat(harness.readFrom(45)).isEqualTo(expected(45, RECORDS));
            assertThat(harness.journal
                            .read(JournalHarness.ORDERS, 44, 1000, true, Isolation.READ_COMMITTED)
                            .error())
                    .isEqualTo(BrokerError.OFFSET_OUT_OF_RANGE);
            int before = objects.names().size();
            ReplicatedJournals.until(() -> {
                manifests.tick();
                return objects.names().size() < before;
            });
            assertThat(harness.readFrom(45)).isEqualTo(expected(45, RECORDS));
        }
    }

    @Test
    void oldRecordsGoFromTheStoreByRetention() throws Exception {
        Map<String, String> topic = new HashMap<>(TieredHarness.TOPIC);
        topic.put("retention.bytes", "50000");
        try (TieredHarness harness = new TieredHarness(new MemoryStore(64 << 20), objects, manifests, topic)) {
            fill(harness, 0, RECORDS);
            ReplicatedJournals.until(() -> harness.state().logStartOffset() > 30);
            PartitionState state = harness.state();
            assertThat(state.logStartOffset()).isLessThan(80);
            assertThat(harness.readFrom(state.logStartOffset()))
                    .isEqualTo(expected((int) state.logStartOffset(), RECORDS));
        }
    }

    @Test
    void idlePartitionsAreStoredWhenTheirRecordsAreOld() throws Exception {
        Map<String, String> topic = new HashMap<>(TieredHarness.TOPIC);
        topic.put("local.retention.ms", "10");
        try (TieredHarness harness = new TieredHarness(new MemoryStore(64 << 20), objects, manifests, topic)) {
            harness.append(Batches.at(Batches.TIME - 1000, value(0)));
            harness.awaitStoredUpTo(1);
            assertThat(harness.readFrom(0)).hasSize(1);
        }
    }

    @Test
    void leaderWithOtherSegmentsGoesOnInTheMiddleOfOneOfThem() throws Exception {
        Map<String, String> larger = new HashMap<>(TieredHarness.TOPIC);
        larger.put("segment.bytes", "45000");
        larger.put("local.retention.bytes", "-1");
        larger.put("retention.bytes", "-1");
        MemoryStore otherDisk = new MemoryStore(64 << 20);
        SyncManifests unused = new SyncManifests();
        try (TieredHarness other =
                new TieredHarness(otherDisk, new KeptObjects(new Object(), point -> {}), unused, larger)) {
            fill(other, 0, RECORDS);
        }
        try (TieredHarness first =
                new TieredHarness(new MemoryStore(64 << 20), objects, manifests, TieredHarness.TOPIC)) {
            fill(first, 0, RECORDS / 2);
            first.awaitStoredUpTo(30);
        }
        larger.put("local.retention.bytes", "0");
        SyncManifests next = manifests.next();
        long before = next.known().get(next.known().size() - 1).endOffset();
        try (TieredHarness second = new TieredHarness(otherDisk, objects, next, larger)) {
            second.awaitStoredUpTo(80);
            assertThat(next.known().stream().map(TierSegment::baseOffset)).contains(before);
            assertThat(second.readFrom(0)).isEqualTo(expected(0, RECORDS));
        }
    }

    @Test
    void firstCopyOfALogKnowsTheProducersOfEachOfItsSegments() throws Exception {
        MemoryStore disk = new MemoryStore(64 << 20);
        Map<String, String> here = Map.of("segment.bytes", "16384");
        try (TieredHarness harness = new TieredHarness(disk, objects, manifests, here)) {
            for (int i = 0; i < RECORDS; i++) {
                harness.append(Batches.idempotent(9, 0, i, value(i)));
            }
        }
        try (TieredHarness harness = new TieredHarness(disk, objects, manifests, TieredHarness.TOPIC)) {
            harness.awaitStoredUpTo(80);
            assertThat(manifests.known()).hasSizeGreaterThan(4);
            for (TierSegment segment : manifests.known()) {
                CompletableFuture<TierSide> side = new CompletableFuture<>();
                harness.tier.side(segment, side::complete);
                ProducerTable table = new ProducerTable(10);
                table.read(Unpooled.wrappedBuffer(side.get(10, TimeUnit.SECONDS).producers())
                        .skipBytes(16));
                assertThat(table.states()).singleElement().satisfies(state -> {
                    assertThat(state.producerId()).isEqualTo(9);
                    assertThat(state.lastSequence()).isEqualTo((int) segment.endOffset() - 1);
                });
            }
        }
    }

    @Test
    void whileTheStoreIsAwayNothingGoesThatIsOnlyHere() throws Exception {
        try (TieredHarness harness =
                new TieredHarness(new MemoryStore(64 << 20), objects, manifests, TieredHarness.TOPIC)) {
            fill(harness, 0, 50);
            harness.awaitStoredUpTo(40);
            objects.away(true);
            long start = harness.state().localStartOffset();
            fill(harness, 50, 50);
            assertThat(harness.readFrom(start)).isEqualTo(expected((int) start, RECORDS));
            assertThat(harness.state().localStartOffset()).isEqualTo(start);
            ReplicatedJournals.until(() -> harness.journal
                            .read(JournalHarness.ORDERS, 0, 1000, true, Isolation.READ_COMMITTED)
                            .error()
                    == BrokerError.STORAGE_ERROR);
            objects.away(false);
            harness.awaitStoredUpTo(80);
            assertThat(harness.readFrom(0)).isEqualTo(expected(0, RECORDS));
        }
    }

    @Test
    void nothingIsGivenUpOrDeletedWhenTheManifestIsLost() throws Exception {
        MemoryStore disk = new MemoryStore(64 << 20);
        try (TieredHarness harness = new TieredHarness(disk, objects, manifests, TieredHarness.TOPIC)) {
            fill(harness, 0, RECORDS);
            harness.awaitStoredUpTo(80);
        }
        Set<String> stored = Set.copyOf(objects.names());
        SyncManifests empty = new SyncManifests();
        try (TieredHarness harness = new TieredHarness(disk, objects, empty, TieredHarness.TOPIC)) {
            ReplicatedJournals.until(() -> harness.journal
                            .read(JournalHarness.ORDERS, 0, 1000, true, Isolation.READ_COMMITTED)
                            .error()
                    == BrokerError.STORAGE_ERROR);
            assertThat(harness.state().logStartOffset()).isZero();
        }
        // Nor is anything begun there by a log that is lost, too.
        Set<TierCommand> commands = ConcurrentHashMap.newKeySet();
        TierManifests watched = command -> {
            commands.add(command);
            empty.submit(command);
        };
        int lists = objects.lists();
        try (TieredHarness harness =
                new TieredHarness(new MemoryStore(64 << 20), objects, watched, TieredHarness.TOPIC)) {
            fill(harness, 0, RECORDS);
            ReplicatedJournals.until(() -> objects.lists() > lists);
            fill(harness, RECORDS, 1);
            assertThat(commands).isNotEmpty().doesNotHaveAnyElementsOfTypes(TierCommand.Lead.class);
        }
        assertThat(objects.names()).isEqualTo(stored);
        try (TieredHarness harness = new TieredHarness(disk, objects, manifests.next(), TieredHarness.TOPIC)) {
            assertThat(harness.state().logStartOffset()).isZero();
            assertThat(harness.readFrom(0)).isEqualTo(expected(0, RECORDS));
        }
    }

    @Test
    void uploadsThatDidNotEndAreSweptWhenTheyAreOld() throws Exception {
        try (TieredHarness harness =
                new TieredHarness(new MemoryStore(64 << 20), objects, manifests, TieredHarness.TOPIC)) {
            fill(harness, 0, 1);
            ReplicatedJournals.until(() -> objects.sweptBefore() >= 0);
            assertThat(objects.sweptBefore()).isLessThanOrEqualTo(System.currentTimeMillis() - 86_400_000);
        }
    }

    @Test
    void cacheOfTheSmallestSizeServesManyReaders() throws Exception {
        try (TieredHarness harness = new TieredHarness(
                new MemoryStore(64 << 20),
                objects,
                manifests,
                TieredHarness.TOPIC,
                Map.of("remote.storage.cache.bytes.max", "1048576", "remote.storage.readahead.chunks", "2"))) {
            fill(harness, 0, RECORDS);
            harness.awaitStoredUpTo(80);
            for (int from = 0; from < 80; from += 20) {
                assertThat(harness.readFrom(from)).isEqualTo(expected(from, RECORDS));
            }
            int reads = objects.reads();
            assertThat(harness.readFrom(0)).isEqualTo(expected(0, RECORDS));
            assertThat(objects.reads()).isEqualTo(reads);
        }
    }

    @Test
    void readerThatGoesOnHasTheNextSegmentReadAhead() throws Exception {
        try (TieredHarness harness = new TieredHarness(
                new MemoryStore(64 << 20),
                objects,
                manifests,
                TieredHarness.TOPIC,
                Map.of("remote.storage.readahead.chunks", "8"))) {
            fill(harness, 0, RECORDS);
            harness.awaitStoredUpTo(80);
            int before = objects.reads();
            readBatchAt(harness, 0);
            // Segments of five chunks of three records: what is beside two of them, and all chunks but the first are
            // wanted ahead of the second.
            ReplicatedJournals.until(() -> {
                readBatchAt(harness, 3);
                return objects.reads() == before + 2 + 5 + 5;
            });
        }
    }

    @Test
    void aTopicThatWasCompactedIsStoredAndReadAcrossItsGaps() throws Exception {
        MemoryStore disk = new MemoryStore(64 << 20);
        List<String> left = new ArrayList<>();
        try (JournalHarness harness = JournalHarness.open(
                disk,
                Map.of("journal.cleaner.check.ms", "10"),
                Map.of("cleanup.policy", "compact", "segment.bytes", "16384", "min.cleanable.dirty.ratio", "0.01"))) {
            for (int i = 0; i < 2 * RECORDS; i++) {
                // 15 of them are a segment, of which the first nine are overwritten at once.
                String key = i % 15 < 9 ? "hot" : "key-" + i;
                assertThat(harness.append(keyed(key, value(i))).error()).isEqualTo(BrokerError.NONE);
            }
            ReplicatedJournals.until(
                    () -> harness.journal.state(JournalHarness.ORDERS).sizeBytes() < 1_100 * RECORDS);
            assertThat(harness.registry.counter("robustmq.journal.cleanings").count())
                    .isPositive();
        }
        try (TieredHarness here = new TieredHarness(
                disk, objects, manifests, Map.of("cleanup.policy", "delete", "segment.bytes", "16384"))) {
            left.addAll(here.readFrom(0));
        }
        assertThat(left).hasSizeLessThan(RECORDS + 15);
        try (TieredHarness harness = new TieredHarness(disk, objects, manifests, TieredHarness.TOPIC)) {
            harness.awaitStoredUpTo(180);
            assertThat(manifests.known().subList(1, manifests.known().size())).anyMatch(segment -> left.stream()
                    .noneMatch(record -> record.startsWith(segment.baseOffset() + "=")));
            assertThat(harness.readFrom(0)).isEqualTo(left);
            for (int i = 0; i < 2 * RECORDS; i++) {
                int from = i;
                assertThat(harness.readFrom(from))
                        .isEqualTo(left.stream()
                                .filter(record -> Long.parseLong(record.substring(0, record.indexOf('='))) >= from)
                                .toList());
            }
        }
    }

    private static ByteBuf keyed(String key, String value) {
        BatchBuilder builder = new BatchBuilder(ByteBufAllocator.DEFAULT, 256);
        builder.append(
                Batches.TIME,
                Unpooled.copiedBuffer(key, StandardCharsets.UTF_8),
                Unpooled.copiedBuffer(value, StandardCharsets.UTF_8),
                List.of());
        return builder.build();
    }

    private static void readBatchAt(TieredHarness harness, long offset) {
        ReplicatedJournals.until(() -> {
            ReadResult result = harness.journal.read(JournalHarness.ORDERS, offset, 1, true, Isolation.READ_COMMITTED);
            if (result.slice() != null) {
                result.slice().close();
            }
            return result.slice() != null;
        });
    }

    static void fill(TieredHarness harness, int from, int count) throws Exception {
        for (int i = from; i < from + count; i++) {
            AppendResult result = harness.append(Batches.at(Batches.TIME + i, value(i)));
            assertThat(result.error()).isEqualTo(BrokerError.NONE);
            assertThat(result.baseOffset()).isEqualTo(i);
        }
    }

    static String value(int i) {
        return "value-" + i + "-" + "x".repeat(1_000);
    }

    static List<String> expected(int from, int end) {
        return IntStream.range(from, end).mapToObj(i -> i + "=" + value(i)).toList();
    }
}
