package io.robustmq.storage.ssd;

import static io.robustmq.storage.SegmentStoreContract.append;
import static io.robustmq.storage.SegmentStoreContract.assertKind;
import static io.robustmq.storage.SegmentStoreContract.read;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.robustmq.core.port.OverwritableFile;
import io.robustmq.core.port.SegmentFile;
import io.robustmq.core.port.SegmentStore;
import io.robustmq.core.port.StoreException.Kind;
import io.robustmq.storage.SegmentStoreContract;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SsdStoreTest implements SegmentStoreContract {
    @TempDir
    Path root;

    private final FailingDisk disk = new FailingDisk();
    private SsdStore store;

    @BeforeEach
    void open() throws IOException {
        store = new SsdStore(root, disk);
    }

    @AfterEach
    void close() throws IOException {
        store.close();
    }

    @Override
    public SegmentStore store() {
        return store;
    }

    @Test
    void aDirectoryIsNotUsableWhenItsDiskFailsOrItIsGoneAndIsWhenTheDiskIsFull() throws IOException {
        store.check();
        disk.bytesLeft = 0;
        store.check();
        disk.bytesLeft = Long.MAX_VALUE;
        disk.forceFails = true;
        assertKind(Kind.FATAL, store::check);
        disk.forceFails = false;
        store.check();
        Files.delete(root.resolve(SsdStore.FORMAT_FILE));
        assertKind(Kind.FATAL, store::check);
    }

    @Test
    void contentSurvivesReopeningTheStore() throws IOException {
        try (SegmentFile file = store.create(SHARD, NAME)) {
            append(file, "durable");
            file.force();
        }
        store.replace(SHARD, "0.epochs", new byte[] {1, 2});
        store.close();
        store = new SsdStore(root);
        assertThat(store.shards()).containsExactly(SHARD);
        assertThat(store.list(SHARD)).containsExactly("0.epochs", NAME);
        try (SegmentFile file = store.open(SHARD, NAME)) {
            assertThat(read(file, 0, 7)).isEqualTo("durable");
        }
    }

    @Test
    void leftoverOfAnInterruptedReplaceIsNotListed() throws IOException {
        store.replace(SHARD, "0.epochs", new byte[] {1});
        Files.write(root.resolve(SHARD).resolve("0.epochs.tmp"), new byte[] {9, 9});
        assertThat(store.list(SHARD)).containsExactly("0.epochs");
        store.replace(SHARD, "0.epochs", new byte[] {2});
        assertThat(Files.readAllBytes(root.resolve(SHARD).resolve("0.epochs"))).containsExactly(2);
    }

    @Test
    void leftoverOfAReplaceThatAKillInterruptedGoesWithTheNextStart() throws IOException {
        store.replace(SHARD, "0.epochs", new byte[] {1});
        Path unnamed = root.resolve(SHARD).resolve("7.index.tmp");
        Files.write(unnamed, new byte[] {9, 9});
        store.close();
        store = new SsdStore(root);
        assertThat(unnamed).doesNotExist();
        assertThat(store.list(SHARD)).containsExactly("0.epochs");
    }

    @Test
    void failedReplaceLeavesTheOldContent() throws IOException {
        store.replace(SHARD, "0.epochs", new byte[] {1});
        disk.bytesLeft = 0;
        assertKind(Kind.FULL, () -> store.replace(SHARD, "0.epochs", new byte[] {2, 3}));
        assertThat(store.list(SHARD)).containsExactly("0.epochs");
        assertThat(Files.readAllBytes(root.resolve(SHARD).resolve("0.epochs"))).containsExactly(1);
    }

    @Test
    void fullDiskRefusesTheWholeAppendAndTakesMoreWhenThereIsRoom() throws IOException {
        try (SegmentFile file = store.create(SHARD, NAME)) {
            append(file, "before");
            disk.bytesLeft = 3;
            assertKind(Kind.FULL, () -> append(file, "much", "too", "long"));
            assertThat(file.size()).isEqualTo(6);
            assertThat(Files.size(root.resolve(SHARD).resolve(NAME))).isEqualTo(6);
            disk.bytesLeft = 100;
            append(file, "-after");
            assertThat(read(file, 0, 12)).isEqualTo("before-after");
        }
    }

    @Test
    void fullDiskLeavesTheEndOfAnOverwrittenFileWhereItWas() throws IOException {
        try (SegmentFile file = store.create(SHARD, NAME)) {
            append(file, "0123456789");
            disk.bytesLeft = 3;
            ByteBuf[] longer = {Unpooled.copiedBuffer("abcdefgh", StandardCharsets.US_ASCII)};
            assertKind(Kind.FULL, () -> ((OverwritableFile) file).overwrite(6, longer, 1));
            assertThat(file.size()).isEqualTo(10);
            disk.bytesLeft = 100;
            append(file, "more");
            assertThat(read(file, 0, 6)).isEqualTo("012345");
            assertThat(read(file, 10, 4)).isEqualTo("more");
        }
    }

    @Test
    void failedFlushIsNeverReportedAsSuccessLater() throws IOException {
        try (SegmentFile file = store.create(SHARD, NAME)) {
            append(file, "x");
            disk.forceFails = true;
            assertKind(Kind.FATAL, file::force);
            disk.forceFails = false;
            assertKind(Kind.FATAL, file::force);
        }
    }

    @Test
    void directoryInUseIsRefused() {
        assertKind(Kind.FATAL, () -> new SsdStore(root));
    }

    @Test
    void newerFormatIsRefusedAndLeftAlone() throws IOException {
        store.close();
        Path format = root.resolve(SsdStore.FORMAT_FILE);
        Files.writeString(format, "robustmq-ssd 3\n");
        assertKind(Kind.FATAL, () -> new SsdStore(root));
        assertThat(Files.readString(format)).isEqualTo("robustmq-ssd 3\n");
    }

    @Test
    void olderFormatIsReadAndRaisedSoThatTheOlderVersionRefuses() throws IOException {
        try (SegmentFile file = store.create(SHARD, NAME)) {
            append(file, "kept");
        }
        store.close();
        Path format = root.resolve(SsdStore.FORMAT_FILE);
        assertThat(Files.readString(format)).isEqualTo("robustmq-ssd 2\n");
        Files.writeString(format, "robustmq-ssd 1\n");
        try (SsdStore reopened = new SsdStore(root);
                SegmentFile file = reopened.open(SHARD, NAME)) {
            assertThat(read(file, 0, 4)).isEqualTo("kept");
            assertThat(Files.readString(format)).isEqualTo("robustmq-ssd 2\n");
        }
    }

    @Test
    void namesCannotLeaveTheDirectory() {
        assertThatThrownBy(() -> store.create("..", "x")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> store.create("a/b", "x")).isInstanceOf(IllegalArgumentException.class);
    }
}
