package io.robustmq.core.port;

import java.io.IOException;
import java.util.List;

/**
 * Where a shard's segments and their side files live. Names are {@code <base offset, 20 digits>.<kind>}; the journal
 * orders, the store keeps bytes. Calls for different shards may come from different threads.
 */
public interface SegmentStore extends AutoCloseable {
    /** Fails with a FATAL StoreException if the name exists. */
    SegmentFile create(String shard, String name) throws IOException;

    /** Opens what exists, for reading and appending. */
    SegmentFile open(String shard, String name) throws IOException;

    /** Makes {@code bytes} the content of {@code name}, atomically and durably: a reader sees the old content or the new. */
    void replace(String shard, String name, byte[] bytes) throws IOException;

    /** All names of a shard, sorted; empty for a shard that does not exist. */
    List<String> list(String shard) throws IOException;

    /** All shards with at least one name, sorted. */
    List<String> shards() throws IOException;

    /** Deleting what does not exist does nothing. */
    void delete(String shard, String name) throws IOException;

    /** Deletes the shard with all that it has. */
    void deleteShard(String shard) throws IOException;

    /** Fails when nothing can be stored or found any more, whatever the shard. Not for want of room. */
    default void check() throws IOException {}

    /** Whether the content survives the end of the process. */
    boolean durable();

    /** Whether its files are {@link OverwritableFile}s, so that a write-ahead file can take the place of many flushes. */
    default boolean overwrites() {
        return false;
    }

    /** What all its segments may take together: beyond, appends fail as FULL. */
    default long bytesMax() {
        return Long.MAX_VALUE;
    }

    /** How much of that is taken; 0 where there is no limit. */
    default long bytesUsed() {
        return 0;
    }

    @Override
    void close() throws IOException;
}
