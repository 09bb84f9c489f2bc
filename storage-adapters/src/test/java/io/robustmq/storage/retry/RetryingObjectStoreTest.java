package io.robustmq.storage.retry;

import static io.robustmq.storage.object.ObjectStoreContract.assertKind;
import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.core.port.StoreException.Kind;
import io.robustmq.core.port.object.ObjectStore;
import io.robustmq.core.port.object.ObjectStream;
import io.robustmq.core.port.object.ObjectStreams;
import io.robustmq.core.port.object.ObjectWriter;
import io.robustmq.core.port.object.RequestKind;
import io.robustmq.storage.memory.MemoryObjectStore;
import io.robustmq.storage.object.FaultyObjectStore;
import io.robustmq.storage.object.FaultyObjectStore.Fault;
import io.robustmq.storage.object.Samples;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class RetryingObjectStoreTest {
    private static final RetryPolicy POLICY = new RetryPolicy(4, 100, 1_000, 10_000, 50, 10);
    private static final UUID TOKEN = new UUID(7, 7);

    private final RequestCounts counts = new RequestCounts();
    private final MemoryObjectStore memory = new MemoryObjectStore(1 << 20, counts);
    private final FaultyObjectStore faulty = new FaultyObjectStore(memory, 1, 0);
    private final SteppedClock clock = new SteppedClock();
    private final RetryingObjectStore store = retrying(POLICY);

    @Test
    void pausesDoubleUntilItWorks() throws IOException {
        faulty.next(Fault.REQUEST_LOST, Fault.REQUEST_LOST, Fault.REQUEST_LOST);
        create(store, "a");
        assertThat(clock.pausesMs()).containsExactly(100L, 200L, 400L);
        assertThat(store.health().retries()).isEqualTo(3);
        assertThat(counts.requests(RequestKind.PUT)).isEqualTo(1);
        assertThat(counts.bytes(RequestKind.PUT)).isEqualTo(7);
    }

    @Test
    void aLostAnswerOfACreationIsItsOwnSuccess() throws IOException {
        faulty.next(Fault.ANSWER_LOST);
        create(store, "a");
        assertThat(faulty.calls()).isEqualTo(2);
        assertThat(store.info("a").sizeInBytes()).isEqualTo(7);
    }

    @Test
    void anObjectOfAnotherIsToldAlsoAfterALostRequest() throws IOException {
        memory.create("a", new UUID(1, 1), List.of(ByteBuffer.allocate(1)));
        faulty.next(Fault.REQUEST_LOST);
        assertKind(Kind.EXISTS, () -> create(store, "a"));
        assertThat(faulty.calls()).isEqualTo(2);
    }

    @Test
    void whatWillNotChangeIsNotRepeated() {
        assertKind(Kind.NOT_FOUND, () -> store.info("missing"));
        faulty.next(Fault.DENIED, Fault.NO_ROOM);
        assertKind(Kind.FATAL, () -> create(store, "a"));
        assertKind(Kind.FULL, () -> create(store, "a"));
        assertThat(faulty.calls()).isEqualTo(3);
        assertThat(clock.pausesMs()).isEmpty();
    }

    @Test
    void attemptsAreCounted() {
        faulty.down(true);
        assertKind(Kind.RETRIABLE, () -> create(store, "a"));
        assertThat(faulty.calls()).isEqualTo(4);
        assertThat(store.health().givenUp()).isEqualTo(1);
    }

    @Test
    void noAttemptBeginsWhenTheTimeIsOver() {
        RetryingObjectStore hasty = retrying(new RetryPolicy(100, 100, 1_000, 350, 5_000, 10));
        faulty.down(true);
        assertKind(Kind.RETRIABLE, () -> create(hasty, "a"));
        assertThat(clock.pausesMs()).containsExactly(100L, 200L);
    }

    @Test
    void aStoreThatIsDownIsAskedOncePerCallWhenTheBudgetIsSpent() throws IOException {
        faulty.down(true);
        for (int i = 0; i < 10; i++) {
            assertKind(Kind.RETRIABLE, () -> create(store, "a"));
        }
        assertThat(faulty.calls()).as("10 calls and 50 / 10 repetitions").isEqualTo(15);
        faulty.down(false);
        for (int i = 0; i < 10; i++) {
            create(store, "b");
        }
        faulty.next(Fault.REQUEST_LOST);
        create(store, "b");
        assertThat(store.health().retries()).isEqualTo(6);
        faulty.next(Fault.REQUEST_LOST);
        assertKind(Kind.RETRIABLE, () -> create(store, "b"));
    }

    @Test
    void healthSaysSinceWhenNothingSucceeds() throws IOException {
        assertThat(store.health().downForMs()).isEmpty();
        faulty.down(true);
        assertKind(Kind.RETRIABLE, () -> store.info("a"));
        clock.advanceMs(5_000);
        assertKind(Kind.RETRIABLE, () -> store.info("a"));
        assertThat(store.health().downForMs().orElseThrow()).isGreaterThan(5_000);
        assertThat(store.health().downReason()).contains("lost");
        faulty.down(false);
        assertKind(Kind.NOT_FOUND, () -> store.info("a"));
        assertThat(store.health().downForMs()).as("an answer is an answer").isEmpty();
        faulty.next(Fault.DENIED);
        assertKind(Kind.FATAL, () -> store.info("a"));
        assertThat(store.health().downForMs()).hasValue(0);
        create(store, "a");
        assertThat(store.health().downForMs()).isEmpty();
    }

    @Test
    void damagedBytesAreFetchedOnceMore() throws IOException {
        create(store, "a");
        faulty.next(Fault.DAMAGED, Fault.NONE, Fault.SHORT_READ, Fault.NONE, Fault.DAMAGED, Fault.DAMAGED);
        for (int i = 0; i < 2; i++) {
            ByteBuffer target = ByteBuffer.allocate(7);
            store.read("a", 0, target);
            assertThat(target.array()).isEqualTo(Samples.text("content"));
        }
        assertKind(Kind.CORRUPT, () -> store.read("a", 0, ByteBuffer.allocate(7)));
    }

    @Test
    void aWriterGoesOnBehindWhatWasTaken() throws IOException {
        byte[] content = Samples.bytes(1_000, 5);
        try (ObjectWriter writer = store.write("w", TOKEN)) {
            faulty.next(Fault.REQUEST_LOST, Fault.REQUEST_LOST, Fault.NONE, Fault.ANSWER_LOST);
            writer.append(ByteBuffer.wrap(content));
            assertThat(writer.sizeInBytes()).isEqualTo(1_000);
            writer.seal();
        }
        ByteBuffer target = ByteBuffer.allocate(1_000);
        store.read("w", 0, target);
        assertThat(target.array()).isEqualTo(content);
    }

    @Test
    void aBrokenWriterIsNotAskedAgain() throws IOException {
        ObjectWriter writer = store.write("w", TOKEN);
        writer.close();
        int before = faulty.calls();
        faulty.next(Fault.REQUEST_LOST);
        assertKind(Kind.RETRIABLE, writer::seal);
        assertThat(faulty.calls()).isEqualTo(before + 1);
    }

    @Test
    void streamsAreAskedAgainButForAppends() throws IOException {
        RetryingObjectStore patient = retrying(RetryPolicy.DEFAULT);
        ObjectStreams streams = Objects.requireNonNull(patient.streams());
        faulty.next(Fault.REQUEST_LOST);
        ObjectStream stream = streams.open("s");
        long unused = stream.append(List.of(ByteBuffer.wrap(Samples.text("content"))));
        faulty.next(Fault.REQUEST_LOST, Fault.ANSWER_LOST);
        ByteBuffer target = ByteBuffer.allocate(3);
        streams.read("s", 4, target);
        assertThat(target.array()).isEqualTo(Samples.text("ent"));
        faulty.next(Fault.ANSWER_LOST);
        assertThat(streams.sizeInBytes("s")).isEqualTo(7);
        int before = faulty.calls();
        faulty.next(Fault.ANSWER_LOST);
        assertKind(Kind.RETRIABLE, () -> stream.append(List.of(ByteBuffer.wrap(Samples.text("more")))));
        assertThat(faulty.calls()).isEqualTo(before + 1);
        assertThat(patient.health().downForMs()).isPresent();
        faulty.next(Fault.ANSWER_LOST);
        assertThat(streams.seal("s")).isEqualTo(11);
        assertThat(patient.health().downForMs()).isEmpty();
        faulty.next(Fault.REQUEST_LOST);
        assertThat(streams.isSealed("s")).isTrue();
        faulty.next(Fault.ANSWER_LOST);
        streams.delete(List.of("s"));
        faulty.next(Fault.REQUEST_LOST);
        assertThat(streams.list("", "", 10).objects()).isEmpty();
    }

    @Test
    void ofAStreamWhoseBeginningIsNotKnownTheNameIsLost() throws IOException {
        faulty.next(Fault.ANSWER_LOST);
        ObjectStreams streams = Objects.requireNonNull(store.streams());
        assertKind(Kind.EXISTS, () -> streams.open("s"));
        streams.open("t").close();
    }

    @Test
    void anInterruptEndsTheWaiting() {
        faulty.down(true);
        Thread.currentThread().interrupt();
        assertKind(Kind.RETRIABLE, () -> create(store, "a"));
        assertThat(Thread.interrupted()).isTrue();
        assertThat(faulty.calls()).isEqualTo(1);
    }

    private RetryingObjectStore retrying(RetryPolicy policy) {
        return new RetryingObjectStore("test", faulty, policy, clock);
    }

    private static void create(ObjectStore target, String name) throws IOException {
        target.create(name, TOKEN, List.of(ByteBuffer.wrap(Samples.text("content"))));
    }
}
