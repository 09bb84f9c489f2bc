package io.robustmq.storage.object;

import static io.robustmq.storage.object.ObjectStoreContract.assertKind;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.robustmq.core.port.StoreException;
import io.robustmq.core.port.StoreException.Kind;
import io.robustmq.core.port.object.ObjectInfo;
import io.robustmq.core.port.object.ObjectPage;
import io.robustmq.core.port.object.ObjectStream;
import io.robustmq.core.port.object.ObjectStreams;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** What every store with streams promises. A store's test implements it. */
public interface ObjectStreamsContract {
    int RACE_SECONDS_MAX = 60;

    /** The same empty store for the whole test. */
    ObjectStreams streams() throws IOException;

    /** The same store as another process has it. */
    ObjectStreams elsewhere() throws IOException;

    /** The process of {@link #streams} ends without closing anything. */
    void die() throws Exception;

    /** Where the store begins another part of a stream. */
    int partBytes();

    @Test
    default void whatIsAppendedIsReadAtOnceAndEverywhereWhileTheStreamGrows() throws IOException {
        ByteArrayOutputStream expected = new ByteArrayOutputStream();
        try (ObjectStream stream = streams().open("a/grows")) {
            for (int i = 0; i < 6; i++) {
                byte[] content = Samples.bytes(1 + i * partBytes() / 3, i);
                long position = stream.append(List.of(ByteBuffer.wrap(content)));
                assertThat(position).isEqualTo(expected.size());
                expected.write(content);
                assertThat(stream.sizeInBytes()).isEqualTo(expected.size());
                assertThat(read(elsewhere(), "a/grows", position, content.length))
                        .isEqualTo(content);
                assertThat(elsewhere().sizeInBytes("a/grows")).isEqualTo(expected.size());
                assertThat(elsewhere().isSealed("a/grows")).isFalse();
            }
            assertThat(read(streams(), "a/grows", 0, expected.size())).isEqualTo(expected.toByteArray());
        }
        assertThat(read(elsewhere(), "a/grows", 0, expected.size())).isEqualTo(expected.toByteArray());
        assertThat(elsewhere().isSealed("a/grows")).isTrue();
        assertThat(elsewhere().seal("a/grows")).isEqualTo(expected.size());
    }

    @Test
    default void buffersOfAllKindsAreAppendedAndStayAsTheyAre() throws IOException {
        ByteBuffer heap = ByteBuffer.wrap(Samples.text("_heap_"), 1, 4);
        ByteBuffer direct =
                ByteBuffer.allocateDirect(3).put(Samples.text("dir")).flip();
        ByteBuffer readOnly = ByteBuffer.wrap(Samples.text("end")).asReadOnlyBuffer();
        try (ObjectStream stream = streams().open("joined")) {
            assertThat(stream.append(List.of(heap, direct, ByteBuffer.allocate(0), readOnly)))
                    .isZero();
            assertThat(heap.remaining()).as("borrowed, not consumed").isEqualTo(4);
            assertThat(direct.remaining()).isEqualTo(3);
            ByteBuffer window = ByteBuffer.allocateDirect(20).position(5).limit(9);
            streams().read("joined", 3, window);
            assertThat(window.flip().position(5)).isEqualTo(ByteBuffer.wrap(Samples.text("pdir")));
        }
        assertThat(read(streams(), "joined", 0, 10)).isEqualTo(Samples.text("heapdirend"));
    }

    @Test
    default void readingBeyondTheEndOfAStreamIsCorruptAndNeverShort() throws IOException {
        try (ObjectStream stream = streams().open("short")) {
            long unused = stream.append(List.of(ByteBuffer.wrap(Samples.text("12345"))));
            for (int[] range : new int[][] {{0, 6}, {4, 2}, {5, 1}, {100, 10}}) {
                ByteBuffer target = ByteBuffer.allocate(range[1]);
                assertKind(Kind.CORRUPT, () -> streams().read("short", range[0], target));
                assertThat(target.position()).isZero();
            }
        }
        assertKind(Kind.CORRUPT, () -> read(streams(), "short", 0, 6));
        streams().read("short", 0, ByteBuffer.allocate(0));
    }

    @Test
    default void aNameIsGivenOnceAndWhatIsNotThereIsNotFound() throws IOException {
        try (ObjectStream first = streams().open("taken")) {
            long unused = first.append(List.of(ByteBuffer.wrap(Samples.text("first"))));
            assertKind(Kind.EXISTS, () -> streams().open("taken"));
            assertKind(Kind.EXISTS, () -> elsewhere().open("taken"));
            assertThat(first.append(List.of(ByteBuffer.wrap(Samples.text("second")))))
                    .isEqualTo(5);
        }
        assertKind(Kind.EXISTS, () -> elsewhere().open("taken"));
        assertThat(read(elsewhere(), "taken", 0, 11)).isEqualTo(Samples.text("firstsecond"));
        ByteBuffer target = ByteBuffer.allocate(1);
        assertKind(Kind.NOT_FOUND, () -> streams().read("nothing", 0, target));
        assertKind(Kind.NOT_FOUND, () -> streams().sizeInBytes("nothing"));
        assertKind(Kind.NOT_FOUND, () -> streams().isSealed("nothing"));
        assertKind(Kind.NOT_FOUND, () -> streams().seal("nothing"));
    }

    @Test
    default void whoeverSealsKeepsTheWriterOutAndAllThatWasAppended() throws IOException {
        ObjectStream stream = streams().open("fenced");
        byte[] content = Samples.bytes(partBytes() + 100, 1);
        long unused = stream.append(List.of(ByteBuffer.wrap(content)));
        assertThat(elsewhere().seal("fenced")).isEqualTo(content.length);
        assertThat(elsewhere().isSealed("fenced")).isTrue();
        assertRefused(stream);
        assertRefused(stream);
        closeAnyhow(stream);
        assertThat(elsewhere().seal("fenced")).as("again").isEqualTo(content.length);
        assertThat(elsewhere().sizeInBytes("fenced")).isEqualTo(content.length);
        assertThat(read(elsewhere(), "fenced", 0, content.length)).isEqualTo(content);
        try (ObjectStream next = streams().open("fenced-next")) {
            assertThat(next.append(List.of(ByteBuffer.wrap(content)))).isZero();
        }
    }

    @Test
    default void aStreamIntoWhichNothingCameIsSealedAsAnyOther() throws IOException {
        ObjectStream stream = streams().open("empty");
        assertThat(streams().sizeInBytes("empty")).isZero();
        assertThat(streams().seal("empty")).as("by the writer's own process").isZero();
        assertThat(elsewhere().isSealed("empty")).isTrue();
        assertRefused(stream);
        closeAnyhow(stream);
        streams().open("closed").close();
        assertThat(elsewhere().isSealed("closed")).isTrue();
        assertThat(elsewhere().sizeInBytes("closed")).isZero();
    }

    /** The writer goes on as fast as it can: what it was told is there is there, whenever it is kept out. */
    @Test
    default void whatWasAcknowledgedWhileAnotherSealedIsThere() throws Exception {
        for (int round = 0; round < 2; round++) {
            String name = "race/" + round;
            ObjectStream stream = streams().open(name);
            AtomicLong acknowledged = new AtomicLong();
            CompletableFuture<Void> writer = CompletableFuture.runAsync(() -> {
                byte[] content = Samples.bytes(1_000, 7);
                try {
                    while (true) {
                        acknowledged.set(stream.append(List.of(ByteBuffer.wrap(content))) + content.length);
                    }
                } catch (IOException sealed) {
                    closeAnyhow(stream);
                }
            });
            while (acknowledged.get() < 5_000) {
                Thread.onSpinWait();
            }
            long size = elsewhere().seal(name);
            writer.get(RACE_SECONDS_MAX, TimeUnit.SECONDS);
            assertThat(size).isGreaterThanOrEqualTo(acknowledged.get());
            assertThat(elsewhere().sizeInBytes(name)).as("it stays").isEqualTo(size);
            assertThat(read(elsewhere(), name, acknowledged.get() - 1_000, 1_000))
                    .isEqualTo(Samples.bytes(1_000, 7));
        }
    }

    @Test
    default void whatAWriterLeavesWhoseProcessIsGoneIsReadAndSealedElsewhere() throws Exception {
        ObjectStream stream = streams().open("left");
        byte[] content = Samples.bytes(partBytes() * 2 + 100, 3);
        long unused = stream.append(List.of(ByteBuffer.wrap(content, 0, 100)));
        unused = stream.append(List.of(ByteBuffer.wrap(content, 100, content.length - 100)));
        die();
        assertThat(read(elsewhere(), "left", 0, content.length)).isEqualTo(content);
        assertThat(elsewhere().sizeInBytes("left")).isEqualTo(content.length);
        assertThat(elsewhere().isSealed("left")).isFalse();
        assertThat(elsewhere().seal("left")).isEqualTo(content.length);
        assertThat(elsewhere().isSealed("left")).isTrue();
        assertThat(read(elsewhere(), "left", 0, content.length)).isEqualTo(content);
    }

    @Test
    default void allAreListedInTheirOrderAndWhatIsDeletedIsGone() throws IOException {
        ObjectStream grows = streams().open("list/b");
        long unused = grows.append(List.of(ByteBuffer.wrap(Samples.text("123"))));
        for (String name : List.of("list/c/1", "list/a", "lis/t")) {
            try (ObjectStream stream = streams().open(name)) {
                unused = stream.append(List.of(ByteBuffer.wrap(Samples.text("12345"))));
            }
        }
        assertThat(names("list/")).containsExactly("list/a", "list/b", "list/c/1");
        ObjectPage first = elsewhere().list("list/", "", 1);
        assertThat(first.objects()).containsExactly(new ObjectInfo("list/a", 5));
        assertThat(first.more()).isTrue();
        assertThat(elsewhere().list("list/", "list/b", 10).objects()).containsExactly(new ObjectInfo("list/c/1", 5));
        elsewhere().delete(List.of("list/a", "list/b", "list/nothing"));
        assertThat(names("")).containsExactly("lis/t", "list/c/1");
        assertKind(Kind.NOT_FOUND, () -> read(streams(), "list/a", 0, 1));
        closeAnyhow(grows);
        assertKind(Kind.NOT_FOUND, () -> read(streams(), "list/b", 0, 1));
        elsewhere().delete(names(""));
        assertThat(names("")).isEmpty();
    }

    private List<String> names(String prefix) throws IOException {
        return elsewhere().list(prefix, "", 1_000).objects().stream()
                .map(ObjectInfo::name)
                .toList();
    }

    static byte[] read(ObjectStreams streams, String name, long position, int bytes) throws IOException {
        ByteBuffer target = ByteBuffer.allocate(bytes);
        streams.read(name, position, target);
        assertThat(target.hasRemaining()).isFalse();
        return target.array();
    }

    static void assertRefused(ObjectStream stream) {
        assertThatThrownBy(() -> stream.append(List.of(ByteBuffer.wrap(new byte[10]))))
                .isInstanceOf(StoreException.class);
    }

    /** What it says of a stream that is another's is of no interest. */
    static void closeAnyhow(ObjectStream stream) {
        try {
            stream.close();
        } catch (IOException e) {
            assertThat(e).isInstanceOf(StoreException.class);
        }
    }
}
