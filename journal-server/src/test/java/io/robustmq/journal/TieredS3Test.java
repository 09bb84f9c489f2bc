package io.robustmq.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.core.port.object.ObjectStore;
import io.robustmq.core.port.object.RequestKind;
import io.robustmq.storage.memory.MemoryStore;
import io.robustmq.storage.retry.RequestCounts;
import io.robustmq.storage.retry.RetryClock;
import io.robustmq.storage.retry.RetryPolicy;
import io.robustmq.storage.retry.RetryingObjectStore;
import io.robustmq.storage.s3.S3Config.S3Checksum;
import io.robustmq.storage.s3.S3ObjectStore;
import io.robustmq.storage.s3.S3Server;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.junit.jupiter.api.Test;

/** A partition above S3, over HTTP to a server in this process. */
class TieredS3Test {
    @Test
    void partitionOutgrowsItsDiskIntoS3AndIsReadBackAfterARestart() throws Exception {
        S3Server server = new S3Server();
        RequestCounts counts = new RequestCounts();
        MemoryStore disk = new MemoryStore(64 << 20);
        SyncManifests manifests = new SyncManifests();
        try (ObjectStore s3 = new RetryingObjectStore(
                "s3",
                new S3ObjectStore(server.config("cluster", S3Checksum.CRC32C), counts),
                RetryPolicy.DEFAULT,
                RetryClock.SYSTEM)) {
            try (TieredHarness harness = new TieredHarness(disk, s3, manifests, TieredHarness.TOPIC)) {
                TieredJournalTest.fill(harness, 0, 100);
                harness.awaitStoredUpTo(80);
                assertThat(harness.readFrom(0)).isEqualTo(TieredJournalTest.expected(0, 100));
            }
            SyncManifests next = manifests.next();
            try (TieredHarness harness = new TieredHarness(disk, s3, next, TieredHarness.TOPIC)) {
                next.deletesIn(harness.tier);
                assertThat(harness.readFrom(0)).isEqualTo(TieredJournalTest.expected(0, 100));
                int before =
                        s3.list("", "", ObjectStore.PAGE_COUNT_MAX).objects().size();
                harness.deleteRecords(50);
                ReplicatedJournals.until(() -> {
                    next.tick();
                    return count(s3) < before;
                });
                assertThat(harness.readFrom(50)).isEqualTo(TieredJournalTest.expected(50, 100));
            }
            assertThat(counts.requests(RequestKind.PUT)).isPositive();
            assertThat(counts.requests(RequestKind.GET)).isPositive();
        } finally {
            server.stop();
        }
    }

    private static int count(ObjectStore store) {
        try {
            return store.list("", "", ObjectStore.PAGE_COUNT_MAX).objects().size();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
