package io.robustmq.mqtt.deliver;

import io.robustmq.core.loop.Loop;
import io.robustmq.mqtt.home.Homes;
import io.robustmq.mqtt.share.Claimed;
import io.robustmq.mqtt.share.SeatState;
import io.robustmq.mqtt.share.ShareNode;
import io.robustmq.mqtt.share.Stamp;
import io.robustmq.mqtt.share.Told;
import io.robustmq.mqtt.share.Word;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * The ways of a home to the nodes that deal, one for each partition of sessions: words go once a turn, in order, under the stamp by which the
 * one who deals has asked last. Words that are lost leave a gap, by which that one knows to ask again. Owned by the router's loop.
 */
final class SeatWays {
    private static final int UNANSWERED_MAX = 16;
    private static final int AGAIN_MS = 300;

    private final Homes homes;
    private final IntFunction<ShareNode> nodes;
    private final Loop loop;
    private final Map<Integer, Way> ways = new HashMap<>();

    SeatWays(Homes homes, IntFunction<ShareNode> nodes, Loop loop) {
        this.homes = homes;
        this.nodes = nodes;
        this.loop = loop;
    }

    /** One who deals. */
    private static final class Way {
        private Stamp stamp;
        private long number;
        private List<Word> words = new ArrayList<>();
        private int unanswered;
        private boolean scheduled;
        /** What was said may not have arrived: something has to be said that shows the gap. */
        private boolean lost;

        private Way(Stamp stamp) {
            this.stamp = stamp;
        }
    }

    /** False if a later one is known already. */
    boolean adopt(Stamp stamp) {
        Way way = ways.get(stamp.table());
        boolean isOld = way != null
                && (stamp.epoch() < way.stamp.epoch()
                        || (stamp.epoch() == way.stamp.epoch() && stamp.round() <= way.stamp.round()));
        if (!isOld) {
            // What was to be said is in the report.
            ways.put(stamp.table(), new Way(stamp));
        }
        return !isOld;
    }

    boolean isPresent(Stamp stamp) {
        Way way = ways.get(stamp.table());
        return way != null && way.stamp.equals(stamp);
    }

    /** Of who deals the subscription; null when nobody has asked yet. */
    @Nullable
    Stamp stampOf(String text) {
        Way way = ways.get(homes.partitionOf(text));
        return way == null ? null : way.stamp;
    }

    void claim(SeatState seat, Consumer<Claimed> reply) {
        int node = homes.of(seat.share());
        if (node == Homes.NOBODY) {
            reply.accept(Claimed.AGAIN);
        } else {
            Way way = ways.get(homes.partitionOf(seat.share()));
            if (way != null) {
                // That the seat before it has gone is to be heard first.
                flush(way);
            }
            nodes.apply(node).claim(seat, way == null ? 0 : way.stamp.round(), reply);
        }
    }

    void say(String text, Word word) {
        Way way = ways.get(homes.partitionOf(text));
        if (way != null && way.stamp.node() != homes.nodeId()) {
            way.words.add(word);
            flushSoon(way);
        }
    }

    private void flushSoon(Way way) {
        if (!way.scheduled && way.unanswered < UNANSWERED_MAX) {
            way.scheduled = true;
            loop.execute(() -> flush(way));
        }
    }

    private void flush(Way way) {
        way.scheduled = false;
        if (ways.get(way.stamp.table()) != way || (way.words.isEmpty() && !way.lost)) {
            return;
        }
        Told told = new Told(way.stamp, homes.nodeId(), way.number++, way.words);
        way.words = new ArrayList<>();
        way.lost = false;
        way.unanswered++;
        nodes.apply(way.stamp.node()).tell(told, arrived -> {
            way.unanswered--;
            if (arrived) {
                if (!way.words.isEmpty()) {
                    flushSoon(way);
                }
            } else {
                way.lost = true;
                loop.schedule(AGAIN_MS, () -> flushSoon(way));
            }
        });
    }
}
