/**
 * Kafka RecordBatch v2 in place: reading, patching and building batches over Netty buffers. Entry: RecordBatch, BatchBuilder, RecordReader.
 */
@NullMarked
package io.robustmq.core.record;

import org.jspecify.annotations.NullMarked;
