package io.robustmq.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.FileRegion;
import io.robustmq.core.port.LogSlice;
import io.robustmq.core.port.OverwritableFile;
import io.robustmq.core.port.SegmentFile;
import io.robustmq.core.port.SegmentStore;
import io.robustmq.core.port.StoreException;
import io.robustmq.core.port.StoreException.Kind;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** What every store promises. A store's test implements {@link #store}. */
public interface SegmentStoreContract {
    String SHARD = "shard-0";
    String NAME = "00000000000000000000.log";

    /** The same empty store for the whole test. */
    SegmentStore store() throws IOException;

    @Test
    default void writesAreReadBackAtOnceFromAnyPosition() throws IOException {
        try (SegmentFile file = store().create(SHARD, NAME)) {
            append(file, "hello ", "world");
            assertThat(file.size()).isEqualTo(11);
            assertThat(read(file, 0, 11)).isEqualTo("hello world");
            assertThat(read(file, 4, 4)).isEqualTo("o wo");
        }
    }

    @Test
    default void compositeBuffersAreWrittenWhole() throws IOException {
        try (SegmentFile file = store().create(SHARD, NAME)) {
            ByteBuf parts = Unpooled.wrappedBuffer(text("ab"), text("cd"), text("ef"));
            file.append(new ByteBuf[] {parts, text("g")}, 2);
            assertThat(parts.readableBytes()).as("borrowed, not consumed").isEqualTo(6);
            parts.release();
            assertThat(read(file, 0, 7)).isEqualTo("abcdefg");
        }
    }

    @Test
    default void readBeyondTheEndIsCorrupt() throws IOException {
        try (SegmentFile file = store().create(SHARD, NAME)) {
            append(file, "abc");
            assertKind(Kind.CORRUPT, () -> read(file, 1, 3));
        }
    }

    @Test
    default void creatingWhatExistsIsRefused() throws IOException {
        store().create(SHARD, NAME).close();
        assertKind(Kind.FATAL, () -> store().create(SHARD, NAME));
    }

    @Test
    default void openingWhatDoesNotExistIsRefused() {
        assertKind(Kind.FATAL, () -> store().open(SHARD, NAME));
    }

    @Test
    default void openedSegmentContinuesWhereItEnded() throws IOException {
        try (SegmentFile file = store().create(SHARD, NAME)) {
            append(file, "one");
        }
        try (SegmentFile file = store().open(SHARD, NAME)) {
            append(file, "two");
            assertThat(read(file, 0, 6)).isEqualTo("onetwo");
        }
    }

    @Test
    default void truncatedBytesAreOverwrittenByTheNextAppend() throws IOException {
        try (SegmentFile file = store().create(SHARD, NAME)) {
            append(file, "abcdef");
            file.truncate(2);
            assertThat(file.size()).isEqualTo(2);
            append(file, "XY");
            assertThat(read(file, 0, 4)).isEqualTo("abXY");
            assertKind(Kind.CORRUPT, () -> read(file, 0, 5));
        }
    }

    @Test
    default void overwrittenBytesReplaceWhatWasThereAndMayReachBeyondTheEnd() throws IOException {
        assumeTrue(store().overwrites());
        try (SegmentFile file = store().create(SHARD, NAME)) {
            append(file, "0123456789");
            OverwritableFile target = (OverwritableFile) file;
            target.overwrite(2, new ByteBuf[] {text("ab"), text("c")}, 2);
            assertThat(file.size()).isEqualTo(10);
            append(file, "end");
            assertThat(read(file, 0, 13)).isEqualTo("01abc56789end");
            target.overwrite(12, new ByteBuf[] {text("XYZ")}, 1);
            assertThat(file.size()).isEqualTo(15);
            append(file, "!");
            assertThat(read(file, 9, 7)).isEqualTo("9enXYZ!");
            assertThatThrownBy(() -> target.overwrite(17, new ByteBuf[] {text("hole")}, 1))
                    .isInstanceOf(IndexOutOfBoundsException.class);
            file.force();
        }
        try (SegmentFile file = store().open(SHARD, NAME)) {
            assertThat(file).isInstanceOf(OverwritableFile.class);
            assertThat(read(file, 0, 16)).isEqualTo("01abc56789enXYZ!");
        }
    }

    @Test
    default void sliceGivesItsBytesInBothForms() throws IOException {
        try (SegmentFile file = store().create(SHARD, NAME)) {
            append(file, "0123456789");
            LogSlice slice = file.slice(2, 5);
            assertThat(slice.sizeInBytes()).isEqualTo(5);
            ByteBuf copy = slice.toBuffer();
            assertThat(copy.toString(StandardCharsets.US_ASCII)).isEqualTo("23456");
            copy.release();
            assertThat(sent(slice.toOutbound())).isEqualTo("23456");
        }
    }

    @Test
    default void largeSegmentIsSlicedAcrossItsParts() throws IOException {
        byte[] bytes = new byte[3_000_000];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (i * 31 + (i >>> 13));
        }
        try (SegmentFile file = store().create(SHARD, NAME)) {
            for (int at = 0; at < bytes.length; at += 10_000) {
                file.append(new ByteBuf[] {Unpooled.wrappedBuffer(bytes, at, 10_000)}, 1);
            }
            ByteBuffer all = ByteBuffer.allocate(bytes.length);
            file.read(0, all);
            assertThat(all.array()).isEqualTo(bytes);
            try (LogSlice slice = file.slice(3_000, 2_500_000)) {
                ByteBuf copy = slice.toBuffer();
                assertThat(Unpooled.wrappedBuffer(bytes, 3_000, 2_500_000).compareTo(copy))
                        .isZero();
                copy.release();
            }
        }
    }

    @Test
    default void sliceStaysReadableAfterCloseAndDeletion() throws IOException {
        SegmentFile file = store().create(SHARD, NAME);
        append(file, "keep me");
        LogSlice first = file.slice(0, 7);
        LogSlice second = file.slice(5, 2);
        file.close();
        store().delete(SHARD, NAME);
        ByteBuf copy = first.toBuffer();
        assertThat(copy.toString(StandardCharsets.US_ASCII)).isEqualTo("keep me");
        copy.release();
        first.close();
        assertThat(sent(second.toOutbound())).isEqualTo("me");
        assertThat(store().list(SHARD)).isEmpty();
    }

    @Test
    default void sliceOfAnySizeIsSentWholeAfterCloseAndDeletion() throws IOException {
        String text = "0123456789".repeat(2_000);
        List<LogSlice> slices = new ArrayList<>();
        int[] sizes = {1, 4_095, 4_096, 4_097, 19_990};
        try (SegmentFile file = store().create(SHARD, NAME)) {
            append(file, text);
            for (int size : sizes) {
                slices.add(file.slice(7, size));
            }
        }
        store().delete(SHARD, NAME);
        for (int i = 0; i < sizes.length; i++) {
            assertThat(sent(slices.get(i).toOutbound())).isEqualTo(text.substring(7, 7 + sizes[i]));
        }
    }

    @Test
    default void closingASliceTwiceDoesNothing() throws IOException {
        try (SegmentFile file = store().create(SHARD, NAME)) {
            append(file, "abc");
            LogSlice slice = file.slice(0, 3);
            slice.close();
            slice.close();
            assertThat(read(file, 0, 3)).isEqualTo("abc");
        }
    }

    @Test
    default void listsAreSortedAndForgetWhatIsDeleted() throws IOException {
        SegmentStore store = store();
        store.create("b", "2.log").close();
        store.create("b", "1.log").close();
        store.create("a", "1.log").close();
        assertThat(store.shards()).containsExactly("a", "b");
        assertThat(store.list("b")).containsExactly("1.log", "2.log");
        store.delete("b", "1.log");
        store.delete("b", "1.log");
        assertThat(store.list("b")).containsExactly("2.log");
        store.deleteShard("b");
        store.deleteShard("b");
        assertThat(store.shards()).containsExactly("a");
        assertThat(store.list("b")).isEmpty();
    }

    @Test
    default void replacedContentIsTheNewContent() throws IOException {
        SegmentStore store = store();
        store.replace(SHARD, "0.epochs", "first".getBytes(StandardCharsets.US_ASCII));
        store.replace(SHARD, "0.epochs", "second".getBytes(StandardCharsets.US_ASCII));
        try (SegmentFile file = store.open(SHARD, "0.epochs")) {
            assertThat(read(file, 0, (int) file.size())).isEqualTo("second");
        }
        assertThat(store.list(SHARD)).containsExactly("0.epochs");
    }

    static void append(SegmentFile file, String... parts) throws IOException {
        ByteBuf[] buffers = new ByteBuf[parts.length + 1];
        for (int i = 0; i < parts.length; i++) {
            buffers[i] = text(parts[i]);
        }
        file.append(buffers, parts.length);
    }

    static String read(SegmentFile file, long position, int bytes) throws IOException {
        ByteBuffer target = ByteBuffer.allocate(bytes);
        file.read(position, target);
        return new String(target.array(), StandardCharsets.US_ASCII);
    }

    static void assertKind(Kind kind, ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOfSatisfying(StoreException.class, e -> assertThat(e.kind())
                .isEqualTo(kind));
    }

    private static ByteBuf text(String text) {
        return Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII);
    }

    /** What a channel would send; releases the object as a channel does. */
    private static String sent(Object outbound) throws IOException {
        if (outbound instanceof ByteBuf bytes) {
            String text = bytes.toString(StandardCharsets.US_ASCII);
            bytes.release();
            return text;
        }
        FileRegion region = (FileRegion) outbound;
        ByteArrayOutputStream target = new ByteArrayOutputStream();
        try (WritableByteChannel channel = Channels.newChannel(target)) {
            while (region.transferred() < region.count()) {
                region.transferTo(channel, region.transferred());
            }
        }
        region.release();
        return target.toString(StandardCharsets.US_ASCII);
    }
}
