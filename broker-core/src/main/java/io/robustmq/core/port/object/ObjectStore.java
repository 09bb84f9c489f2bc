package io.robustmq.core.port.object;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Sealed objects: each appears whole or not at all, under a name that is given once, and does not change until it is
 * deleted. What a call says is true for every node that asks the same store from then on: reading, {@link #info} and
 * {@link #list} see what was created and do not see what was deleted.
 *
 * <p>Any thread. Calls block, so they belong into workers' threads, never into a loop; a thread that is interrupted gets a
 * RETRIABLE failure. Sizes and positions are bytes. Names are as {@link ObjectNames} says, below a prefix that the store
 * was configured with; a name never is also the directory of another one.
 *
 * <p>Failures are {@link io.robustmq.core.port.StoreException}s. RETRIABLE: the outcome is unknown, and the same call may
 * be made again; that is safe for every call here, for creations because of their token. FULL: no room. NOT_FOUND and
 * EXISTS: answers about one name. CORRUPT: the bytes are not what was written. FATAL: never, until an operator changes
 * something (no permission, no bucket, a store that lacks what is needed).
 */
public interface ObjectStore extends AutoCloseable {
    /** How many objects one page of {@link #list} has at most, and one call of {@link #delete} should be given. */
    int PAGE_COUNT_MAX = 1_000;

    /**
     * Borrows {@code content}, whose positions stay, and makes its remaining bytes the object. Durable when it returns.
     *
     * @param token marks this creation: EXISTS is thrown if the name was taken by another token, while the same token finds
     *     its own work done. Whoever repeats a creation uses the same token, name and content; nobody else uses the token.
     */
    void create(String name, UUID token, List<ByteBuffer> content) throws IOException;

    /**
     * Begins an object that is given bit by bit, with bounded memory. It is there after {@link ObjectWriter#seal} and not
     * before. That the name is taken may be found out only there.
     *
     * @param token as in {@link #create}
     */
    ObjectWriter write(String name, UUID token) throws IOException;

    /**
     * Borrows {@code target} and fills its remaining bytes from {@code position}. All or nothing: after a failure its
     * position is as before, and the bytes behind it are undefined. CORRUPT if the object ends before. A read of the whole
     * object is also checked against the checksum that was stored with it, where there is one; who reads parts keeps
     * checksums of them. For no bytes nothing is asked.
     */
    void read(String name, long position, ByteBuffer target) throws IOException;

    /** NOT_FOUND if there is none. */
    ObjectInfo info(String name) throws IOException;

    /**
     * The objects whose names begin with {@code prefix} and come behind {@code after}, in the order of their names' characters.
     *
     * @param prefix need not end at a {@code /}; empty for all
     * @param after empty for the first page, then the last name of the page before
     * @param countMax 1 to {@link #PAGE_COUNT_MAX}. A page may be shorter although there is more: it says so itself
     */
    ObjectPage list(String prefix, String after, int countMax) throws IOException;

    /** Deleting what does not exist does nothing. On a failure some may be gone and others not. */
    void delete(Collection<String> names) throws IOException;

    /**
     * Removes what creations that never ended have left (parts of objects, temporary files), if they began before
     * {@code startedBeforeMs} by the store's clock, milliseconds since 1970. A creation that still goes on fails then.
     *
     * @return how many
     */
    int sweep(long startedBeforeMs) throws IOException;

    /**
     * Fails when nothing can be stored or found, or when the store lacks what this contract needs. Creates and deletes an
     * object below {@code .check/}.
     */
    void check() throws IOException;

    /** Streams beside the objects; null where the store knows none. */
    default @Nullable ObjectStreams streams() {
        return null;
    }

    /** Whether the content survives the end of the process. */
    boolean durable();

    @Override
    void close() throws IOException;
}
