package io.robustmq.journal.tier;

import io.robustmq.core.loop.Cancellable;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.port.object.ObjectInfo;
import io.robustmq.core.port.object.ObjectStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Objects that are read as a whole, by way of the node's cache. Any thread; what it says blocks does. */
public final class WholeObjects {
    private final NodeTier tier;

    WholeObjects(NodeTier tier) {
        this.tier = tier;
    }

    /** What is known of an object: its bytes, or why it could not be read. */
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

    /** Null when it is not here. */
    public @Nullable Known get(String name) {
        TierCache.Found found = tier.cache.get(key(name));
        return found == null
                ? null
                : found.value() instanceof byte[] bytes ? new Known(bytes, null) : new Known(null, found.failure());
    }

    /** What is here; null else. */
    public byte @Nullable [] peek(String name) {
        return tier.cache.peek(key(name)) instanceof byte[] bytes ? bytes : null;
    }

    /** Lets it be read, unless it is here or on its way. */
    public void ask(String name, int sizeInBytes) {
        boolean unused = tier.cache.request(key(name), sizeInBytes, () -> readAll(name, sizeInBytes));
    }

    /** The same ahead of who will want it; false when there is no room. */
    public boolean askAhead(String name, int sizeInBytes) {
        return tier.cache.requestAhead(key(name), sizeInBytes, () -> readAll(name, sizeInBytes));
    }

    /** Runs the task when it has come; null when it is not on its way. */
    public @Nullable Cancellable onArrival(String name, Loop loop, Runnable task) {
        return tier.cache.onArrival(key(name), loop, task);
    }

    /** Blocks until it is stored; then it is here. */
    public void create(String name, byte[] content) throws IOException {
        tier.store.create(name, UUID.randomUUID(), List.of(ByteBuffer.wrap(content)));
        tier.cache.put(key(name), content.length, content);
    }

    /** Tells each object whose name begins so, in the order of names. Blocks. */
    public void list(String prefix, Consumer<ObjectInfo> each) throws IOException {
        tier.listNow(prefix, each::accept);
    }

    /** Deletes those that are there; at most {@link ObjectStore#PAGE_COUNT_MAX}. Blocks. */
    public void delete(List<String> names) throws IOException {
        tier.store.delete(names);
        tier.metrics.deletedObjects.increment(names.size());
    }

    /** Blocks. */
    public byte[] read(String name, int position, int bytes) throws IOException {
        byte[] content = new byte[bytes];
        tier.read(name, position, content);
        return content;
    }

    private byte[] readAll(String name, int sizeInBytes) throws IOException {
        return read(name, 0, sizeInBytes);
    }

    private static TierCache.Key key(String name) {
        return new TierCache.Key(name, TierCache.Key.WHOLE);
    }
}
