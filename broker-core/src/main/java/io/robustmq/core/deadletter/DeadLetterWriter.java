package io.robustmq.core.deadletter;

import io.netty.buffer.ByteBufAllocator;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.port.Journal;
import io.robustmq.core.port.MetaLog;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes letters to the dead letter queues of their groups, and counts them. Thread-safe. */
public final class DeadLetterWriter {
    private static final Logger LOG = LoggerFactory.getLogger(DeadLetterWriter.class);
    private static final long LOG_EVERY_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final DeadLetterConfig config;
    private final Journal journal;
    private final MetaLog metaLog;
    private final ByteBufAllocator allocator;
    private final LongAdder written = new LongAdder();
    private final LongAdder lost = new LongAdder();
    private final AtomicLong logAgainNanos = new AtomicLong(Long.MIN_VALUE);

    public DeadLetterWriter(DeadLetterConfig config, Journal journal, MetaLog metaLog, ByteBufAllocator allocator) {
        this.config = config;
        this.journal = journal;
        this.metaLog = metaLog;
        this.allocator = allocator;
    }

    /** {@code done} runs once, in {@code loop}: the letter is as durable as any append, or it was given up. */
    public void write(DeadLetter letter, Loop loop, Runnable done) {
        LetterTurn turn = new LetterTurn(letter, this, loop, done);
        loop.execute(turn::step);
    }

    /** Records that have their letters. */
    public long written() {
        return written.sum();
    }

    /** Records that were given up without a letter. */
    public long lost() {
        return lost.sum();
    }

    void written(int records) {
        written.add(records);
    }

    /** Clients can cause any number of these: one a second is logged. */
    void lost(DeadLetter letter, long from, String topic, String why, Loop loop) {
        lost.add(letter.last() - from + 1);
        long now = loop.nanoTime();
        long again = logAgainNanos.get();
        if (now >= again && logAgainNanos.compareAndSet(again, now + LOG_EVERY_NANOS)) {
            LOG.error(
                    "group={} partition={} offsets={}..{} topic={}: no dead letters, reason={} lost so far={}",
                    letter.groupId(),
                    letter.source(),
                    from,
                    letter.last(),
                    topic,
                    why,
                    lost());
        }
    }

    DeadLetterConfig config() {
        return config;
    }

    Journal journal() {
        return journal;
    }

    MetaLog metaLog() {
        return metaLog;
    }

    ByteBufAllocator allocator() {
        return allocator;
    }
}
