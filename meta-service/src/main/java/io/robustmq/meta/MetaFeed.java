package io.robustmq.meta;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.loop.Cancellable;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.meta.MetaReply;
import io.robustmq.core.port.MetaLog;
import io.robustmq.core.port.MetaQuorum;
import io.robustmq.core.port.NodeLink;
import io.robustmq.meta.fact.ImageFacts;
import io.robustmq.meta.fact.MetaEntry;
import io.robustmq.meta.fact.MetaEntryCodec;
import io.robustmq.meta.raft.Appended;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/**
 * Answers nodes that have no vote: what comes behind the image that they have, as soon as there is something, and entries that
 * they decided, once these are logged. One that votes asks too, when its own metadata does not run ({@link LeaderInquiry}).
 * Each conversation is owned by its connection's loop.
 */
final class MetaFeed implements NodeLink.Service {
    static final long WAIT_MS_MAX = 1_000;

    private final MetaLog meta;
    private final MetaQuorum quorum;
    private final RecentEntries recent;
    private final Function<byte[], CompletableFuture<Appended>> entries;

    MetaFeed(
            MetaLog meta,
            MetaQuorum quorum,
            RecentEntries recent,
            Function<byte[], CompletableFuture<Appended>> entries) {
        this.meta = meta;
        this.quorum = quorum;
        this.recent = recent;
        this.entries = entries;
    }

    @Override
    public NodeLink.Conversation begin(Loop loop) {
        return new Following(loop);
    }

    /** One node; it asks for one image at a time. */
    private final class Following implements NodeLink.Conversation {
        private final Loop loop;
        private Cancellable subscription = Cancellable.NOTHING;
        private Cancellable timer = Cancellable.NOTHING;
        private FeedCodec.Watch asked = new FeedCodec.Watch(-1, -1);
        private NodeLink.Answer waiting = parts -> {};
        private boolean waits;

        Following(Loop loop) {
            this.loop = loop;
        }

        @Override
        public void onCall(ByteBuf body, NodeLink.Answer answer) {
            switch (body.readByte()) {
                case FeedCodec.WATCH -> watch(FeedCodec.readWatch(body), answer);
                case FeedCodec.ENTRY -> append(ByteBufUtil.getBytes(body), answer);
                case FeedCodec.QUORUM -> reply(quorum.change(FeedCodec.readChange(body)), answer);
                case FeedCodec.REMOVE -> {
                    FeedCodec.Removal removal = FeedCodec.readRemoval(body);
                    reply(quorum.removeNode(removal.node(), removal.force()), answer);
                }
                default -> throw new IllegalArgumentException("a question about the metadata that is not known");
            }
        }

        private void append(byte[] entry, NodeLink.Answer answer) {
            CompletableFuture<?> unused = entries.apply(entry)
                    .whenComplete(
                            (appended, failure) -> loop.run(() -> answer.send(FeedCodec.encode(appended, failure))));
        }

        private void reply(CompletableFuture<MetaReply> outcome, NodeLink.Answer answer) {
            CompletableFuture<?> unused = outcome.whenComplete((reply, failure) -> {
                MetaReply told = failure == null
                        ? reply
                        : new MetaReply.Refused(BrokerError.NOT_META_LEADER, String.valueOf(failure.getMessage()));
                loop.run(() -> answer.send(FeedCodec.encode(told)));
            });
        }

        private void watch(FeedCodec.Watch watch, NodeLink.Answer answer) {
            answerNow();
            asked = watch;
            waiting = answer;
            waits = true;
            if (!isNews(meta.image())) {
                timer = loop.schedule(WAIT_MS_MAX, this::answerNow);
            }
            if (subscription == Cancellable.NOTHING) {
                subscription = meta.subscribe((delta, image) -> loop.execute(this::look));
            }
            look();
        }

        private void look() {
            if (waits && isNews(meta.image())) {
                answerNow();
            }
        }

        private boolean isNews(MetaImage image) {
            return image.index() != asked.index() || image.leaderNode() != asked.leaderNode();
        }

        private void answerNow() {
            if (!waits) {
                return;
            }
            waits = false;
            timer.cancel();
            MetaImage image = meta.image();
            List<RecentEntries.Recent> missing = recent.between(asked.index(), image.index());
            if (image.index() == asked.index() || !missing.isEmpty()) {
                waiting.send(FeedCodec.encode(image, quorum.quorum(), missing));
            } else {
                byte[] all = MetaEntryCodec.encode(new MetaEntry(image.index(), ImageFacts.of(image)));
                waiting.send(FeedCodec.encode(image, quorum.quorum(), all));
            }
        }

        @Override
        public void ended() {
            waits = false;
            timer.cancel();
            subscription.cancel();
        }
    }
}
