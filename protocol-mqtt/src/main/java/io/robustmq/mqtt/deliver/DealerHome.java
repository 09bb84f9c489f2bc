package io.robustmq.mqtt.deliver;

import io.robustmq.core.loop.Loop;
import io.robustmq.core.model.Partition;
import io.robustmq.mqtt.MqttMetrics.Drop;
import io.robustmq.mqtt.share.Deal;
import io.robustmq.mqtt.share.Report;
import io.robustmq.mqtt.share.ShareNode;
import io.robustmq.mqtt.share.Stamp;
import io.robustmq.mqtt.share.Told;
import io.robustmq.mqtt.share.Word;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A home of sessions, as one table of the node that deals sees it. What is dealt to it goes once a turn, all together; when that or
 * the other way's words may have been lost, it has to report anew. Owned by the router's loop.
 */
final class DealerHome {
    private static final int UNANSWERED_MAX = 16;
    /** Messages that need no acknowledgement, waiting for the link. */
    private static final int UNOWED_MAX = 10_000;

    private final DealerTable table;
    private final Loop loop;
    private final ShareNode node;
    /** Of the last report; null when there is none, or it does not hold any more. */
    private @Nullable Stamp stamp;
    /** Of the report that was asked for; null when none was. */
    private @Nullable Stamp asked;

    private long nextWords;
    /** What was said under the stamp of a report that has not arrived. */
    private final Map<Long, List<Word>> early = new HashMap<>();

    private final Map<To, List<Long>> hands = new LinkedHashMap<>();
    /** The newest of each: while a home does not answer they do not pile up. */
    private final Map<At, Deal.Floor> floors = new LinkedHashMap<>();

    /** What it has not answered. */
    private final List<Deal> sent = new ArrayList<>();

    private int unowed;
    private boolean scheduled;
    private boolean closed;

    private record At(String share, Partition partition) {}

    private record To(String share, String clientId, boolean owed, Partition partition) {}

    DealerHome(DealerTable table, Loop loop, ShareNode node) {
        this.table = table;
        this.loop = loop;
        this.node = node;
    }

    /** Whether its last report holds. */
    boolean hears() {
        return stamp != null;
    }

    /** Whether it goes by the round of the last report; else it is another process, or the like. */
    boolean hears(long round) {
        if (stamp != null && stamp.round() != round) {
            distrust();
        }
        return stamp != null;
    }

    boolean isAsked() {
        return asked != null;
    }

    void ask(Stamp by, Consumer<@Nullable Report> reply) {
        asked = by;
        early.clear();
        node.report(by, report -> {
            if (!closed && by.equals(asked)) {
                if (report == null) {
                    asked = null;
                    stamp = null;
                }
                reply.accept(report);
            }
        });
    }

    /** Its report is taken in: what it has said since is heard. */
    void heard(Stamp by) {
        asked = null;
        stamp = by;
        nextWords = 0;
        hands.clear();
        unowed = 0;
    }

    /** Words in order; {@code hear} gets them when it is their turn. */
    void take(Told told, Consumer<List<Word>> hear) {
        if (told.stamp().equals(asked)) {
            early.put(told.number(), told.words());
            return;
        }
        if (!told.stamp().equals(stamp)) {
            return;
        }
        takeEarly(hear);
        if (told.number() != nextWords) {
            distrust();
            return;
        }
        nextWords++;
        hear.accept(told.words());
    }

    /** After {@link #heard}. */
    void takeEarly(Consumer<List<Word>> hear) {
        List<Word> words = early.remove(nextWords);
        while (words != null) {
            nextWords++;
            hear.accept(words);
            words = early.remove(nextWords);
        }
    }

    private void distrust() {
        if (stamp != null) {
            stamp = null;
            table.lostSight(this);
        }
    }

    void deal(ShareMember member, Partition log, long offset, boolean owed) {
        if (!owed && unowed >= UNOWED_MAX) {
            member.group().dropped(Drop.NOBODY);
            return;
        }
        unowed += owed ? 0 : 1;
        To to = new To(member.group().text(), member.clientId(), owed, log);
        hands.computeIfAbsent(to, t -> new ArrayList<>()).add(offset);
        flushSoon();
    }

    /** Whether something for the client is on its way, and may find it with another seat than it was meant for. */
    boolean isDealing(String share, String clientId) {
        return hands.keySet().stream().anyMatch(to -> to.share.equals(share) && to.clientId.equals(clientId))
                || sent.stream()
                        .filter(deal -> deal.stamp().equals(stamp))
                        .flatMap(deal -> deal.hands().stream())
                        .anyMatch(hand ->
                                hand.share().equals(share) && hand.clientId().equals(clientId));
    }

    void floors(List<Deal.Floor> stored) {
        stored.forEach(floor -> floors.put(new At(floor.share(), floor.partition()), floor));
        flushSoon();
    }

    private void flushSoon() {
        if (!scheduled && sent.size() < UNANSWERED_MAX) {
            scheduled = true;
            loop.execute(this::flush);
        }
    }

    private void flush() {
        scheduled = false;
        Stamp under = stamp;
        if (closed || under == null || (hands.isEmpty() && floors.isEmpty())) {
            // What it was dealt goes to others when it reports.
            return;
        }
        List<Deal.Hand> all = new ArrayList<>(hands.size());
        hands.forEach((to, offsets) ->
                all.add(new Deal.Hand(to.share, to.clientId, to.owed, to.partition, List.copyOf(offsets))));
        Deal deal = new Deal(under, all, List.copyOf(floors.values()));
        hands.clear();
        floors.clear();
        unowed = 0;
        sent.add(deal);
        node.deal(deal, arrived -> {
            sent.remove(deal);
            if (!closed && !arrived && under.equals(stamp)) {
                distrust();
            } else if (!closed) {
                // What was dealt under another stamp has made room as well.
                flushSoon();
            }
        });
    }

    void close() {
        closed = true;
        early.clear();
        hands.clear();
    }
}
