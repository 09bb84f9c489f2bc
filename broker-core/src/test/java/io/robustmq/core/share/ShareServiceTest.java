package io.robustmq.core.share;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.UnpooledByteBufAllocator;
import io.robustmq.core.config.Configuration;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.loop.SimLoop;
import io.robustmq.core.meta.MetaCommand;
import io.robustmq.core.model.Partition;
import io.robustmq.core.model.TopicId;
import io.robustmq.core.model.TopicName;
import io.robustmq.core.port.InMemoryJournal;
import io.robustmq.core.port.InMemoryMetaLog;
import io.robustmq.core.share.ShareCommand.Acknowledge;
import io.robustmq.core.share.ShareCommand.Acknowledged;
import io.robustmq.core.share.ShareCommand.Acquire;
import io.robustmq.core.share.ShareCommand.Describe;
import io.robustmq.core.share.ShareCommand.LogBounds;
import io.robustmq.core.share.ShareCommand.Seen;
import io.robustmq.core.share.ShareCommand.Start;
import io.robustmq.core.share.ShareCommand.Wish;
import io.robustmq.core.share.ShareReply.Described;
import io.robustmq.core.share.ShareReply.DescribedPartition;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a coordinator says while another may have taken its place. */
class ShareServiceTest {
    private static final ShareKey KEY = ShareFixture.KEY;

    private final SimLoop loop = new SimLoop();
    private final InMemoryMetaLog meta = new InMemoryMetaLog(1);
    private final InMemoryJournal journal = new InMemoryJournal(1);
    private final ShareService shares = new ShareService(
            ShareConfig.from(new Configuration(ShareConfig.keys(), Map.of("share.state.topic.partitions", "1"))),
            1,
            journal,
            meta,
            loop,
            UnpooledByteBufAllocator.DEFAULT);
    private final List<Object> told = new ArrayList<>();

    @BeforeEach
    void aGroupReads() {
        meta.subscribe(journal);
        shares.start();
        submit(new Start(telling(), KEY, 0, ShareCommand.UNKNOWN_INDEX));
        submit(acquire(ShareFixture.seen(0, 0, 4)));
        submit(acknowledge(AcknowledgeType.RENEW));
        told.clear();
    }

    @Test
    void coordinatorThatMayHaveBeenReplacedGivesNothingOut() {
        journal.unsure(true);
        submit(acquire(ShareFixture.seen(5, 5, 9)));
        submit(acknowledge(AcknowledgeType.RENEW));
        assertThat(told).containsExactly(BrokerError.NOT_COORDINATOR, BrokerError.NOT_COORDINATOR);
    }

    @Test
    void whoWaitsMayWaitForACoordinatorThatMayHaveBeenReplaced() {
        journal.unsure(true);
        submit(acquire(Seen.NOTHING));
        assertThat(told).containsExactly(new ShareReply.Acquired(List.of(), 5, false));
    }

    @Test
    void whatIsStoredIsCertain() {
        journal.unsure(true);
        submit(acknowledge(AcknowledgeType.ACCEPT));
        assertThat(told).containsExactly(new ShareReply.Done(BrokerError.NONE));
    }

    @Test
    void topicDeletedWhileNobodyCoordinatesIsForgotten() {
        ShareKey doomed = start("doomed", 0);
        ShareKey unseen = new ShareKey("h", new Partition(new TopicId(9, 9), 0));
        shares.submit(unseen, new Start(telling(), unseen, 0, meta.image().index() + 100));
        loop.run();

        meta.lead(TopicName.SHARE_GROUP_STATE, 0, 2);
        var unused = meta.submit(new MetaCommand.DeleteTopic("doomed"));
        meta.lead(TopicName.SHARE_GROUP_STATE, 0, 1);
        loop.run();
        told.clear();
        shares.submitTo(0, new Describe(telling(), "h"));
        loop.run();

        assertThat(meta.image().topic(doomed.partition().topicId())).isNull();
        assertThat(told)
                .as("all but what newer metadata may have")
                .containsExactly(new Described(List.of(new DescribedPartition(unseen.partition(), 0, 0))));
    }

    private ShareKey start(String topic, long offset) {
        var unused = meta.submit(new MetaCommand.CreateTopic(topic, 1, -1, List.of(), Map.of(), -1, false));
        ShareKey key = new ShareKey("h", meta.image().topic(topic).partition(0));
        shares.submit(key, new Start(telling(), key, offset, meta.image().index()));
        loop.run();
        return key;
    }

    private void submit(ShareCommand command) {
        shares.submit(KEY, command);
        loop.run();
    }

    private Acquire acquire(Seen seen) {
        return new Acquire(
                telling(),
                KEY,
                "m",
                shares.termsOf("g"),
                new LogBounds(0, 100, 0),
                seen,
                new Wish(10, false, 10),
                () -> {});
    }

    private Acknowledge acknowledge(AcknowledgeType type) {
        return new Acknowledge(
                telling(), KEY, "m", shares.termsOf("g"), List.of(new Acknowledged(0, 4, List.of(type))));
    }

    private ShareRequester telling() {
        return new ShareRequester() {
            @Override
            public void answer(ShareReply reply) {
                told.add(reply);
            }

            @Override
            public void refuse(BrokerError error) {
                told.add(error);
            }
        };
    }
}
