package io.robustmq.journal.log;

import io.netty.buffer.ByteBuf;
import io.robustmq.core.port.StoreException;
import io.robustmq.core.port.StoreException.Kind;
import io.robustmq.core.record.RecordBatch;
import java.io.IOException;

/** Reads what the references in a log stand for; in threads that may wait. */
@FunctionalInterface
public interface Payloads {
    /** Of a log that has its records itself. */
    Payloads NONE = batches -> {
        throw new StoreException(Kind.FATAL, "the log refers to an object store, and there is none here");
    };

    /**
     * The batches, one behind the other, with those that are referred to in place of their references.
     *
     * @param batches whole ones; borrowed
     */
    byte[] restore(ByteBuf batches) throws IOException;

    /** Whether something among them must be {@link #restore}d. */
    static boolean refers(ByteBuf batches) {
        for (int at = batches.readerIndex(); at < batches.writerIndex(); at = new RecordBatch(batches, at).end()) {
            if (new RecordBatch(batches, at).isReference()) {
                return true;
            }
        }
        return false;
    }
}
