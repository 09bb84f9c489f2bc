package io.robustmq.core.share;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.UnpooledByteBufAllocator;
import io.robustmq.core.config.Configuration;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.loop.SimLoop;
import io.robustmq.core.meta.ConfigScope;
import io.robustmq.core.meta.MetaCommand;
import io.robustmq.core.meta.MetaCommand.AlterConfigs;
import io.robustmq.core.meta.MetaCommand.ConfigChange;
import io.robustmq.core.meta.MetaCommand.CreateTopic;
import io.robustmq.core.meta.MetaReply;
import io.robustmq.core.model.Partition;
import io.robustmq.core.model.TopicName;
import io.robustmq.core.port.InMemoryJournal;
import io.robustmq.core.port.InMemoryMetaLog;
import io.robustmq.core.port.SimLink;
import io.robustmq.core.share.ShareCommand.Acknowledge;
import io.robustmq.core.share.ShareCommand.Acknowledged;
import io.robustmq.core.share.ShareCommand.Acquire;
import io.robustmq.core.share.ShareCommand.Describe;
import io.robustmq.core.share.ShareCommand.LogBounds;
import io.robustmq.core.share.ShareCommand.Start;
import io.robustmq.core.share.ShareCommand.Wish;
import io.robustmq.core.share.ShareFixture.Answer;
import io.robustmq.core.share.ShareReply.Acquired;
import io.robustmq.core.share.ShareReply.Described;
import io.robustmq.core.share.link.ShareLink;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** From a rejected record to its letter, through the coordinator and back. */
class DeadLetterServiceTest {
    private final SimLoop loop = new SimLoop();
    private final InMemoryMetaLog meta = new InMemoryMetaLog(1);
    private final InMemoryJournal journal = new InMemoryJournal(1);
    private final ShareService shares = new ShareService(
            ShareConfig.from(new Configuration(ShareConfig.keys(), Map.of())),
            1,
            journal,
            meta,
            loop,
            UnpooledByteBufAllocator.DEFAULT);

    private Partition queue;
    private ShareKey key;

    @BeforeEach
    void groupHasRecords() {
        meta.subscribe(journal);
        shares.joinCluster(new ShareLink(new SimLink(loop), loop));
        shares.start();
        createTopic("orders");
        createTopic("dlq.orders");
        queue = meta.image().topic("dlq.orders").partition(0);
        key = new ShareKey("g", meta.image().topic("orders").partition(0));
        submit(new AlterConfigs(
                new ConfigScope(ConfigScope.Kind.GROUP, "g"),
                List.of(new ConfigChange("errors.deadletterqueue.topic.name", "dlq.orders")),
                false));
        submit(new Start(new Answer(), key, 0, meta.image().index()));
        assertThat(acquire(0)).isEqualTo(0);
    }

    @Test
    void rejectedRecordHasItsLetterAndIsDone() {
        reject(0);

        assertThat(journal.batches(queue)).hasSize(1);
        assertThat(acquire(1)).isEqualTo(1);
        reject(1);
        assertThat(journal.batches(queue)).hasSize(2);
    }

    @Test
    void letterIsWrittenOnceAlthoughTheCoordinatorFailsMeanwhile() {
        // The rejection is logged, the letter is written, and that it is written cannot be logged at first.
        journal.hold();
        reject(0);
        journal.failNext(BrokerError.STORAGE_ERROR, false);
        journal.failNext(BrokerError.STORAGE_ERROR, false);
        journal.release();
        loop.run();
        loop.advance(10_000);

        assertThat(journal.batches(queue)).hasSize(1);
        assertThat(acquire(1)).isEqualTo(1);
    }

    @Test
    void coordinatorThatComesBackHasLettersWrittenThatAnotherTookOver() {
        rejectAndHoldTheLetter(0);
        meta.lead(TopicName.SHARE_GROUP_STATE, shares.partitionOf(key.text()), 2);
        loop.run();
        journal.release();
        loop.run();

        meta.lead(TopicName.SHARE_GROUP_STATE, shares.partitionOf(key.text()), 1);
        loop.run();

        assertThat(start()).isEqualTo(1);
    }

    @Test
    void letterIsWrittenOnceAlthoughTheCoordinatorIsAwayMeanwhile() {
        rejectAndHoldTheLetter(0);
        meta.lead(TopicName.SHARE_GROUP_STATE, shares.partitionOf(key.text()), 2);
        loop.run();
        meta.lead(TopicName.SHARE_GROUP_STATE, shares.partitionOf(key.text()), 1);
        loop.run();

        journal.release();
        loop.run();

        assertThat(journal.batches(queue)).hasSize(1);
        assertThat(start()).isEqualTo(1);
    }

    private void rejectAndHoldTheLetter(long offset) {
        long before = journal.appendCount();
        shares.submit(key, rejection(offset));
        while (journal.appendCount() == before) {
            assertThat(loop.runOne()).isTrue();
        }
        journal.hold();
        loop.run();
        assertThat(journal.batches(queue)).as("written, and not committed").hasSize(1);
    }

    private long start() {
        Answer answer = new Answer();
        submit(new Describe(answer, "g"));
        return ((Described) answer.reply).partitions().get(0).start();
    }

    private void submit(ShareCommand command) {
        shares.submit(key, command);
        loop.run();
    }

    /** A batch of one record; returns where the first record is that nobody has had before it was asked for. */
    private long acquire(long offset) {
        Answer answer = new Answer();
        submit(new Acquire(
                answer,
                key,
                "m",
                shares.termsOf("g"),
                new LogBounds(0, 100, 0),
                ShareFixture.seen(offset, offset, offset),
                new Wish(10, false, 10),
                () -> {}));
        return ((Acquired) answer.reply).ranges().get(0).first();
    }

    private void reject(long offset) {
        submit(rejection(offset));
    }

    private Acknowledge rejection(long offset) {
        return new Acknowledge(
                new Answer(),
                key,
                "m",
                shares.termsOf("g"),
                List.of(new Acknowledged(offset, offset, List.of(AcknowledgeType.REJECT))));
    }

    private void createTopic(String name) {
        submit(new CreateTopic(
                name, 1, -1, List.of(), Map.of("errors.deadletterqueue.group.enable", "true"), -1, false));
    }

    private void submit(MetaCommand command) {
        assertThat(meta.submit(command).join()).isNotInstanceOf(MetaReply.Refused.class);
    }
}
