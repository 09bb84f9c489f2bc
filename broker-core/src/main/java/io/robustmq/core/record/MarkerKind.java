package io.robustmq.core.record;

import io.netty.buffer.ByteBuf;

/** What the record of a control batch says (KIP-98): its key is a version and a type. */
public enum MarkerKind {
    ABORT,
    COMMIT,
    /** A control batch that ends no transaction, or has lost its record to compaction. */
    OTHER;

    /** Of a whole control batch. Throws IllegalArgumentException when it is not well formed. */
    public static MarkerKind of(RecordBatch batch) {
        if (batch.count() == 0 || !batch.hasProducerId()) {
            return OTHER;
        }
        RecordView view = new RecordView(batch.buffer());
        view.read(RecordReader.body(batch, Short.MAX_VALUE), batch);
        ByteBuf key = view.key();
        if (key == null || key.readableBytes() < Integer.BYTES) {
            return OTHER;
        }
        return switch (key.getShort(key.readerIndex() + Short.BYTES)) {
            case 0 -> ABORT;
            case 1 -> COMMIT;
            default -> OTHER;
        };
    }
}
