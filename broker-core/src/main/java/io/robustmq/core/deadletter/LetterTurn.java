package io.robustmq.core.deadletter;

import io.robustmq.core.config.TopicSettings;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.error.BrokerException;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.meta.MetaCommand.CreateTopic;
import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.meta.MetaReply;
import io.robustmq.core.meta.TopicImage;
import io.robustmq.core.model.Partition;
import io.robustmq.core.port.Acks;
import io.robustmq.core.port.AppendOptions;
import io.robustmq.core.port.AppendResult;
import io.robustmq.core.port.Isolation;
import io.robustmq.core.port.Journal;
import io.robustmq.core.port.ReadResult;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One letter on its way: the topic is created if need be, then batch after batch is appended. What fails and may succeed
 * later is tried again some times, at growing intervals; then, and where the configuration does not allow it, the letter is
 * given up. Owned by its loop.
 */
final class LetterTurn {
    private static final Logger LOG = LoggerFactory.getLogger(LetterTurn.class);
    private static final AppendOptions OPTIONS =
            new AppendOptions(Acks.ALL, AppendOptions.Origin.CLIENT, AppendOptions.ANY_EPOCH, 10_000);
    private static final int READ_BYTES_MAX = 1 << 20;
    private static final int ATTEMPTS_MAX = 5;
    private static final long AGAIN_MS = 1_000;
    private static final Map<String, String> TOPIC_CONFIGS =
            Map.of(TopicSettings.TAKES_DEAD_LETTERS.name(), "true", TopicSettings.TIMESTAMP_TYPE.name(), "CreateTime");

    private final DeadLetter letter;
    private final DeadLetterWriter writer;
    private final Loop loop;
    private final Runnable done;
    private long next;
    private int attempts;
    private int unread;

    LetterTurn(DeadLetter letter, DeadLetterWriter writer, Loop loop, Runnable done) {
        this.letter = letter;
        this.writer = writer;
        this.loop = loop;
        this.done = done;
        this.next = letter.first();
    }

    /** The rules are looked at again before every batch. Whatever fails, the group goes on. */
    void step() {
        try {
            writeNext();
        } catch (RuntimeException | Error e) {
            LOG.error("group={} partition={} offset={}: no dead letter", letter.groupId(), letter.source(), next, e);
            giveUp("", "it failed");
        }
    }

    private void writeNext() {
        MetaImage image = writer.metaLog().image();
        DeadLetterRules rules = DeadLetterRules.of(image, writer.config(), letter.groupId());
        TopicImage topic = rules.topic();
        if (!rules.refusal().isEmpty()) {
            giveUp(rules.name(), rules.refusal());
        } else if (topic == null) {
            create(rules.name());
        } else {
            append(rules, topic, sourceTopic(image));
        }
    }

    private String sourceTopic(MetaImage image) {
        TopicImage source = image.topic(letter.source().topicId());
        return source == null ? letter.source().topicId().toString() : source.name();
    }

    private void create(String name) {
        CompletableFuture<MetaReply> unused = writer.metaLog()
                .submit(new CreateTopic(name, -1, -1, List.of(), TOPIC_CONFIGS, -1, false))
                .whenComplete((reply, failure) -> loop.run(() -> created(name, reply, failure)));
    }

    private void created(String name, @Nullable MetaReply reply, @Nullable Throwable failure) {
        if (failure != null) {
            again(name, failure instanceof BrokerException e ? e.error() : BrokerError.UNEXPECTED);
        } else if (reply instanceof MetaReply.Refused refused && refused.error() != BrokerError.TOPIC_ALREADY_EXISTS) {
            again(name, refused.error());
        } else {
            loop.execute(this::step);
        }
    }

    private void append(DeadLetterRules rules, TopicImage topic, String sourceTopic) {
        Journal journal = writer.journal();
        ReadResult read = journal.read(letter.source(), next, READ_BYTES_MAX, true, Isolation.READ_UNCOMMITTED);
        if (rules.copies() && mayBeReadLater(read) && unread < ATTEMPTS_MAX) {
            unread += read.coming() ? 0 : 1;
            loop.schedule(AGAIN_MS, this::step);
            return;
        }
        LetterBatch batch = new LetterBatch(
                letter, sourceTopic, rules.copies(), rules.batchBytesMax(), loop.nowMs(), writer.allocator());
        long until = batch.fill(read, next);
        if (batch.isEmpty()) {
            batch.discard();
            advance(until);
        } else {
            Partition target =
                    topic.partition(letter.source().index() % topic.partitions().size());
            int records = batch.count();
            journal.append(
                    target, batch.build(), OPTIONS, loop, result -> appended(rules.name(), result, records, until));
        }
    }

    /** The records were seen: where they are not now, the partition is about to be led, as after a start. */
    private static boolean mayBeReadLater(ReadResult read) {
        return read.slice() == null && read.error() != BrokerError.OFFSET_OUT_OF_RANGE;
    }

    private void appended(String name, AppendResult result, int records, long until) {
        if (result.succeeded()) {
            writer.written(records);
            attempts = 0;
            advance(until);
        } else {
            again(name, result.error());
        }
    }

    private void advance(long until) {
        next = until;
        if (next > letter.last()) {
            done.run();
        } else {
            loop.execute(this::step);
        }
    }

    private void again(String name, BrokerError error) {
        attempts++;
        if (error.retriable() && attempts < ATTEMPTS_MAX) {
            loop.schedule(AGAIN_MS << (attempts - 1), this::step);
        } else {
            giveUp(name, error.text());
        }
    }

    private void giveUp(String name, String why) {
        writer.lost(letter, next, name, why, loop);
        done.run();
    }
}
