package io.robustmq.mqtt.deliver;

import io.netty.buffer.ByteBuf;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.meta.TopicImage;
import io.robustmq.core.model.Partition;
import io.robustmq.core.model.TopicName;
import io.robustmq.core.port.Journal;
import io.robustmq.core.record.RecordReader;
import io.robustmq.core.retained.RetainedCodec;
import io.robustmq.core.retained.RetainedIndex;
import io.robustmq.core.retained.RetainedMessage;
import io.robustmq.core.security.Operation;
import io.robustmq.mqtt.session.PartitionLog;
import java.util.ArrayList;
import java.util.List;

/**
 * Keeps the index of retained messages by tailing their topic from its start. Owned by the router's loop; the index itself is
 * read by any.
 */
final class RetainedMessages {
    private static final int BATCH_BYTES_MAX = 64 << 20;
    private static final int EXPIRY_PERIOD_MS = 30_000;
    private static final int EXPIRED_MAX = 10_000;

    private final Router.Setup setup;
    private final RetainedIndex index;
    private final Journal journal;
    private final Loop loop;
    private final List<Waiter> waiters = new ArrayList<>();
    /** Who came while it was being asked where the partitions end. */
    private List<Runnable> next = new ArrayList<>();

    private int asked;
    private List<Tail> tails = List.of();
    private volatile List<PartitionLog> logs = List.of();

    RetainedMessages(Router.Setup setup, Loop loop) {
        this.setup = setup;
        this.index = setup.retained();
        this.journal = setup.journal();
        this.loop = loop;
        loop.schedule(EXPIRY_PERIOD_MS, this::expire);
    }

    /** What waits until everything that was committed when it came is in the index. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Waiter(long[] ends, Runnable task) {}

    RetainedIndex index() {
        return index;
    }

    /** Any thread: whether the log topic that the message belongs to is visible and may be read. */
    boolean maySee(Session session, RetainedMessage message) {
        if (SystemMessages.isSystem(message.topic())) {
            return SystemMessages.mayRead(setup.authorizer(), session.principal);
        }
        String logTopic = setup.mapping().toLog(message.topic()).topic();
        return setup.visible().test(logTopic)
                && setup.authorizer()
                        .allowsMessage(
                                session.principal, Operation.READ, logTopic, message.topic(), session.clientId());
    }

    /** Any thread: whether the message of a log topic, which waited for the session, may be read. */
    boolean maySee(Session session, Message message) {
        return setup.authorizer()
                .allowsMessage(
                        session.principal, Operation.READ, message.log().topic(), message.topic(), session.clientId());
    }

    /** Any thread: where the message is stored, to find it again by. */
    PartitionLog logOf(RetainedMessage message) {
        List<PartitionLog> all = logs;
        if (SystemMessages.isSystem(message.topic())) {
            return SystemMessages.NO_LOG;
        }
        return all.get(RetainedCodec.partition(message.topic(), all.size()));
    }

    void onImage(MetaImage image) {
        TopicImage topic = image.topic(TopicName.MQTT_RETAINED);
        if (topic == null || topic.partitions().size() == logs.size()) {
            return;
        }
        List<Tail> opened = new ArrayList<>(tails);
        List<PartitionLog> named = new ArrayList<>(logs);
        for (int i = named.size(); i < topic.partitions().size(); i++) {
            Partition partition = topic.partition(i);
            PartitionLog log = new PartitionLog(partition, topic.name());
            named.add(log);
            Tail tail = new Tail(log, 0, journal, loop, this::read);
            opened.add(tail);
            loop.execute(tail::run);
        }
        logs = List.copyOf(named);
        tails = List.copyOf(opened);
    }

    /** Takes {@code bytes}. */
    private void read(Tail tail, ByteBuf bytes) {
        try {
            RecordReader.forAll(bytes, BATCH_BYTES_MAX, (batch, record) -> {
                if (record.offset() >= tail.position()) {
                    index.apply(record);
                }
            });
        } finally {
            bytes.release();
        }
        if (!waiters.isEmpty()) {
            // The tail moves its position when this returns.
            loop.execute(this::wake);
        }
    }

    /** Runs {@code task} when the index holds everything that is committed now. */
    void whenCaughtUp(Runnable task) {
        if (journal.isOwn()) {
            await(task);
            return;
        }
        next.add(task);
        if (asked == 0) {
            ask();
        }
    }

    /** Asks where the partitions end elsewhere, for all who came until now; who comes meanwhile waits for the next time. */
    private void ask() {
        List<Runnable> mine = next;
        next = new ArrayList<>();
        List<PartitionLog> all = logs;
        long[] ends = new long[all.size()];
        asked = all.size();
        for (int i = 0; i < ends.length; i++) {
            int index = i;
            journal.settledEnd(all.get(i).partition(), loop, end -> {
                ends[index] = end;
                if (--asked == 0) {
                    add(new Waiter(ends, () -> mine.forEach(Runnable::run)));
                    if (!next.isEmpty()) {
                        ask();
                    }
                }
            });
        }
        if (ends.length == 0) {
            mine.forEach(Runnable::run);
        }
    }

    private void await(Runnable task) {
        long[] ends = new long[tails.size()];
        for (int i = 0; i < ends.length; i++) {
            ends[i] = tails.get(i).visibleEnd();
        }
        add(new Waiter(ends, task));
    }

    private void add(Waiter waiter) {
        if (isReached(waiter)) {
            waiter.task().run();
        } else {
            waiters.add(waiter);
        }
    }

    private void wake() {
        List<Waiter> due = new ArrayList<>();
        waiters.removeIf(waiter -> isReached(waiter) && due.add(waiter));
        due.forEach(waiter -> waiter.task().run());
    }

    private boolean isReached(Waiter waiter) {
        for (int i = 0; i < waiter.ends().length; i++) {
            if (tails.get(i).position() < waiter.ends()[i]) {
                return false;
            }
        }
        return true;
    }

    private void expire() {
        index.removeExpired(loop.nowMs(), EXPIRED_MAX);
        loop.schedule(EXPIRY_PERIOD_MS, this::expire);
    }
}
