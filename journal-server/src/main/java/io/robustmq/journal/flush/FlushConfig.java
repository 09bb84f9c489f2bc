package io.robustmq.journal.flush;

/**
 * How appends become durable.
 *
 * @param threads that flush partitions' own files
 * @param shared whether many partitions share a write-ahead file; one that is found is replayed in any case
 * @param filesMax partitions that flush their own files at the same time; further ones share
 * @param walBytesMax size of the write-ahead files together
 * @param partitionBytesMax a partition with more to flush flushes its own file
 */
public record FlushConfig(int threads, boolean shared, int filesMax, long walBytesMax, int partitionBytesMax) {}
