package io.robustmq.storage.s3;

import static io.robustmq.storage.object.ObjectStoreContract.assertKind;
import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.core.port.StoreException.Kind;
import io.robustmq.core.port.object.ObjectInfo;
import io.robustmq.core.port.object.ObjectStore;
import io.robustmq.core.port.object.ObjectWriter;
import io.robustmq.core.port.object.RequestMeter;
import io.robustmq.storage.object.Samples;
import io.robustmq.storage.retry.RetryPolicy;
import io.robustmq.storage.retry.RetryingObjectStore;
import io.robustmq.storage.retry.SteppedClock;
import io.robustmq.storage.s3.FaultyHttpProxy.Fault;
import io.robustmq.storage.s3.S3Config.S3Checksum;
import io.robustmq.storage.s3.S3Config.S3Timeouts;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A network that fails between the SDK and a server, and what callers are told. */
class S3FaultTest {
    private static final UUID TOKEN = new UUID(1, 2);
    private static final byte[] CONTENT = Samples.bytes(20_000, 1);
    private static S3Server server;
    private static int stores;

    private FaultyHttpProxy proxy;
    private ObjectStore once;
    private RetryingObjectStore store;

    @BeforeAll
    static void start() throws Exception {
        server = new S3Server();
    }

    @AfterAll
    static void stop() throws Exception {
        server.stop();
    }

    @BeforeEach
    void open() throws IOException {
        proxy = new FaultyHttpProxy(server.port());
        S3Timeouts timeouts = new S3Timeouts(1_000, 1_000, 5_000);
        once = new S3ObjectStore(
                S3Server.config(proxy.port(), "faults-" + stores++, S3Checksum.CRC32C, timeouts), RequestMeter.NONE);
        store = new RetryingObjectStore("s3", once, RetryPolicy.DEFAULT, new SteppedClock());
    }

    @AfterEach
    void close() throws IOException {
        store.close();
        proxy.close();
    }

    @ParameterizedTest
    @EnumSource(Fault.class)
    void anObjectIsCreatedOnceWhateverBecomesOfTheRequest(Fault fault) throws IOException {
        proxy.next(fault, fault);
        store.create("a", TOKEN, List.of(ByteBuffer.wrap(CONTENT)));
        assertThat(read("a")).isEqualTo(CONTENT);
        assertKind(Kind.EXISTS, () -> store.create("a", new UUID(3, 4), List.of(ByteBuffer.wrap(CONTENT))));
    }

    @ParameterizedTest
    @EnumSource(value = Fault.class, names = "DAMAGED_REQUEST", mode = EnumSource.Mode.EXCLUDE)
    void whatIsReadIsWhatWasWritten(Fault fault) throws IOException {
        once.create("a", TOKEN, List.of(ByteBuffer.wrap(CONTENT)));
        proxy.next(fault);
        assertThat(read("a")).isEqualTo(CONTENT);
    }

    @Test
    void aShortAnswerIsAFailureAndNeverFewerBytes() throws IOException {
        once.create("a", TOKEN, List.of(ByteBuffer.wrap(CONTENT)));
        ByteBuffer target = ByteBuffer.allocate(10_000);
        proxy.next(Fault.CUT_ANSWER);
        assertKind(Kind.RETRIABLE, () -> once.read("a", 5_000, target));
        assertThat(target.position()).isZero();
        proxy.next(Fault.DAMAGED_ANSWER);
        assertKind(Kind.CORRUPT, () -> once.read("a", 0, ByteBuffer.allocate(CONTENT.length)));
    }

    @Test
    void aRequestIsMadeOnceIfNobodyRepeatsIt() {
        proxy.next(Fault.UNAVAILABLE);
        assertKind(Kind.RETRIABLE, () -> once.create("a", TOKEN, List.of(ByteBuffer.wrap(CONTENT))));
        proxy.next(Fault.RESET_AFTER);
        assertKind(Kind.RETRIABLE, () -> once.create("b", TOKEN, List.of(ByteBuffer.wrap(CONTENT))));
        assertThat(proxy.requests()).containsExactly("PUT", "PUT");
    }

    @ParameterizedTest
    @EnumSource(
            value = Fault.class,
            names = {"UNAVAILABLE", "RESET_BEFORE", "RESET_AFTER"})
    void everyStepOfAnUploadCanBeRepeated(Fault fault) throws IOException {
        byte[] content = Samples.bytes(S3Server.PART_BYTES + 100, 2);
        try (ObjectWriter writer = store.write("large", TOKEN)) {
            for (int at = 0; at < content.length; at += 4_000_000) {
                proxy.next(fault);
                writer.append(ByteBuffer.wrap(content, at, Math.min(4_000_000, content.length - at)));
            }
            proxy.next(fault, Fault.NONE, fault, Fault.NONE, fault);
            writer.seal();
        }
        ByteBuffer target = ByteBuffer.allocate(content.length);
        store.read("large", 0, target);
        assertThat(target.array()).isEqualTo(content);
        assertKind(Kind.EXISTS, () -> store.create("large", new UUID(5, 6), List.of(ByteBuffer.wrap(CONTENT))));
    }

    @Test
    void listsAndDeletionsAreRepeated() throws IOException {
        for (String name : List.of("a", "b", "c")) {
            once.create(name, TOKEN, List.of(ByteBuffer.allocate(1)));
        }
        proxy.next(Fault.RESET_AFTER, Fault.UNAVAILABLE, Fault.CUT_ANSWER);
        assertThat(store.list("", "", 10).objects())
                .extracting(ObjectInfo::name)
                .containsExactly("a", "b", "c");
        proxy.next(Fault.RESET_AFTER, Fault.CUT_ANSWER);
        store.delete(List.of("a", "b"));
        proxy.next(Fault.RESET_AFTER);
        store.delete(List.of("c"));
        assertThat(store.list("", "", 10).objects()).isEmpty();
    }

    @Test
    void aServerThatIsGoneIsDownUntilItAnswers() throws IOException {
        proxy.close();
        assertKind(Kind.RETRIABLE, () -> store.info("a"));
        assertThat(store.health().downForMs()).isPresent();
        assertThat(store.health().retries()).isPositive();
    }

    private byte[] read(String name) throws IOException {
        ByteBuffer target = ByteBuffer.allocateDirect(CONTENT.length);
        store.read(name, 0, target);
        byte[] bytes = new byte[CONTENT.length];
        target.flip().get(bytes);
        return bytes;
    }
}
