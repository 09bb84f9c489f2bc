package io.robustmq.storage.object;

import io.robustmq.core.port.StoreException;
import io.robustmq.core.port.StoreException.Kind;
import io.robustmq.core.port.object.ObjectInfo;
import io.robustmq.core.port.object.ObjectPage;
import io.robustmq.core.port.object.ObjectStore;
import io.robustmq.core.port.object.ObjectStream;
import io.robustmq.core.port.object.ObjectStreams;
import io.robustmq.core.port.object.ObjectWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A store that fails as told: call after call from a list, then by chance. Any thread. */
public final class FaultyObjectStore implements ObjectStore {
    /** What becomes of a call. */
    public enum Fault {
        NONE,
        /** It never reaches the store. */
        REQUEST_LOST,
        /** It is done, and nobody is told. */
        ANSWER_LOST,
        /** Half of the bytes arrive, and that is noticed. */
        SHORT_READ,
        /** Other bytes arrive, and that is noticed. */
        DAMAGED,
        DENIED,
        NO_ROOM
    }

    private interface Call<T> {
        T run() throws IOException;
    }

    private final ObjectStore store;
    private final Random random;
    private final ArrayDeque<Fault> next = new ArrayDeque<>();
    private final AtomicInteger calls = new AtomicInteger();
    private final int passingPercent;
    private volatile boolean down;

    /** Passing faults come upon so many of 100 calls, by the seed. */
    public FaultyObjectStore(ObjectStore store, long seed, int passingPercent) {
        this.store = store;
        this.random = new Random(seed);
        this.passingPercent = passingPercent;
    }

    public synchronized void next(Fault... faults) {
        next.addAll(List.of(faults));
    }

    public void down(boolean isDown) {
        down = isDown;
    }

    /** How many calls came here. */
    public int calls() {
        return calls.get();
    }

    @Override
    public void create(String name, UUID token, List<ByteBuffer> content) throws IOException {
        done(() -> store.create(name, token, content));
    }

    @Override
    public ObjectWriter write(String name, UUID token) throws IOException {
        return new FaultyWriter(store.write(name, token));
    }

    @Override
    public void read(String name, long position, ByteBuffer target) throws IOException {
        Fault fault = fault();
        if (fault == Fault.SHORT_READ || fault == Fault.DAMAGED) {
            // The bytes behind the position are undefined then.
            ByteBuffer garbage = target.duplicate();
            while (garbage.hasRemaining()) {
                garbage.put((byte) 0x5a);
            }
            throw new StoreException(fault == Fault.DAMAGED ? Kind.CORRUPT : Kind.RETRIABLE, fault.name());
        }
        ByteBuffer aside = fault == Fault.ANSWER_LOST ? ByteBuffer.allocate(target.remaining()) : target;
        call(fault, () -> {
            store.read(name, position, aside);
            return true;
        });
    }

    @Override
    public ObjectInfo info(String name) throws IOException {
        return call(fault(), () -> store.info(name));
    }

    @Override
    public ObjectPage list(String prefix, String after, int countMax) throws IOException {
        return call(fault(), () -> store.list(prefix, after, countMax));
    }

    @Override
    public void delete(Collection<String> names) throws IOException {
        done(() -> store.delete(names));
    }

    @Override
    public @Nullable ObjectStreams streams() {
        ObjectStreams streams = store.streams();
        return streams == null ? null : new FaultyStreams(streams);
    }

    @Override
    public int sweep(long startedBeforeMs) throws IOException {
        return call(fault(), () -> store.sweep(startedBeforeMs));
    }

    @Override
    public void check() throws IOException {
        done(store::check);
    }

    @Override
    public boolean durable() {
        return store.durable();
    }

    @Override
    public void close() throws IOException {
        store.close();
    }

    private interface Step {
        void run() throws IOException;
    }

    private void done(Step step) throws IOException {
        call(fault(), () -> {
            step.run();
            return true;
        });
    }

    private <T> T call(Fault fault, Call<T> call) throws IOException {
        switch (fault) {
            case REQUEST_LOST, SHORT_READ, DAMAGED -> throw new StoreException(Kind.RETRIABLE, "the request was lost");
            case DENIED -> throw new StoreException(Kind.FATAL, "denied");
            case NO_ROOM -> throw new StoreException(Kind.FULL, "no room");
            case NONE, ANSWER_LOST -> {
                T answer = call.run();
                if (fault == Fault.ANSWER_LOST) {
                    throw new StoreException(Kind.RETRIABLE, "the answer was lost");
                }
                return answer;
            }
        }
        throw new AssertionError(fault);
    }

    private synchronized Fault fault() {
        calls.incrementAndGet();
        if (down) {
            return Fault.REQUEST_LOST;
        }
        Fault told = next.poll();
        if (told != null) {
            return told;
        }
        if (random.nextInt(100) >= passingPercent) {
            return Fault.NONE;
        }
        return random.nextBoolean() ? Fault.REQUEST_LOST : Fault.ANSWER_LOST;
    }

    /** Reads, lists and looks; what a writer does fails where it is told to. */
    private final class FaultyStreams implements ObjectStreams {
        private final ObjectStreams streams;

        private FaultyStreams(ObjectStreams streams) {
            this.streams = streams;
        }

        @Override
        public ObjectStream open(String name) throws IOException {
            ObjectStream stream = call(fault(), () -> streams.open(name));
            return new ObjectStream() {
                @Override
                public long append(List<ByteBuffer> content) throws IOException {
                    return call(fault(), () -> stream.append(content));
                }

                @Override
                public long sizeInBytes() {
                    return stream.sizeInBytes();
                }

                @Override
                public void close() throws IOException {
                    stream.close();
                }
            };
        }

        @Override
        public void read(String name, long position, ByteBuffer target) throws IOException {
            ByteBuffer aside = target.duplicate();
            done(() -> streams.read(name, position, aside));
            target.position(target.limit());
        }

        @Override
        public long sizeInBytes(String name) throws IOException {
            return call(fault(), () -> streams.sizeInBytes(name));
        }

        @Override
        public ObjectPage list(String prefix, String after, int countMax) throws IOException {
            return call(fault(), () -> streams.list(prefix, after, countMax));
        }

        @Override
        public void delete(Collection<String> names) throws IOException {
            done(() -> streams.delete(names));
        }

        @Override
        public long seal(String name) throws IOException {
            return call(fault(), () -> streams.seal(name));
        }

        @Override
        public boolean isSealed(String name) throws IOException {
            return call(fault(), () -> streams.isSealed(name));
        }
    }

    /** Takes some of what it is given before it fails. */
    private final class FaultyWriter implements ObjectWriter {
        private final ObjectWriter writer;

        private FaultyWriter(ObjectWriter writer) {
            this.writer = writer;
        }

        @Override
        public void append(ByteBuffer source) throws IOException {
            Fault fault = fault();
            if (fault == Fault.REQUEST_LOST || fault == Fault.ANSWER_LOST) {
                int bytes = source.remaining() / 2;
                writer.append(source.duplicate().limit(source.position() + bytes));
                source.position(source.position() + bytes);
                throw new StoreException(Kind.RETRIABLE, "half of it was taken");
            }
            call(fault, () -> {
                writer.append(source);
                return true;
            });
        }

        @Override
        public long sizeInBytes() {
            return writer.sizeInBytes();
        }

        @Override
        public void seal() throws IOException {
            done(writer::seal);
        }

        @Override
        public boolean broken() {
            return writer.broken();
        }

        @Override
        public void close() throws IOException {
            writer.close();
        }
    }
}
