package io.robustmq.storage.object;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.robustmq.core.port.StoreException;
import io.robustmq.core.port.StoreException.Kind;
import io.robustmq.core.port.object.ObjectInfo;
import io.robustmq.core.port.object.ObjectStore;
import io.robustmq.core.port.object.ObjectWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.UUID;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** What every store of objects promises for one object. A store's test implements it, and {@link ObjectListContract}. */
public interface ObjectStoreContract {
    /** The same empty store for the whole test. */
    ObjectStore store() throws IOException;

    /** Closes the store, restarts its server where there is one of its own, and opens the store again. */
    ObjectStore reopened() throws Exception;

    /** Where the store begins another part of what it is given by a writer; content beside its multiples is tried. */
    int partBytes();

    /** Sizes of objects that are written bit by bit. */
    default int[] writtenBytes() {
        int part = partBytes();
        return new int[] {1, part - 1, part, part + 1, part * 2, part * 3 + 17};
    }

    @Test
    default void whatIsCreatedIsReadAtOnceFromAnyPosition() throws IOException {
        byte[] content = Samples.bytes(1_000, 1);
        create("a/b", content);
        assertThat(read("a/b", 0, 1_000)).isEqualTo(content);
        for (int[] range : new int[][] {{0, 1}, {0, 999}, {1, 999}, {999, 1}, {500, 7}, {1, 1}, {998, 2}}) {
            assertThat(read("a/b", range[0], range[1])).isEqualTo(Samples.range(content, range[0], range[1]));
        }
        assertThat(store().info("a/b")).isEqualTo(new ObjectInfo("a/b", 1_000));
    }

    @Test
    default void buffersOfAllKindsAreBorrowedAndJoined() throws IOException {
        ByteBuffer heap = ByteBuffer.wrap(Samples.text("_heap_"), 1, 4);
        ByteBuffer direct =
                ByteBuffer.allocateDirect(3).put(Samples.text("dir")).flip();
        ByteBuffer none = ByteBuffer.allocate(0);
        ByteBuffer readOnly = ByteBuffer.wrap(Samples.text("end")).asReadOnlyBuffer();
        store().create("joined", UUID.randomUUID(), List.of(heap, direct, none, readOnly));
        assertThat(heap.remaining()).as("borrowed, not consumed").isEqualTo(4);
        assertThat(direct.remaining()).isEqualTo(3);
        assertThat(read("joined", 0, 10)).isEqualTo(Samples.text("heapdirend"));
        ByteBuffer window = ByteBuffer.allocateDirect(20).position(5).limit(9);
        store().read("joined", 3, window);
        assertThat(window.position()).isEqualTo(9);
        assertThat(window.flip().position(5)).isEqualTo(ByteBuffer.wrap(Samples.text("pdir")));
    }

    @Test
    default void anEmptyObjectIsAnObject() throws IOException {
        create("empty", new byte[0]);
        write("empty-too", UUID.randomUUID(), new byte[0], 1);
        for (String name : List.of("empty", "empty-too")) {
            assertThat(store().info(name).sizeInBytes()).isZero();
            store().read(name, 0, ByteBuffer.allocate(0));
            assertKind(Kind.CORRUPT, () -> read(name, 0, 1));
        }
        assertThat(store().list("empty", "", 10).objects()).hasSize(2);
    }

    @Test
    default void aNameIsGivenOnce() throws IOException {
        create("taken", Samples.text("first"));
        assertKind(Kind.EXISTS, () -> create("taken", Samples.text("second")));
        assertKind(Kind.EXISTS, () -> create("taken", Samples.text("first")));
        assertThat(read("taken", 0, 5)).isEqualTo(Samples.text("first"));
    }

    @Test
    default void aCreationThatIsRepeatedFindsItsOwnWorkDone() throws IOException {
        UUID token = UUID.randomUUID();
        List<ByteBuffer> content = List.of(ByteBuffer.wrap(Samples.text("mine")));
        store().create("mine", token, content);
        store().create("mine", token, content);
        write("mine", token, Samples.text("mine"), 4);
        assertThat(read("mine", 0, 4)).isEqualTo(Samples.text("mine"));
        UUID large = UUID.randomUUID();
        byte[] bytes = Samples.bytes(partBytes() * 2, 9);
        write("large", large, bytes, partBytes());
        write("large", large, bytes, partBytes());
        assertKind(Kind.EXISTS, () -> write("large", UUID.randomUUID(), bytes, partBytes()));
    }

    @Test
    default void whatDoesNotExistIsNotFound() throws IOException {
        create("there", Samples.text("x"));
        ByteBuffer target = ByteBuffer.allocate(8).position(2);
        assertKind(Kind.NOT_FOUND, () -> store().read("not-there", 0, target));
        assertThat(target.position()).isEqualTo(2);
        assertThat(target.remaining()).isEqualTo(6);
        assertKind(Kind.NOT_FOUND, () -> store().info("not-there"));
        assertKind(Kind.NOT_FOUND, () -> store().info("ther"));
        assertKind(Kind.NOT_FOUND, () -> store().info("no/such/directory"));
    }

    @Test
    default void readingBeyondTheEndIsCorruptAndNeverShort() throws IOException {
        create("short", Samples.text("12345"));
        for (int[] range : new int[][] {{0, 6}, {4, 2}, {5, 1}, {6, 1}, {100, 10}}) {
            ByteBuffer target = ByteBuffer.allocate(range[1]);
            assertKind(Kind.CORRUPT, () -> store().read("short", range[0], target));
            assertThat(target.position()).isZero();
        }
    }

    @Test
    default void whatIsWrittenAppearsWholeWhenItIsSealed() throws IOException {
        int part = partBytes();
        for (int size : writtenBytes()) {
            byte[] content = Samples.bytes(size, size);
            String name = "written/" + size;
            try (ObjectWriter writer = store().write(name, UUID.randomUUID())) {
                for (int at = 0; at < size; ) {
                    int bytes = Math.min(size - at, 1 + part * 2 / 3);
                    writer.append(ByteBuffer.wrap(content, at, bytes));
                    at += bytes;
                    assertThat(writer.sizeInBytes()).isEqualTo(at);
                }
                assertKind(Kind.NOT_FOUND, () -> store().info(name));
                assertThat(store().list(name, "", 1).objects()).isEmpty();
                writer.seal();
                assertThat(store().info(name).sizeInBytes()).isEqualTo(size);
                writer.seal();
            }
            assertThat(read(name, 0, size)).isEqualTo(content);
            int from = Math.max(0, size - 20);
            assertThat(read(name, from, size - from)).isEqualTo(Samples.range(content, from, size - from));
        }
    }

    @Test
    default void whatIsNotSealedLeavesNothing() throws IOException {
        ObjectWriter writer = store().write("dropped", UUID.randomUUID());
        writer.append(ByteBuffer.wrap(Samples.bytes(partBytes() * 2 + 1, 3)));
        writer.close();
        writer.close();
        assertThat(writer.broken()).isTrue();
        assertThatThrownBy(() -> writer.append(ByteBuffer.wrap(new byte[1]))).isInstanceOf(StoreException.class);
        assertThatThrownBy(writer::seal).isInstanceOf(StoreException.class);
        assertKind(Kind.NOT_FOUND, () -> store().info("dropped"));
        assertThat(store().sweep(Long.MAX_VALUE)).as("left behind").isZero();
        create("dropped", Samples.text("free"));
    }

    @Test
    default void aWriterWhoseNameWasTakenMeanwhileIsRefused() throws IOException {
        for (int size : new int[] {10, partBytes() + 10}) {
            String name = "contested-" + size;
            try (ObjectWriter writer = store().write(name, UUID.randomUUID())) {
                writer.append(ByteBuffer.wrap(Samples.bytes(size, 4)));
                create(name, Samples.text("winner"));
                assertKind(Kind.EXISTS, writer::seal);
            }
            assertThat(read(name, 0, 6)).isEqualTo(Samples.text("winner"));
            assertThat(store().info(name).sizeInBytes()).isEqualTo(6);
        }
        assertThat(store().sweep(Long.MAX_VALUE)).as("left behind").isZero();
    }

    @Test
    default void ofManyThatCreateTheSameAtOnceOneWins() throws Exception {
        for (int round = 0; round < 2; round++) {
            String name = "race/" + round;
            int size = round % 2 == 0 ? 100 : partBytes() + 100;
            List<Integer> winners = Races.run(8, racer -> {
                byte[] content = Samples.bytes(size, racer);
                if (racer % 2 == 0) {
                    create(name, content);
                } else {
                    write(name, UUID.randomUUID(), content, size);
                }
            });
            assertThat(winners).hasSize(1);
            assertThat(read(name, 0, size)).isEqualTo(Samples.bytes(size, winners.get(0)));
        }
    }

    @Test
    default void contentSurvivesReopening() throws Exception {
        assumeTrue(store().durable());
        byte[] large = Samples.bytes(partBytes() + 5, 7);
        create("kept/small", Samples.text("small"));
        write("kept/large", UUID.randomUUID(), large, 1 << 20);
        store().delete(List.of("kept/small"));
        create("kept/other", Samples.text("other"));
        ObjectStore again = reopened();
        assertThat(read("kept/large", 0, large.length)).isEqualTo(large);
        assertThat(read("kept/other", 0, 5)).isEqualTo(Samples.text("other"));
        assertThat(again.list("", "", 10).objects())
                .containsExactly(new ObjectInfo("kept/large", large.length), new ObjectInfo("kept/other", 5));
    }

    @Test
    default void whatACrashLeftBeforeTheSealIsNotSeenAndIsSwept() throws Exception {
        UUID token = UUID.randomUUID();
        ObjectWriter abandoned = store().write("crashed", token);
        abandoned.append(ByteBuffer.wrap(Samples.bytes(partBytes() * 2 + 1, 5)));
        ObjectStore again = reopened();
        assertThat(again.list("", "", 10).objects()).isEmpty();
        assertKind(Kind.NOT_FOUND, () -> again.info("crashed"));
        assertThat(again.sweep(0)).as("older than 1970").isZero();
        again.sweep(Long.MAX_VALUE);
        assertThat(again.sweep(Long.MAX_VALUE)).as("swept before").isZero();
        write("crashed", token, Samples.text("again"), 5);
        assertThat(read("crashed", 0, 5)).isEqualTo(Samples.text("again"));
    }

    @Test
    default void theCheckPassesAndLeavesNothing() throws IOException {
        store().check();
        assertThat(store().list("", "", 10).objects()).isEmpty();
        assertThat(store().sweep(Long.MAX_VALUE)).isZero();
    }

    default void create(String name, byte[] content) throws IOException {
        store().create(name, UUID.randomUUID(), List.of(ByteBuffer.wrap(content)));
    }

    default void write(String name, UUID token, byte[] content, int stepBytes) throws IOException {
        try (ObjectWriter writer = store().write(name, token)) {
            for (int at = 0; at < content.length; at += stepBytes) {
                writer.append(ByteBuffer.wrap(content, at, Math.min(stepBytes, content.length - at)));
            }
            writer.seal();
        }
    }

    default byte[] read(String name, long position, int bytes) throws IOException {
        ByteBuffer target = ByteBuffer.allocate(bytes);
        store().read(name, position, target);
        assertThat(target.hasRemaining()).isFalse();
        return target.array();
    }

    static void assertKind(Kind kind, ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOfSatisfying(StoreException.class, e -> assertThat(e.kind())
                .as(e.getMessage())
                .isEqualTo(kind));
    }
}
