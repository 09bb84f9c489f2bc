package io.robustmq.core.port.object;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Collection;

/**
 * Streams: what one writer appends to and all read, until it is sealed. Names and threads are as {@link ObjectStore} has them; a
 * stream and an object of the same name have nothing to do with each other.
 *
 * <p>Whatever becomes of a writer, what its appends returned for is there: it is read while the stream grows, when the writer is
 * gone, and after somebody else has sealed the stream.
 *
 * <p>Failures are {@link io.robustmq.core.port.StoreException}s, of the kinds that ObjectStore names. Every call here but
 * {@link #open} may be repeated.
 */
public interface ObjectStreams {
    /**
     * Begins an empty stream, which only the caller appends to. After a RETRIABLE failure there may be one: another call with the same
     * name fails with EXISTS then, and nobody appends to it ever.
     */
    ObjectStream open(String name) throws IOException;

    /**
     * Borrows {@code target} and fills its remaining bytes from {@code position}; all or nothing. CORRUPT beyond what is there, which
     * is all that any append returned for, and maybe what one that did not has left. Where the writer is gone this may seal the
     * stream.
     */
    void read(String name, long position, ByteBuffer target) throws IOException;

    /** How much there is now. */
    long sizeInBytes(String name) throws IOException;

    /** As {@link ObjectStore#list}; sizes of what is not sealed may be of some time ago. */
    ObjectPage list(String prefix, String after, int countMax) throws IOException;

    /** As {@link ObjectStore#delete}. Who writes to one that is not sealed fails at some later append. */
    void delete(Collection<String> names) throws IOException;

    /**
     * Nobody appends to it from then on: the writer's next append fails, and one that is under way has either put its bytes there or
     * will fail. RETRIABLE as long as it is not known who may still append.
     *
     * @return its size, which stays
     */
    long seal(String name) throws IOException;

    /** Whether it was sealed, which it stays; by its writer's end, by {@link #seal}, or by the store itself, whose writer is gone. */
    boolean isSealed(String name) throws IOException;
}
