package io.robustmq.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.robustmq.core.port.OverwritableFile;
import io.robustmq.core.port.SegmentFile;
import io.robustmq.core.port.SegmentStore;
import io.robustmq.journal.log.NewerFormatException;
import io.robustmq.journal.wal.CheckpointWorker;
import io.robustmq.journal.wal.GuardedFile;
import io.robustmq.journal.wal.GuardedStore;
import io.robustmq.journal.wal.WalFile;
import io.robustmq.journal.wal.WriteAheadLog;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Method;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;

class WriteAheadLogTest {
    private static final String LOG = "00000000000000000000.log";
    private static final String WAL = "00000000000000000000.wal";
    private static final List<String> SHARDS = List.of("a-0", "b-0", "c-0");
    private static final int BLOCK_BYTES = 4096;

    private LossyStore disk = new LossyStore(0);
    private WriteAheadLog wal;
    private GuardedStore store;

    @Test
    void whatWasSyncedIsInTheSegmentsAfterThePowerCut() throws IOException {
        writeThree();
        restart();
        for (String shard : SHARDS) {
            assertThat(content(disk, shard)).isEqualTo(text(shard));
        }
        assertThat(disk.list(WriteAheadLog.SHARD)).as("used up").isEmpty();
    }

    @Test
    void fileTornAtAnyByteGivesWhatWasWholeBeforeIt() throws IOException {
        writeThree();
        LossyStore written = disk.onlyForced();
        byte[] bytes = bytes(written, WriteAheadLog.SHARD, WAL);
        for (int size = 0; size <= bytes.length; size += size % BLOCK_BYTES < 300 ? 1 : 97) {
            disk = written.onlyForced();
            SegmentFile file = disk.open(WriteAheadLog.SHARD, WAL);
            file.truncate(size);
            file.force();
            restart();
            int whole = 0;
            while (whole < SHARDS.size() && text(SHARDS.get(whole)).equals(content(disk, SHARDS.get(whole)))) {
                whole++;
            }
            assertThat(whole)
                    .as("torn at %d", size)
                    .isBetween(size / BLOCK_BYTES - 2 < 0 ? 0 : size / BLOCK_BYTES - 1, 3);
            for (String shard : SHARDS.subList(whole, SHARDS.size())) {
                assertThat(content(disk, shard)).as("torn at %d", size).isEmpty();
            }
        }
    }

    @Test
    void oneFlippedBitCostsOneEntryAtMostAndInTheHeaderNone() throws IOException {
        writeThree();
        LossyStore written = disk.onlyForced();
        byte[] bytes = bytes(written, WriteAheadLog.SHARD, WAL);
        for (int at = 0; at < bytes.length; at += at % BLOCK_BYTES < 300 ? 1 : 61) {
            disk = written.onlyForced();
            byte flipped = (byte) (bytes[at] ^ (1 << (at % 8)));
            OverwritableFile file = (OverwritableFile) disk.open(WriteAheadLog.SHARD, WAL);
            file.overwrite(at, new ByteBuf[] {Unpooled.wrappedBuffer(new byte[] {flipped})}, 1);
            file.force();
            restart();
            int lost = 0;
            for (String shard : SHARDS) {
                String found = content(disk, shard);
                assertThat(found).as("flipped at %d", at).isIn("", text(shard));
                lost += found.isEmpty() ? 1 : 0;
            }
            assertThat(lost).as("flipped at %d", at).isLessThanOrEqualTo(at < BLOCK_BYTES ? 0 : 1);
        }
    }

    @Test
    void newerFormatIsRefusedAndLeftAlone() throws IOException {
        writeThree();
        disk = disk.onlyForced();
        byte[] bytes = bytes(disk, WriteAheadLog.SHARD, WAL);
        ByteBuffer header = ByteBuffer.wrap(bytes);
        header.putInt(4, 2);
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, 24);
        header.putInt(24, (int) crc.getValue());
        disk.replace(WriteAheadLog.SHARD, WAL, bytes);
        start();
        assertThatThrownBy(wal::checkRecovered)
                .isInstanceOf(NewerFormatException.class)
                .hasMessageContaining("format 2");
        assertThatThrownBy(() -> store.list("a-0")).isInstanceOf(NewerFormatException.class);
        assertThat(bytes(disk, WriteAheadLog.SHARD, WAL)).isEqualTo(bytes);
        assertThat(content(disk, "a-0")).isEmpty();
    }

    @Test
    void truncatedBytesDoNotComeBack() throws IOException {
        start();
        GuardedFile file = create("a-0");
        append(file, "abcdef");
        sync(file);
        file.truncate(2);
        append(file, "XY");
        sync(file);
        restart();
        assertThat(content(disk, "a-0")).isEqualTo("abXY");
    }

    @Test
    void forceDuringATruncationSaysNothingAboutWhatIsAppendedAfterIt() throws IOException {
        start();
        GuardedFile file = create("a-0");
        append(file, "abcdef");
        boolean[] cut = {false};
        disk.atEachPoint(point -> {
            if (point.equals("log force") && !cut[0]) {
                cut[0] = true;
                truncate(file, 2);
            }
        });
        file.force();
        append(file, "XY");
        sync(file);
        restart();
        assertThat(content(disk, "a-0")).isEqualTo("abXY");
    }

    private static void truncate(SegmentFile file, long size) {
        try {
            file.truncate(size);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void replacedSegmentStaysReplaced() throws IOException {
        start();
        GuardedFile file = create("a-0");
        append(file, "abcdef");
        sync(file);
        store.replace("a-0", LOG, "compacted".getBytes(StandardCharsets.US_ASCII));
        restart();
        assertThat(content(disk, "a-0")).isEqualTo("compacted");
    }

    @Test
    void segmentIsHeldBeforeItsBytesAreWrittenSoThatWhoChangesItWaits() throws IOException {
        start();
        GuardedFile file = create("a-0");
        append(file, "abc");
        List<Integer> held = new ArrayList<>();
        disk.atEachPoint(point -> {
            if (point.equals("wal overwrite")) {
                held.add(wal.coveredCount());
            }
        });
        sync(file);
        assertThat(held).containsExactly(1);
    }

    @Test
    void fileThatIsUsedAgainHoldsItsSegmentsUntilItsNewHeaderIsSynced() throws IOException {
        List<WalFile> full = new ArrayList<>();
        start(0, 2 * BLOCK_BYTES, full::add);
        GuardedFile file = create("a-0");
        append(file, "gone");
        sync(file);
        GuardedFile other = create("b-0");
        while (full.isEmpty()) {
            append(other, "x");
            sync(other);
        }
        assertThat(new CheckpointWorker(() -> true, ns -> {}).run(full.remove(0)))
                .isEqualTo(2);
        assertThat(wal.begin()).isTrue();
        while (full.isEmpty()) {
            append(other, "x");
            assertThat(wal.add(other, other.size())).isTrue();
            assertThat(wal.sync()).isPositive();
            assertThat(wal.begin()).isTrue();
        }
        assertThat(wal.sync()).as("nothing written").isZero();
        store.delete("a-0", LOG);
        restart();
        assertThat(disk.list("a-0")).isEmpty();
        assertThat(content(disk, "b-0")).matches("x+");
    }

    /** A new way to change bytes that is inherited from the port would go past the log. */
    @Test
    void everyMethodOfTheStoreAndItsFilesIsGuarded() {
        for (Method method : SegmentStore.class.getMethods()) {
            if (!method.getName().equals("overwrites")) {
                assertThat(List.of(GuardedStore.class.getDeclaredMethods())).anyMatch(own -> same(own, method));
            }
        }
        for (Method method : SegmentFile.class.getMethods()) {
            assertThat(List.of(GuardedFile.class.getDeclaredMethods())).anyMatch(own -> same(own, method));
        }
    }

    private static boolean same(Method own, Method method) {
        return own.getName().equals(method.getName())
                && Arrays.equals(own.getParameterTypes(), method.getParameterTypes());
    }

    @Test
    void deletedSegmentAndShardStayDeletedAndTheirNamesAreFree() throws IOException {
        start();
        for (String shard : List.of("a-0", "b-0")) {
            GuardedFile file = create(shard);
            append(file, "old");
            sync(file);
        }
        store.delete("a-0", LOG);
        store.deleteShard("b-0");
        LossyStore between = disk;
        restart();
        assertThat(disk.shards()).isEmpty();
        disk = between;
        start();
        GuardedFile again = create("b-0");
        append(again, "n");
        sync(again);
        restart();
        assertThat(content(disk, "b-0")).isEqualTo("n");
    }

    @Test
    void segmentThatFailedWithItsEndInTheLogIsNotOpenedAgainBeforeTheReplay() throws IOException {
        start();
        GuardedFile file = create("a-0");
        append(file, "acknowledged");
        sync(file);
        file.close();
        assertThatThrownBy(() -> store.open("a-0", LOG)).hasMessageContaining("replayed");
        restart();
        assertThat(content(disk, "a-0")).isEqualTo("acknowledged");
        assertThat(store.open("a-0", LOG).size()).isEqualTo(12);
    }

    @Test
    void failedSyncEndsTheLogAndKeepsWhatItHolds() throws IOException {
        start();
        GuardedFile file = create("a-0");
        append(file, "acknowledged");
        sync(file);
        disk.failForces(kind -> kind.equals("wal"));
        append(file, "lost");
        assertThatThrownBy(() -> sync(file)).hasMessageContaining("gone");
        assertThat(wal.begin()).isFalse();
        restart();
        assertThat(content(disk, "a-0")).isEqualTo("acknowledged");
    }

    @Test
    void cleanEndLeavesNothingToReplay() throws IOException {
        writeThree();
        wal.startOver();
        assertThat(disk.list(WriteAheadLog.SHARD)).isEmpty();
        restart();
        for (String shard : SHARDS) {
            assertThat(content(disk, shard)).isEqualTo(text(shard));
        }
    }

    private void writeThree() throws IOException {
        start();
        for (String shard : SHARDS) {
            GuardedFile file = create(shard);
            append(file, text(shard));
            sync(file);
        }
    }

    private void restart() throws IOException {
        disk = disk.onlyForced();
        start();
        wal.checkRecovered();
    }

    private void start() {
        start(1 << 20, 16 << 10, full -> {});
    }

    private void start(long bytesMax, int batchBytesMax, Consumer<WalFile> full) {
        wal = new WriteAheadLog(disk, bytesMax, batchBytesMax, full);
        store = new GuardedStore(disk, wal, task -> task.run());
        wal.recover();
    }

    private GuardedFile create(String shard) throws IOException {
        return (GuardedFile) store.create(shard, LOG);
    }

    private void sync(GuardedFile file) throws IOException {
        assertThat(wal.begin()).isTrue();
        assertThat(wal.add(file, file.size())).isTrue();
        assertThat(wal.sync()).isPositive();
    }

    private static void append(SegmentFile file, String text) throws IOException {
        file.append(new ByteBuf[] {Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII)}, 1);
    }

    private static String text(String shard) {
        return "content of " + shard + "!".repeat(200);
    }

    private static String content(LossyStore disk, String shard) throws IOException {
        return disk.list(shard).contains(LOG) ? new String(bytes(disk, shard, LOG), StandardCharsets.US_ASCII) : "";
    }

    private static byte[] bytes(LossyStore disk, String shard, String name) throws IOException {
        try (SegmentFile file = disk.open(shard, name)) {
            byte[] bytes = new byte[(int) file.size()];
            file.read(0, ByteBuffer.wrap(bytes));
            return bytes;
        }
    }
}
