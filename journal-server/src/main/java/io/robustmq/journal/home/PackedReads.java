package io.robustmq.journal.home;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.loop.Cancellable;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.port.LogSlice;
import io.robustmq.core.port.ReadResult;
import io.robustmq.core.port.StoreException;
import io.robustmq.core.port.StoreException.Kind;
import io.robustmq.core.record.BatchReference;
import io.robustmq.core.record.RecordBatch;
import io.robustmq.journal.log.ArraySlice;
import io.robustmq.journal.log.Payloads;
import io.robustmq.journal.tier.WholeObjects;
import io.robustmq.journal.tier.WholeObjects.Known;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Gives readers of a log that refers to packs what it refers to. Any thread. */
public final class PackedReads implements Payloads {
    private static final Logger LOG = LoggerFactory.getLogger(PackedReads.class);
    /** Of references: enough for any fetch, and read in one step. */
    private static final int REFERENCES_BYTES_MAX = 1 << 16;

    private static final int AGAIN_MS = 20;

    private final WholeObjects objects;
    private final Supplier<String> prefix;
    private final int aheadMax;
    private final ExecutorService readers;

    /**
     * @param aheadMax how many packs are read ahead of readers
     * @param readers of what is stored again; not closed here
     */
    PackedReads(WholeObjects objects, Supplier<String> prefix, int aheadMax, ExecutorService readers) {
        this.readers = readers;
        this.objects = objects;
        this.prefix = prefix;
        this.aheadMax = aheadMax;
    }

    /** How much of a log that refers to packs is to be read for so many bytes. */
    public static int referencesBytes(int maxBytes) {
        return Math.min(maxBytes, REFERENCES_BYTES_MAX);
    }

    /** A batch of what was read, and the pack that it is in. */
    private static final class Piece {
        private final RecordBatch header;
        /** Null for a batch that stands in the log itself. */
        private final @Nullable BatchReference reference;

        private final byte[] pack;

        Piece(RecordBatch header, @Nullable BatchReference reference, byte[] pack) {
            this.header = header;
            this.reference = reference;
            this.pack = pack;
        }
    }

    /** The same read with the batches themselves, as many as are in memory; the others are asked for. Takes the slice of {@code raw}. */
    public ReadResult resolve(ReadResult raw, int maxBytes, boolean atLeastOneBatch) {
        LogSlice slice = raw.slice();
        if (slice == null) {
            return raw;
        }
        ByteBuf batches = null;
        try (slice) {
            batches = slice.toBuffer();
            return resolve(raw, batches, maxBytes, atLeastOneBatch);
        } catch (IOException e) {
            LOG.error("action=read failed", e);
            return ReadResult.refused(BrokerError.STORAGE_ERROR);
        } finally {
            if (batches != null) {
                batches.release();
            }
        }
    }

    private ReadResult resolve(ReadResult raw, ByteBuf batches, int maxBytes, boolean atLeastOneBatch)
            throws IOException {
        List<Piece> pieces = new ArrayList<>();
        int total = 0;
        int at = batches.readerIndex();
        IOException failure = null;
        boolean coming = false;
        while (at < batches.writerIndex()) {
            RecordBatch batch = new RecordBatch(batches, at);
            int size = batch.payloadBytes();
            if (total + size > maxBytes && !(pieces.isEmpty() && atLeastOneBatch)) {
                break;
            }
            BatchReference reference = batch.isReference() ? BatchReference.of(batch) : null;
            if (reference == null) {
                pieces.add(new Piece(batch, null, NOTHING));
            } else {
                Known known = objects.get(object(reference), reference.packAt());
                if (known == null || known.bytes() == null) {
                    coming = known == null;
                    failure = known == null ? null : known.failure();
                    break;
                }
                pieces.add(new Piece(batch, reference, known.bytes()));
            }
            total += size;
            at = batch.end();
        }
        if (coming) {
            ask(batches, at);
        }
        if (!pieces.isEmpty()) {
            return new ReadResult(
                    BrokerError.NONE,
                    new ArraySlice(Unpooled.wrappedBuffer(put(pieces, total))),
                    raw.highWatermark(),
                    raw.lastStableOffset(),
                    raw.logStartOffset(),
                    raw.abortedTransactions());
        }
        if (failure != null) {
            throw failure;
        }
        return coming
                ? ReadResult.coming(raw.highWatermark(), raw.lastStableOffset(), raw.logStartOffset())
                : new ReadResult(
                        BrokerError.NONE,
                        null,
                        raw.highWatermark(),
                        raw.lastStableOffset(),
                        raw.logStartOffset(),
                        List.of());
    }

    private static final byte[] NOTHING = new byte[0];

    private static byte[] put(List<Piece> pieces, int total) throws IOException {
        byte[] target = new byte[total];
        int at = 0;
        for (Piece piece : pieces) {
            BatchReference reference = piece.reference;
            if (reference == null) {
                piece.header.buffer().getBytes(piece.header.start(), target, at, piece.header.sizeInBytes());
                at += piece.header.sizeInBytes();
            } else {
                restore(reference, piece.header, piece.pack, reference.position(), target, at);
                at += reference.bytes();
            }
        }
        return target;
    }

    private static void restore(
            BatchReference reference, RecordBatch header, byte[] source, int sourceAt, byte[] target, int at)
            throws StoreException {
        if (!reference.restore(header, source, sourceAt, target, at)) {
            throw new StoreException(
                    Kind.CORRUPT,
                    PackName.of(reference) + " does not have the batch of offset " + header.baseOffset() + " at "
                            + (reference.packAt() + reference.position()));
        }
    }

    /** The pack of the first reference, and those that the next ones need. */
    private void ask(ByteBuf batches, int from) {
        BatchReference last = null;
        int asked = 0;
        for (int at = from; at < batches.writerIndex() && asked <= aheadMax; at = new RecordBatch(batches, at).end()) {
            RecordBatch batch = new RecordBatch(batches, at);
            if (!batch.isReference()) {
                continue;
            }
            BatchReference reference = BatchReference.of(batch);
            if (last != null && last.isInPackOf(reference)) {
                continue;
            }
            last = reference;
            String object = object(reference);
            if (asked++ == 0) {
                objects.ask(object, reference.packAt(), reference.packBytes());
            } else if (!objects.askAhead(object, reference.packAt(), reference.packBytes())) {
                return;
            }
        }
    }

    /** Runs the task when what the first of the batches refers to is here, or cannot be. Takes the slice of {@code raw}. */
    public Cancellable onArrival(ReadResult raw, Loop loop, Runnable task) {
        LogSlice slice = raw.slice();
        if (slice == null) {
            return loop.schedule(AGAIN_MS, task);
        }
        ByteBuf batches = null;
        try (slice) {
            batches = slice.toBuffer();
            RecordBatch first = new RecordBatch(batches, batches.readerIndex());
            if (!first.isReference()) {
                loop.execute(task);
                return Cancellable.NOTHING;
            }
            BatchReference reference = BatchReference.of(first);
            Cancellable waiting = objects.onArrival(object(reference), reference.packAt(), loop, task);
            return waiting == null ? loop.schedule(AGAIN_MS, task) : waiting;
        } catch (IOException e) {
            LOG.error("action=wait failed", e);
            return loop.schedule(AGAIN_MS, task);
        } finally {
            if (batches != null) {
                batches.release();
            }
        }
    }

    @Override
    public byte[] restore(ByteBuf batches) throws IOException {
        int total = 0;
        for (int at = batches.readerIndex(); at < batches.writerIndex(); at = new RecordBatch(batches, at).end()) {
            total += new RecordBatch(batches, at).payloadBytes();
        }
        byte[] target = new byte[total];
        List<Callable<Void>> runs = new ArrayList<>();
        int put = 0;
        int at = batches.readerIndex();
        while (at < batches.writerIndex()) {
            RecordBatch batch = new RecordBatch(batches, at);
            if (!batch.isReference()) {
                batches.getBytes(at, target, put, batch.sizeInBytes());
                put += batch.sizeInBytes();
                at = batch.end();
                continue;
            }
            int from = at;
            int to = put;
            int end = endOfRun(batches, at);
            int bytes = bytesOf(batches, from, end);
            runs.add(() -> {
                restoreRun(batches, from, end, bytes, target, to);
                return null;
            });
            put += bytes;
            at = end;
        }
        restoreAll(runs);
        return target;
    }

    /** At the same time: each is a read of its own, which takes as long however small it is. */
    private void restoreAll(List<Callable<Void>> runs) throws IOException {
        try {
            if (runs.size() == 1) {
                runs.get(0).call();
                return;
            }
            for (Future<Void> run : readers.invokeAll(runs)) {
                run.get();
            }
        } catch (ExecutionException e) {
            if (e.getCause() instanceof StoreException store) {
                throw new StoreException(store.kind(), String.valueOf(store.getMessage()), store);
            }
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            throw new IOException("what is in packs could not be read", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        } catch (RejectedExecutionException e) {
            throw new IOException("this node stops", e);
        } catch (IOException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    /** Where the references end that are to one piece of one pack. */
    private static int endOfRun(ByteBuf batches, int from) {
        BatchReference last = BatchReference.of(new RecordBatch(batches, from));
        int at = new RecordBatch(batches, from).end();
        while (at < batches.writerIndex() && new RecordBatch(batches, at).isReference()) {
            BatchReference next = BatchReference.of(new RecordBatch(batches, at));
            boolean goesOn = next.isInPackOf(last) && next.position() == last.position() + last.bytes();
            if (!goesOn) {
                return at;
            }
            last = next;
            at = new RecordBatch(batches, at).end();
        }
        return at;
    }

    private static int bytesOf(ByteBuf batches, int from, int end) {
        int bytes = 0;
        for (int at = from; at < end; at = new RecordBatch(batches, at).end()) {
            bytes += new RecordBatch(batches, at).payloadBytes();
        }
        return bytes;
    }

    private void restoreRun(ByteBuf batches, int from, int end, int bytes, byte[] target, int put) throws IOException {
        BatchReference first = BatchReference.of(new RecordBatch(batches, from));
        byte[] pack = objects.peek(object(first), first.packAt());
        byte[] source = pack == null ? objects.read(object(first), first.packAt() + first.position(), bytes) : pack;
        int begin = pack == null ? first.position() : 0;
        int next = put;
        for (int at = from; at < end; at = new RecordBatch(batches, at).end()) {
            RecordBatch header = new RecordBatch(batches, at);
            BatchReference reference = BatchReference.of(header);
            restore(reference, header, source, reference.position() - begin, target, next);
            next += reference.bytes();
        }
    }

    private String object(BatchReference reference) {
        return PackName.of(reference).object(prefix.get());
    }
}
