package io.robustmq.core.coordinator;

import io.netty.buffer.ByteBuf;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.loop.Cancellable;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.model.Partition;
import io.robustmq.core.port.Isolation;
import io.robustmq.core.port.Journal;
import io.robustmq.core.port.LogSlice;
import io.robustmq.core.port.PartitionState;
import io.robustmq.core.port.ReadResult;
import io.robustmq.core.record.RecordBatch;
import io.robustmq.core.record.RecordReader;
import io.robustmq.core.record.RecordView;
import java.io.IOException;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads a partition once from its start to where its log ended when the leadership began, a bounded piece per turn of the
 * loop. What is in the log but not committed yet is waited for: a leader's log is never cut, so it will be. Owned by the
 * partition's loop; used once.
 */
final class StateLoader<F> {
    private static final Logger LOG = LoggerFactory.getLogger(StateLoader.class);
    private static final int DECOMPRESSED_BYTES_MAX = 64 << 20;
    private static final long NOT_READY_DELAY_MS = 5;
    private static final long FAILED_DELAY_MS = 5_000;

    private final CoordinatorSettings settings;
    private final FactCodec<F> codec;
    private final Journal journal;
    private final Partition partition;
    private final int leaderEpoch;
    private final Loop loop;
    private final long startedNanos;

    private Consumer<F> apply = fact -> {};
    private Loaded loaded = (records, nanos) -> {};
    private Runnable restart = () -> {};
    private Cancellable waiting = Cancellable.NOTHING;
    private boolean cancelled;
    private boolean warned;
    private long delayMs = NOT_READY_DELAY_MS;
    private long position;
    private long end;
    private long records;

    StateLoader(
            CoordinatorSettings settings,
            FactCodec<F> codec,
            Journal journal,
            Partition partition,
            int leaderEpoch,
            Loop loop) {
        this.settings = settings;
        this.codec = codec;
        this.journal = journal;
        this.partition = partition;
        this.leaderEpoch = leaderEpoch;
        this.loop = loop;
        this.startedNanos = loop.nanoTime();
    }

    /** Told how many records were applied and when the loading began. */
    @FunctionalInterface
    interface Loaded {
        void loaded(long records, long startedNanos);
    }

    /** {@code restart} is called instead of {@code loaded} when what was applied so far is of no use. */
    void start(Consumer<F> applyFact, Loaded whenLoaded, Runnable whenUseless) {
        apply = applyFact;
        loaded = whenLoaded;
        restart = whenUseless;
        begin();
    }

    void cancel() {
        cancelled = true;
        waiting.cancel();
    }

    private void begin() {
        if (cancelled) {
            return;
        }
        PartitionState state = journal.state(partition);
        // Who leads by old metadata would take for gone what has been created since.
        if (!journal.isMetadataCurrent() || state == null || !state.leader() || state.leaderEpoch() != leaderEpoch) {
            // Or the journal has not made itself match the image yet.
            retry(this::begin);
            return;
        }
        position = state.logStartOffset();
        end = state.logEndOffset();
        step();
    }

    private void step() {
        if (cancelled) {
            return;
        }
        if (position >= end) {
            loaded.loaded(records, startedNanos);
            return;
        }
        ReadResult read = journal.read(partition, position, settings.readBytesMax(), true, Isolation.READ_UNCOMMITTED);
        LogSlice slice = read.slice();
        if (read.error() == BrokerError.OFFSET_OUT_OF_RANGE) {
            later(FAILED_DELAY_MS, restart);
        } else if (read.error() != BrokerError.NONE) {
            retry(this::step);
        } else if (slice == null) {
            waiting = journal.onAdvance(partition, position, Isolation.READ_UNCOMMITTED, loop, () -> retry(this::step));
        } else {
            consume(slice);
        }
    }

    private void consume(LogSlice slice) {
        long before = position;
        try (slice) {
            ByteBuf batches = slice.toBuffer();
            try {
                RecordReader.forAll(batches, DECOMPRESSED_BYTES_MAX, this::visit);
                RecordReader.forEachBatch(batches, this::advance);
            } finally {
                batches.release();
            }
        } catch (IOException | RuntimeException | Error e) {
            if (!warned) {
                warned = true;
                LOG.error("coordinator={}-{} cannot load its state", settings.topic(), partition.index(), e);
            }
            later(FAILED_DELAY_MS, restart);
            return;
        }
        if (position == before) {
            later(FAILED_DELAY_MS, restart);
        } else {
            delayMs = NOT_READY_DELAY_MS;
            loop.execute(this::step);
        }
    }

    private void visit(RecordBatch batch, RecordView record) {
        byte[] key = record.keyArray();
        if (record.offset() < position || key == null) {
            return;
        }
        F fact = codec.decode(key, record.valueArray());
        if (fact != null) {
            apply.accept(fact);
            records++;
        }
    }

    private boolean advance(RecordBatch batch) {
        position = Math.max(position, batch.nextOffset());
        return true;
    }

    private void retry(Runnable task) {
        later(delayMs, task);
        delayMs = Math.min(2 * delayMs, 1_000);
    }

    private void later(long ms, Runnable task) {
        waiting = loop.schedule(ms, () -> {
            if (!cancelled) {
                task.run();
            }
        });
    }
}
