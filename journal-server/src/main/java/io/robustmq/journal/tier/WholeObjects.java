package io.robustmq.journal.tier;

import io.robustmq.core.loop.Cancellable;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.port.StoreException;
import io.robustmq.core.port.StoreException.Kind;
import io.robustmq.core.port.object.ObjectInfo;
import io.robustmq.core.port.object.ObjectStore;
import io.robustmq.core.port.object.ObjectStream;
import io.robustmq.core.port.object.ObjectStreams;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What is stored, and read, as a whole, by way of the node's cache: objects, or, where the store has streams, pieces of those. Any
 * thread; what it says blocks does.
 */
public final class WholeObjects {
    private final NodeTier tier;
    private final @Nullable ObjectStreams streams;

    WholeObjects(NodeTier tier) {
        this.tier = tier;
        this.streams = tier.store.streams();
    }

    /** What is known of one: its bytes, or why it could not be read. */
    public static final class Known {
        private final byte @Nullable [] bytes;
        private final @Nullable IOException failure;

        Known(byte @Nullable [] bytes, @Nullable IOException failure) {
            this.bytes = bytes;
            this.failure = failure;
        }

        /** Nobody changes them. */
        public byte @Nullable [] bytes() {
            return bytes;
        }

        /** Told once. */
        public @Nullable IOException failure() {
            return failure;
        }
    }

    /** Whether they are pieces of streams; else each is an object, and begins at 0. */
    public boolean inStreams() {
        return streams != null;
    }

    /** What begins at {@code at} there; null when it is not here. */
    public @Nullable Known get(String name, int at) {
        TierCache.Found found = tier.cache.get(key(name, at));
        return found == null
                ? null
                : found.value() instanceof byte[] bytes ? new Known(bytes, null) : new Known(null, found.failure());
    }

    /** What is here; null else. */
    public byte @Nullable [] peek(String name, int at) {
        return tier.cache.peek(key(name, at)) instanceof byte[] bytes ? bytes : null;
    }

    /** Lets it be read, unless it is here or on its way. */
    public void ask(String name, int at, int sizeInBytes) {
        boolean unused = tier.cache.request(key(name, at), sizeInBytes, () -> read(name, at, sizeInBytes));
    }

    /** The same ahead of who will want it; false when there is no room. */
    public boolean askAhead(String name, int at, int sizeInBytes) {
        return tier.cache.requestAhead(key(name, at), sizeInBytes, () -> read(name, at, sizeInBytes));
    }

    /** Runs the task when it has come; null when it is not on its way. */
    public @Nullable Cancellable onArrival(String name, int at, Loop loop, Runnable task) {
        return tier.cache.onArrival(key(name, at), loop, task);
    }

    /** Blocks until it is stored; then it is here. */
    public void create(String name, byte[] content) throws IOException {
        tier.store.create(name, UUID.randomUUID(), List.of(ByteBuffer.wrap(content)));
        tier.cache.put(key(name, 0), content.length, content);
    }

    /** Begins a stream. Blocks. */
    public ObjectStream open(String name) throws IOException {
        return known().open(name);
    }

    /** Blocks until it is stored; then it is here. Tells where it begins. */
    public int append(ObjectStream stream, String name, byte[] content) throws IOException {
        int at = Math.toIntExact(stream.append(List.of(ByteBuffer.wrap(content))));
        tier.cache.put(key(name, at), content.length, content);
        return at;
    }

    /** As {@link ObjectStreams#seal}. */
    public long seal(String name) throws IOException {
        return known().seal(name);
    }

    /** As {@link ObjectStreams#isSealed}; an object is. */
    public boolean isSealed(String name) throws IOException {
        return streams == null || streams.isSealed(name);
    }

    /** How much there is now. Blocks. */
    public long sizeInBytes(String name) throws IOException {
        return streams == null ? tier.store.info(name).sizeInBytes() : streams.sizeInBytes(name);
    }

    /** Tells each object, or stream, whose name begins so, in the order of names. Blocks. */
    public void list(String prefix, Consumer<ObjectInfo> each) throws IOException {
        NodeTier.eachPage(streams == null ? tier.store::list : streams::list, prefix, each::accept);
    }

    /** Deletes those that are there; at most {@link ObjectStore#PAGE_COUNT_MAX}. Blocks. */
    public void delete(List<String> names) throws IOException {
        if (streams == null) {
            tier.store.delete(names);
        } else {
            streams.delete(names);
        }
        tier.metrics.deletedObjects.increment(names.size());
    }

    /** Blocks. */
    public byte[] read(String name, int position, int bytes) throws IOException {
        byte[] content = new byte[bytes];
        tier.read(streams == null ? tier.store::read : streams::read, name, position, content);
        return content;
    }

    private ObjectStreams known() throws StoreException {
        if (streams == null) {
            throw new StoreException(Kind.FATAL, "the store has no streams");
        }
        return streams;
    }

    private static TierCache.Key key(String name, int at) {
        return new TierCache.Key(name, at);
    }
}
