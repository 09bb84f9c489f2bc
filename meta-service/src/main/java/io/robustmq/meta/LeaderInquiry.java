package io.robustmq.meta;

import io.netty.buffer.ByteBuf;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.meta.NodeRole;
import io.robustmq.core.port.NodeLink;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the other nodes that keep the metadata, one after the other, whether another node leads it: for one whose own metadata does
 * not tell. Owned by one loop.
 */
public final class LeaderInquiry {
    private static final long ANSWER_MS_MAX = MetaFeed.WAIT_MS_MAX + 2_000;
    private static final int NOBODY = -1;
    private static final Logger log = LoggerFactory.getLogger(LeaderInquiry.class);

    private final int nodeId;
    private final Supplier<MetaImage> image;
    private final NodeLink link;
    private final Loop loop;
    /** How far each node was when it last answered, so that it does not tell again what came before. */
    private final Map<Integer, Long> indexes = new HashMap<>();

    private int next;

    /** @param image says, however old it is, which nodes keep the metadata */
    public LeaderInquiry(int nodeId, Supplier<MetaImage> image, NodeLink link, Loop loop) {
        this.nodeId = nodeId;
        this.image = image;
        this.link = link;
        this.loop = loop;
    }

    /** Asks one node. {@code answer} runs once, in the loop, with whether it knows that another node than this leads. */
    public void ask(Consumer<Boolean> answer) {
        List<Integer> others = others();
        if (others.isEmpty()) {
            loop.execute(() -> answer.accept(false));
            return;
        }
        int asked = others.get(next % others.size());
        // Who knows a leader answers this at once, who knows none after a moment.
        FeedCodec.Watch watch =
                new FeedCodec.Watch(indexes.getOrDefault(asked, image.get().index()), NOBODY);
        link.ask(asked, NodeLink.Call.META, FeedCodec.encode(watch), ANSWER_MS_MAX, loop, told -> {
            boolean isLed = isLed(asked, told);
            if (!isLed) {
                next++;
            }
            answer.accept(isLed);
        });
    }

    private boolean isLed(int asked, @Nullable ByteBuf told) {
        if (told == null) {
            return false;
        }
        FeedCodec.News news;
        try {
            news = FeedCodec.readNews(told);
        } catch (RuntimeException e) {
            log.warn("what node={} tells of the metadata cannot be read", asked, e);
            return false;
        }
        indexes.put(asked, news.index());
        return news.leaderNode() != NOBODY && news.leaderNode() != nodeId;
    }

    private List<Integer> others() {
        return image.get().nodes().values().stream()
                .filter(node -> node.id() != nodeId && node.has(NodeRole.META))
                .map(node -> node.id())
                .sorted()
                .toList();
    }
}
