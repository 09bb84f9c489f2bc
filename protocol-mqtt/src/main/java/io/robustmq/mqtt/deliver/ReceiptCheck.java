package io.robustmq.mqtt.deliver;

import io.netty.buffer.ByteBuf;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.model.Partition;
import io.robustmq.core.port.Isolation;
import io.robustmq.core.port.Journal;
import io.robustmq.core.port.LogSlice;
import io.robustmq.core.port.ReadResult;
import io.robustmq.core.record.RecordHeader;
import io.robustmq.core.record.RecordReader;
import io.robustmq.core.record.RecordView;
import io.robustmq.core.session.StoredReceipt;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds out which QoS 2 messages are in the log that were about to be appended when the node stopped: their records name the
 * client and the packet id. Reads each partition once, a piece per turn. Owned by the router's loop; used once.
 */
public final class ReceiptCheck {
    /** Stands beside {@link Message#PUBLISHER} in the record of a QoS 2 message of a persistent session. */
    static final String PACKET_ID = "mqtt.packet-id";
    /** The log has the message for certain. */
    public static final long APPENDED = -1;

    private static final Logger LOG = LoggerFactory.getLogger(ReceiptCheck.class);
    private static final int READ_BYTES = 1 << 18;
    private static final int AGAIN_MS = 50;

    private final Journal journal;
    private final Loop loop;
    private final Consumer<Set<Receipt>> done;
    private final Map<Receipt, StoredReceipt> wanted = new HashMap<>();
    private final Set<Receipt> found = new HashSet<>();
    private final ArrayDeque<Range> ranges = new ArrayDeque<>();
    /** Partitions whose end is not known yet. */
    private int planned;

    /** Names an incoming message. */
    public record Receipt(String clientId, int packetId) {}

    private record Range(Partition partition, long from, long end) {}

    private ReceiptCheck(Journal journal, Loop loop, Consumer<Set<Receipt>> done) {
        this.journal = journal;
        this.loop = loop;
        this.done = done;
    }

    /** {@code done} gets those that are in the log, at once when there is nothing to look for. */
    public static void start(
            Map<Receipt, StoredReceipt> wanted, Journal journal, Loop loop, Consumer<Set<Receipt>> done) {
        ReceiptCheck check = new ReceiptCheck(journal, loop, done);
        Map<Partition, Long> starts = new HashMap<>();
        wanted.forEach((receipt, stored) -> {
            if (stored.fromOffset() == APPENDED) {
                check.found.add(receipt);
            } else {
                check.wanted.put(receipt, stored);
                starts.merge(stored.partition(), stored.fromOffset(), Math::min);
            }
        });
        check.planned = starts.size();
        starts.forEach(check::plan);
        if (starts.isEmpty()) {
            check.step();
        }
    }

    /** What a record has beside it that is to be found. */
    public static List<RecordHeader> marks(Receipt receipt) {
        return List.of(
                RecordHeader.of(Message.PUBLISHER, receipt.clientId()),
                RecordHeader.of(PACKET_ID, Integer.toString(receipt.packetId())));
    }

    /** Another node may have been home to the sessions, and live: what it has not appended yet is waited for. */
    private void plan(Partition partition, long from) {
        journal.settledWrites(
                partition,
                loop,
                () -> journal.settledEnd(partition, loop, end -> {
                    if (end > from) {
                        ranges.add(new Range(partition, from, end));
                    }
                    if (--planned == 0) {
                        step();
                    }
                }));
    }

    private void step() {
        Range range = ranges.poll();
        if (range == null) {
            done.accept(found);
            return;
        }
        long next = read(range);
        if (next < range.end) {
            ranges.addFirst(new Range(range.partition, next, range.end));
        }
        if (next == range.from) {
            await(range);
        } else {
            loop.execute(this::step);
        }
    }

    /** What cannot be read now may be there all the same. */
    private void await(Range range) {
        if (journal.isHere(range.partition, range.from)) {
            loop.schedule(AGAIN_MS, this::step);
        } else {
            journal.onAdvance(range.partition, range.from, Isolation.READ_UNCOMMITTED, loop, this::step);
        }
    }

    /** The offset to go on at; the same when nothing can be read now. */
    private long read(Range range) {
        ReadResult result = journal.read(range.partition, range.from, READ_BYTES, true, Isolation.READ_UNCOMMITTED);
        LogSlice slice = result.slice();
        if (result.error() == BrokerError.OFFSET_OUT_OF_RANGE) {
            return Math.max(range.from, result.logStartOffset());
        }
        if (slice == null) {
            return withoutRecords(range, result);
        }
        long[] next = {range.from};
        try (slice) {
            ByteBuf bytes = slice.toBuffer();
            try {
                StoredRecords.forAll(range.partition, bytes, (batch, record) -> look(range.partition, record));
                RecordReader.forEachBatch(bytes, batch -> {
                    next[0] = Math.max(next[0], batch.nextOffset());
                    return true;
                });
            } finally {
                bytes.release();
            }
        } catch (IOException e) {
            LOG.warn("shard={} offset={} cannot be looked through: {}", range.partition, range.from, e.toString());
            return range.end;
        }
        return next[0] == range.from ? range.end : next[0];
    }

    private long withoutRecords(Range range, ReadResult result) {
        boolean isOver = result.error() == BrokerError.NONE && result.highWatermark() > range.from;
        boolean isGone = result.error() == BrokerError.UNKNOWN_TOPIC_OR_PARTITION
                || result.error() == BrokerError.UNKNOWN_TOPIC_ID;
        boolean isBroken = result.error() == BrokerError.STORAGE_ERROR && journal.isHere(range.partition);
        if (isBroken) {
            LOG.warn("shard={} offset={} cannot be looked through: {}", range.partition, range.from, result.error());
        }
        return isOver || isGone || isBroken ? range.end : range.from;
    }

    private void look(Partition partition, RecordView record) {
        Receipt receipt = record.headerCount() < 2 ? null : receipt(record.headers());
        StoredReceipt stored = receipt == null ? null : wanted.get(receipt);
        if (receipt != null
                && stored != null
                && stored.partition().equals(partition)
                && record.offset() >= stored.fromOffset()) {
            found.add(receipt);
        }
    }

    private static @Nullable Receipt receipt(List<RecordHeader> headers) {
        String client = null;
        String packetId = null;
        for (RecordHeader header : headers) {
            if (header.key().equals(Message.PUBLISHER)) {
                client = header.text();
            } else if (header.key().equals(PACKET_ID)) {
                packetId = header.text();
            }
        }
        if (client == null || packetId == null || !packetId.matches("\\d{1,5}")) {
            return null;
        }
        return new Receipt(client, Integer.parseInt(packetId));
    }
}
