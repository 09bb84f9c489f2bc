package io.robustmq.core.share.link;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.robustmq.core.config.Configuration;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.group.GroupConfig;
import io.robustmq.core.group.GroupService;
import io.robustmq.core.loop.SimLoop;
import io.robustmq.core.model.Partition;
import io.robustmq.core.model.TopicId;
import io.robustmq.core.model.TopicName;
import io.robustmq.core.port.InMemoryJournal;
import io.robustmq.core.port.InMemoryMetaLog;
import io.robustmq.core.port.SimLink;
import io.robustmq.core.share.AcknowledgeType;
import io.robustmq.core.share.ShareCommand;
import io.robustmq.core.share.ShareCommand.Acknowledge;
import io.robustmq.core.share.ShareCommand.Acknowledged;
import io.robustmq.core.share.ShareCommand.Acquire;
import io.robustmq.core.share.ShareCommand.Archive;
import io.robustmq.core.share.ShareCommand.Describe;
import io.robustmq.core.share.ShareCommand.ForgetGroup;
import io.robustmq.core.share.ShareCommand.LogBounds;
import io.robustmq.core.share.ShareCommand.Move;
import io.robustmq.core.share.ShareCommand.OffsetRange;
import io.robustmq.core.share.ShareCommand.Release;
import io.robustmq.core.share.ShareCommand.Seen;
import io.robustmq.core.share.ShareCommand.Start;
import io.robustmq.core.share.ShareCommand.Wish;
import io.robustmq.core.share.ShareConfig;
import io.robustmq.core.share.ShareKey;
import io.robustmq.core.share.ShareReply;
import io.robustmq.core.share.ShareRequester;
import io.robustmq.core.share.ShareService;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Node 2 leads a partition that a group shares, node 1 what is known of that. */
class ShareLinkTest {
    private static final ShareKey KEY = new ShareKey("group", new Partition(new TopicId(1, 2), 3));

    private final SimLoop loop = new SimLoop();
    private final InMemoryMetaLog meta = new InMemoryMetaLog(1);
    private final SimLink link = new SimLink(loop);
    private final ShareService node1 = node(1, new InMemoryJournal(1));
    private final ShareService node2 = node(2, new InMemoryJournal(2));
    private final List<String> told = new ArrayList<>();
    private LogBounds bounds = new LogBounds(0, 10, 3);

    @BeforeEach
    void theGroupReadsFromTheBeginning() {
        var unused = node1.ensureTopic();
        loop.run();
        node2.submit(KEY, new Start(telling(), KEY, 0, 7));
        loop.run();
        assertThat(told).containsExactly("Done[error=NONE]");
        told.clear();
    }

    @Test
    void aMemberAcquiresAndAcknowledgesByAnotherNode() {
        node2.submit(KEY, acquire("a"));
        loop.run();
        node2.submit(KEY, acknowledge("a", AcknowledgeType.ACCEPT));
        node2.submit(KEY, acquire("b"));
        loop.run();
        assertThat(told)
                .filteredOn(each -> !each.endsWith("may have more"))
                .containsExactly(
                        "Acquired[ranges=[AcquiredRange[first=0, last=9, deliveries=1]], lookAt=10, full=false]",
                        "Done[error=NONE]",
                        "Acquired[ranges=[], lookAt=10, full=false]");
    }

    @Test
    void whoWaitsIsWokenWhenAnotherMemberGivesSomethingBack() {
        node2.submit(KEY, acquire("a"));
        node2.submit(KEY, acquire("b"));
        loop.run();
        told.clear();
        node1.submit(KEY, new Release(ShareRequester.NOBODY, KEY, "a"));
        loop.run();
        assertThat(told).containsExactly("b may have more");
    }

    @Test
    void whoWaitsLooksAgainWhenTheConnectionIsLost() {
        node2.submit(KEY, acquire("a"));
        node2.submit(KEY, acquire("b"));
        loop.run();
        told.clear();
        link.cut();
        assertThat(told).containsExactlyInAnyOrder("a may have more", "b may have more");
    }

    @Test
    void whoWaitsIsStillWokenAfterALongTime() {
        node2.submit(KEY, acquire("a"));
        node2.submit(KEY, acquire("b"));
        loop.advance(25_000);
        told.clear();
        node1.submit(KEY, new Release(ShareRequester.NOBODY, KEY, "a"));
        loop.run();
        assertThat(told).containsExactly("b may have more");
    }

    @Test
    void whoGetsNoAnswerIsRefused() {
        link.lost = true;
        node2.submit(KEY, acknowledge("a", AcknowledgeType.ACCEPT));
        loop.advance(ShareLinkService.ANSWER_MS_MAX + 4_000);
        assertThat(told).containsExactly("COORDINATOR_NOT_AVAILABLE");
    }

    @Test
    void aLeaderThatWasReplacedDoesNotTakeTheGroupBack() {
        node2.submit(KEY, acquire("a"));
        loop.run();
        node2.submit(KEY, acknowledge("a", AcknowledgeType.ACCEPT));
        loop.run();
        told.clear();
        bounds = new LogBounds(0, 5, 2);
        node2.submit(KEY, acquire("a"));
        loop.run();
        assertThat(told).containsExactly("Acquired[ranges=[], lookAt=10, full=false]");
    }

    @Test
    void aNodeOfBeforeDoesNotSayInWhichEpochALeaderSpeaks() {
        ByteBuf body = ShareLinkCodec.encode(0, acquire("a"));
        body.writerIndex(body.writerIndex() - Integer.BYTES);
        byte kind = body.readByte();
        ShareCommand read = ShareLinkCodec.keyed(
                kind, ShareLinkCodec.key(body), body, ShareRequester.NOBODY, node1::termsOf, slot -> () -> {});
        assertThat(((Acquire) read).log()).isEqualTo(new LogBounds(0, 10, LogBounds.UNKNOWN_EPOCH));
        body.release();
    }

    @Test
    void whatCannotBeAskedOfAnotherNodeIsRefused() {
        node2.peers().submit(1, node1.partitionOf(KEY.text()), new Archive(telling(), KEY, 0, 9));
        loop.run();
        assertThat(told).containsExactly("UNEXPECTED");
    }

    @Test
    void anAdministratorReachesEveryNode() {
        int partition = node1.partitionOf(KEY.text());
        node2.submit(KEY, new Move(telling(), KEY, 5, 7));
        loop.run();
        node2.submitAnywhere(partition, new Describe(telling(), "group"));
        node2.submitAnywhere(partition, new ForgetGroup(telling(), "group", Set.of()));
        node2.submitAnywhere(partition, new Describe(telling(), "group"));
        loop.run();
        assertThat(told)
                .containsExactly(
                        "Done[error=NONE]",
                        "Described[partitions=[DescribedPartition[partition=" + KEY.partition()
                                + ", start=5, done=0]]]",
                        "Removed[partitions=1]",
                        "Described[partitions=[]]");
    }

    @Test
    void aCoordinatorThatMovedAwayWakesAllThatWait() {
        node2.submit(KEY, acquire("a"));
        loop.run();
        told.clear();
        meta.lead(TopicName.SHARE_GROUP_STATE, node1.partitionOf(KEY.text()), 2);
        loop.run();
        assertThat(told).containsExactly("a may have more");
    }

    @Test
    void aGroupThatAnotherNodeDoesNotKnowIsNone() {
        List<BrokerError> errors = new ArrayList<>();
        node2.peers().checkGroup(1, "nobody", errors::add);
        loop.run();
        assertThat(errors).containsExactly(BrokerError.GROUP_ID_NOT_FOUND);
    }

    private Acquire acquire(String member) {
        return new Acquire(
                telling(),
                KEY,
                member,
                node2.termsOf("group"),
                bounds,
                new Seen(0, 10, List.of(new OffsetRange(0, 9))),
                new Wish(100, false, 100),
                () -> told.add(member + " may have more"));
    }

    private Acknowledge acknowledge(String member, AcknowledgeType type) {
        return new Acknowledge(
                telling(), KEY, member, node2.termsOf("group"), List.of(new Acknowledged(0, 9, List.of(type))));
    }

    private ShareService node(int id, InMemoryJournal journal) {
        meta.subscribe(journal);
        UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(false);
        GroupService groups = new GroupService(
                GroupConfig.from(new Configuration(GroupConfig.keys(), Map.of())), id, journal, meta, loop, allocator);
        groups.start();
        ShareService service = new ShareService(
                ShareConfig.from(new Configuration(ShareConfig.keys(), Map.of())), id, journal, meta, loop, allocator);
        service.joinCluster(new ShareLink(link, loop));
        service.start();
        link.services.put(id, new ShareLinkService(service, groups));
        return service;
    }

    private ShareRequester telling() {
        return new ShareRequester() {
            @Override
            public void answer(ShareReply reply) {
                told.add(reply.toString());
            }

            @Override
            public void refuse(BrokerError error) {
                told.add(error.toString());
            }
        };
    }
}
