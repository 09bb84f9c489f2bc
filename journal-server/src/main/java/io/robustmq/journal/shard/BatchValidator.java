package io.robustmq.journal.shard;

import io.netty.buffer.ByteBuf;
import io.robustmq.core.config.TopicSettings;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.port.AppendOptions.Origin;
import io.robustmq.core.record.RecordBatch;
import io.robustmq.core.record.RecordReader;
import io.robustmq.core.record.TransactionMarker;

/** Whether the bytes of an append are batches that the topic accepts. Stateless. */
final class BatchValidator {
    private static final Verdict ACCEPTED = new Verdict(BrokerError.NONE, "", false, -1, -1, -1);
    private static final int COMPRESSION_ID_MAX = 4;
    private static final long NO_TIMESTAMP = -1;

    private BatchValidator() {}

    /** Borrows {@code batches}. */
    static Verdict validate(
            ByteBuf batches, TopicSettings settings, Origin origin, long nowMs, int decompressedBytesMax) {
        int at = batches.readerIndex();
        int end = batches.writerIndex();
        if (at == end) {
            return Verdict.refused(BrokerError.INVALID_RECORD, "no batch");
        }
        int count = 0;
        boolean fromProducer = false;
        while (at < end) {
            Verdict form = form(batches, at, end);
            if (!form.accepted()) {
                return form;
            }
            RecordBatch batch = new RecordBatch(batches, at);
            if (origin.isClient()) {
                Verdict rules = rules(batch, settings, origin, nowMs);
                if (!rules.accepted()) {
                    return rules;
                }
            }
            fromProducer |= batch.hasProducerId();
            count++;
            at = batch.end();
        }
        if (count > 1 && fromProducer && origin.isClient()) {
            return Verdict.refused(BrokerError.INVALID_RECORD, "an idempotent producer sends one batch per partition");
        }
        if (batches.readableBytes() > settings.segmentBytes()) {
            return Verdict.refused(BrokerError.RECORD_LIST_TOO_LARGE);
        }
        return settings.compacts() && origin.isClient() ? keys(batches, decompressedBytesMax) : ACCEPTED;
    }

    /** What is wrong with batches of a leader's log for one that ends at {@code nextOffset}; empty if nothing is. Borrows. */
    static String replicated(ByteBuf batches, long nextOffset) {
        int at = batches.readerIndex();
        int end = batches.writerIndex();
        long next = nextOffset;
        while (at < end) {
            if (!RecordBatch.isWhole(batches, at, end)) {
                return "a batch is cut short";
            }
            RecordBatch batch = new RecordBatch(batches, at);
            if (!batch.isIntact()) {
                return "the batch at " + batch.baseOffset() + " fails its checksum";
            }
            if (batch.baseOffset() < next) {
                return "the batch at " + batch.baseOffset() + " begins below " + next;
            }
            next = batch.nextOffset();
            at = batch.end();
        }
        return "";
    }

    private static Verdict form(ByteBuf batches, int at, int end) {
        // The magic byte is at the same place in all formats, and older ones have shorter headers.
        if (end - at > RecordBatch.MAGIC_BYTE_AT
                && batches.getByte(at + RecordBatch.MAGIC_BYTE_AT) != RecordBatch.MAGIC) {
            return Verdict.refused(
                    BrokerError.UNSUPPORTED_FOR_MESSAGE_FORMAT,
                    "batch format " + batches.getByte(at + RecordBatch.MAGIC_BYTE_AT) + "; only 2 is supported");
        }
        if (!RecordBatch.isWhole(batches, at, end)) {
            return Verdict.refused(BrokerError.CORRUPT_MESSAGE, "a batch is cut short");
        }
        RecordBatch batch = new RecordBatch(batches, at);
        if (!batch.isIntact()) {
            return Verdict.refused(BrokerError.CORRUPT_MESSAGE, "a batch fails its checksum");
        }
        if (batch.count() <= 0 || batch.count() - 1 != batch.lastOffsetDelta()) {
            return Verdict.refused(
                    BrokerError.INVALID_RECORD,
                    "a batch says " + batch.count() + " records and last offset delta " + batch.lastOffsetDelta());
        }
        if (batch.isReference()) {
            return Verdict.refused(BrokerError.INVALID_RECORD, "a batch without its records");
        }
        if (batch.compressionId() > COMPRESSION_ID_MAX) {
            return Verdict.refused(BrokerError.UNSUPPORTED_COMPRESSION, "compression id " + batch.compressionId());
        }
        return ACCEPTED;
    }

    private static Verdict rules(RecordBatch batch, TopicSettings settings, Origin origin, long nowMs) {
        if (batch.sizeInBytes() > settings.maxMessageBytes()) {
            return Verdict.refused(
                    BrokerError.MESSAGE_TOO_LARGE,
                    "a batch of " + batch.sizeInBytes() + " bytes exceeds max.message.bytes="
                            + settings.maxMessageBytes());
        }
        if (batch.isControl()) {
            return origin == Origin.NODE && isFence(batch)
                    ? ACCEPTED
                    : Verdict.refused(BrokerError.INVALID_RECORD, "clients cannot write control batches");
        }
        if (batch.hasProducerId() && (batch.baseSequence() < 0 || batch.producerEpoch() < 0)) {
            return Verdict.refused(BrokerError.INVALID_RECORD, "a producer id without epoch or sequence");
        }
        if (batch.isTransactional() && !batch.hasProducerId()) {
            return Verdict.refused(BrokerError.INVALID_RECORD, "a transactional batch without producer id");
        }
        return settings.stampsAppendTime() ? ACCEPTED : timestamps(batch, settings, nowMs);
    }

    /** Whether it is the marker that begins an epoch of a node's own producer, and nothing else. */
    private static boolean isFence(RecordBatch batch) {
        if (!batch.hasProducerId() || batch.producerEpoch() < 0 || batch.baseSequence() != RecordBatch.NO_SEQUENCE) {
            return false;
        }
        try {
            return !TransactionMarker.of(batch).commits();
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            return false;
        }
    }

    private static Verdict timestamps(RecordBatch batch, TopicSettings settings, long nowMs) {
        if (batch.hasAppendTime()) {
            return Verdict.refused(BrokerError.INVALID_TIMESTAMP, "the topic keeps the producer's timestamps");
        }
        long first = batch.baseTimestamp();
        if (first != NO_TIMESTAMP && nowMs - first > settings.timestampBeforeMaxMs()) {
            return Verdict.refused(
                    BrokerError.INVALID_TIMESTAMP,
                    "timestamp " + first + " is older than message.timestamp.before.max.ms allows");
        }
        long newest = batch.maxTimestamp();
        if (newest != NO_TIMESTAMP && newest - nowMs > settings.timestampAfterMaxMs()) {
            return Verdict.refused(
                    BrokerError.INVALID_TIMESTAMP,
                    "timestamp " + newest + " is newer than message.timestamp.after.max.ms allows");
        }
        return ACCEPTED;
    }

    private static Verdict keys(ByteBuf batches, int decompressedBytesMax) {
        boolean[] keyless = new boolean[1];
        try {
            RecordReader.forEach(batches, decompressedBytesMax, (batch, record) -> {
                keyless[0] = record.key() == null;
                return !keyless[0];
            });
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            return Verdict.refused(BrokerError.CORRUPT_MESSAGE, String.valueOf(e.getMessage()));
        }
        return keyless[0]
                ? Verdict.refused(BrokerError.INVALID_RECORD, "a record without key in a compacted topic")
                : ACCEPTED;
    }
}
