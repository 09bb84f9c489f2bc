package io.robustmq.mqtt.deliver;

import io.robustmq.core.loop.Loop;
import io.robustmq.core.meta.MetaDelta;
import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.meta.PartitionImage;
import io.robustmq.core.meta.TopicImage;
import io.robustmq.core.model.Partition;
import io.robustmq.core.model.TopicId;
import io.robustmq.core.port.Isolation;
import io.robustmq.core.port.Journal;
import io.robustmq.core.port.PartitionState;
import io.robustmq.mqtt.session.PartitionLog;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ObjLongConsumer;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The tails of all partitions that some subscription could match; others cost nothing. Owned by the router's loop. */
final class Tails {
    private final Journal journal;
    private final Loop loop;
    private final Predicate<String> visible;
    private final Wanted wanted;
    private final Tail.Reader reader;

    private final Map<Partition, Tail> open = new HashMap<>();
    private final Map<Partition, PartitionLog> logs = new HashMap<>();
    /** Topics that appeared while a subscription waited for them: nothing in them is older than it. */
    private final Set<TopicId> fresh = new HashSet<>();

    /** Where tails begin for sessions that were stored. */
    private final Map<Partition, Long> starts = new HashMap<>();

    private final LeaderEnds leaderEnds;
    private final Runnable begun;
    /** What leaders said of partitions that this node does not know by itself, while it is acted on. */
    private Map<Partition, PartitionState> told = Map.of();

    private MetaImage image = MetaImage.EMPTY;
    private boolean started;

    /** Which log topics subscriptions could match. */
    interface Wanted {
        /** By any subscription. */
        boolean byAny(String logTopic);

        /** By this filter. */
        boolean by(String filter, String logTopic);
    }

    /** @param begun a tail that waited for that has found where it begins */
    Tails(Journal journal, Loop loop, Predicate<String> visible, Wanted wanted, Tail.Reader reader, Runnable begun) {
        this.journal = journal;
        this.loop = loop;
        this.visible = visible;
        this.wanted = wanted;
        this.reader = reader;
        this.begun = begun;
        this.leaderEnds = new LeaderEnds(journal, loop, this::isLeaderless);
    }

    void onImage(MetaDelta delta, MetaImage newer) {
        MetaImage before = image;
        image = newer;
        for (TopicId id : delta.topics()) {
            TopicImage topic = newer.topic(id);
            if (topic == null) {
                forget(id);
            } else if (started && wanted.byAny(topic.name())) {
                newer(before.topic(id), topic);
            }
        }
        started = true;
        openWanted(delta.topics());
    }

    /** What is new is wanted from its first message on, which may be there before this image is. */
    private void newer(@Nullable TopicImage known, TopicImage topic) {
        if (known == null) {
            fresh.add(topic.id());
        } else if (isRead(topic)) {
            for (int i = known.partitions().size(); i < topic.partitions().size(); i++) {
                starts.putIfAbsent(topic.partition(i), 0L);
            }
        }
    }

    private boolean isRead(TopicImage topic) {
        return !topic.internal() && visible.test(topic.name());
    }

    boolean isLed(PartitionLog log) {
        return !isLeaderless(log.partition());
    }

    private boolean isLeaderless(Partition partition) {
        PartitionImage where = image.partition(partition);
        return where == null || where.leader() == PartitionImage.NO_LEADER;
    }

    /**
     * Runs {@code task} when it is known where what these filters match ends now: at once if this node has it all, otherwise when the
     * leaders have said it.
     */
    void whenKnown(List<String> filters, Runnable task) {
        if (journal.isOwn()) {
            task.run();
        } else {
            whenKnown(filters, new HashMap<>(), task);
        }
    }

    private void whenKnown(List<String> filters, Map<Partition, PartitionState> known, Runnable task) {
        Set<Partition> away = away(filters);
        away.removeAll(known.keySet());
        if (!away.isEmpty()) {
            // Also of a leader that takes over: there is no better answer, and what it does not know yet comes late.
            var unused = leaderEnds.ask(away, state -> true, more -> {
                known.putAll(more);
                whenKnown(filters, known, task);
            });
            return;
        }
        told = known;
        known.forEach((partition, state) -> {
            Tail tail = open.get(partition);
            if (tail != null) {
                tail.heard(state.visibleEnd(Isolation.READ_COMMITTED));
            }
        });
        try {
            task.run();
        } finally {
            told = Map.of();
        }
    }

    /** What the filters match and this node does not know by itself, but others do. */
    private Set<Partition> away(List<String> filters) {
        Set<Partition> away = new HashSet<>();
        for (TopicImage topic : image.topics()) {
            if (!topic.internal() && filters.stream().anyMatch(filter -> wanted.by(filter, topic.name()))) {
                for (int i = 0; i < topic.partitions().size(); i++) {
                    Partition partition = topic.partition(i);
                    if (!isKnownHere(partition) && !isLeaderless(partition)) {
                        away.add(partition);
                    }
                }
            }
        }
        return away;
    }

    /** A replica that follows, and that nobody reads, hears late what is committed. */
    private boolean isKnownHere(Partition partition) {
        if (!journal.isHere(partition) || open.containsKey(partition)) {
            return journal.isHere(partition);
        }
        PartitionState state = journal.state(partition);
        return state != null && state.leader();
    }

    /** Opens the tails that a new filter wants. */
    void open(String filter) {
        for (TopicImage topic : image.topics()) {
            if (wanted.by(filter, topic.name())) {
                openVisible(topic);
            }
        }
    }

    private void openWanted(Set<TopicId> changed) {
        for (TopicId id : changed) {
            TopicImage topic = image.topic(id);
            if (topic != null && wanted.byAny(topic.name())) {
                openVisible(topic);
            }
        }
    }

    private void openVisible(TopicImage topic) {
        if (isRead(topic)) {
            for (int i = 0; i < topic.partitions().size(); i++) {
                open(topic, topic.partition(i));
            }
        }
    }

    private void open(TopicImage topic, Partition partition) {
        if (open.containsKey(partition)) {
            return;
        }
        Long wantedFrom = starts.remove(partition);
        boolean isNew = wantedFrom == null && !fresh.contains(topic.id());
        PartitionState state = isNew ? told.getOrDefault(partition, journal.state(partition)) : null;
        long from = wantedFrom != null ? wantedFrom : state == null ? 0 : state.visibleEnd(Isolation.READ_COMMITTED);
        Tail tail = new Tail(logOf(partition, topic.name()), from, journal, loop, reader);
        if (isNew && state == null && isLeaderless(partition)) {
            tail.from(topic.partitions().get(partition.index()).leaderEpoch(), begins -> begun.run());
        }
        open.put(partition, tail);
        loop.execute(tail::run);
    }

    /** Null when there is no such topic. */
    @Nullable
    PartitionLog knownLog(Partition partition) {
        TopicImage topic = image.topic(partition.topicId());
        return topic == null ? null : logOf(partition, topic.name());
    }

    PartitionLog logOf(Partition partition, String topic) {
        return logs.computeIfAbsent(partition, p -> new PartitionLog(p, topic));
    }

    void closeUnwanted() {
        Iterator<Tail> tails = open.values().iterator();
        while (tails.hasNext()) {
            Tail tail = tails.next();
            if (!wanted.byAny(tail.log().topic())) {
                tail.close();
                tails.remove();
                // What is written while nobody subscribes is older than the next subscription.
                fresh.remove(tail.log().partition().topicId());
            }
        }
    }

    /** Keeps what was committed before this moment, and is not read yet, from the subscription. */
    void fence(Subscription subscription) {
        for (Tail tail : open.values()) {
            boolean concerned =
                    wanted.by(subscription.filter().filter(), tail.log().topic());
            long end = concerned ? tail.visibleEnd() : 0;
            if (concerned && end > tail.position()) {
                subscription.fence(tail.log(), end);
            }
        }
    }

    /** Where a subscription that was just made is live in each partition that it could match. */
    Map<PartitionLog, Long> begins(Subscription subscription) {
        Map<PartitionLog, Long> begins = new HashMap<>();
        for (Tail tail : open.values()) {
            if (tail.hasBegun()
                    && wanted.by(subscription.filter().filter(), tail.log().topic())) {
                begins.put(tail.log(), Math.max(tail.position(), subscription.fenceOf(tail.log())));
            }
        }
        return begins;
    }

    /** A stored subscription goes on where its session had come to; in partitions it does not know, from their start. */
    void resume(Subscription subscription, Map<Partition, Long> positions) {
        String filter = subscription.filter().filter();
        for (TopicImage topic : image.topics()) {
            if (!topic.internal() && wanted.by(filter, topic.name())) {
                for (int i = 0; i < topic.partitions().size(); i++) {
                    Partition partition = topic.partition(i);
                    long position = positions.getOrDefault(partition, 0L);
                    starts.merge(partition, position, Math::min);
                    if (position > 0) {
                        subscription.fence(logOf(partition, topic.name()), position);
                    }
                }
            }
        }
    }

    /** Where a stored filter would go on in each partition that it could match; it is fenced off there. */
    Map<PartitionLog, Long> fenceStored(
            String filter, Map<Partition, Long> positions, ObjLongConsumer<PartitionLog> fence) {
        Map<PartitionLog, Long> from = new HashMap<>();
        for (TopicImage topic : image.topics()) {
            if (!topic.internal() && wanted.by(filter, topic.name())) {
                for (int i = 0; i < topic.partitions().size(); i++) {
                    PartitionLog log = logOf(topic.partition(i), topic.name());
                    long position = positions.getOrDefault(log.partition(), 0L);
                    from.put(log, position);
                    if (position > 0) {
                        fence.accept(log, position);
                    }
                }
            }
        }
        return from;
    }

    /** Null while nobody wants the partition. */
    @Nullable
    Tail tailOf(PartitionLog log) {
        return open.get(log.partition());
    }

    /** Once it is wanted, the partition is read from here. */
    void startAt(PartitionLog log, long position) {
        starts.merge(log.partition(), position, Math::min);
    }

    Tail beside(PartitionLog log, long position, Tail.Reader other) {
        return new Tail(log, position, journal, loop, other);
    }

    /** How far the tails that the filter could match have read, whether they read some of it again or not. */
    Map<PartitionLog, Long> reached(String filter) {
        Map<PartitionLog, Long> reached = new HashMap<>();
        matching(filter).forEach(tail -> reached.put(tail.log(), tail.reachedBefore()));
        return reached;
    }

    /** Who begins now gets nothing of what is read again for others. */
    void fenceReadAgain(String filter, ObjLongConsumer<PartitionLog> fence) {
        matching(filter)
                .filter(tail -> tail.reachedBefore() > tail.position())
                .forEach(tail -> fence.accept(tail.log(), tail.reachedBefore()));
    }

    /** How far the tails have read that the filter could match. */
    Map<PartitionLog, Long> positions(String filter) {
        Map<PartitionLog, Long> positions = new HashMap<>();
        matching(filter).forEach(tail -> positions.put(tail.log(), tail.position()));
        return positions;
    }

    private Stream<Tail> matching(String filter) {
        return open.values().stream()
                .filter(tail -> tail.hasBegun() && wanted.by(filter, tail.log().topic()));
    }

    /** How far these subscriptions have come in what the tails read that they could match. */
    Map<PartitionLog, Long> positions(Collection<Subscription> subscriptions) {
        Map<PartitionLog, Long> positions = new HashMap<>();
        for (Tail tail : open.values()) {
            for (Subscription subscription : subscriptions) {
                if (tail.hasBegun()
                        && wanted.by(subscription.filter().filter(), tail.log().topic())) {
                    long come = Math.max(tail.position(), subscription.fenceOf(tail.log()));
                    positions.merge(tail.log(), come, Math::min);
                }
            }
        }
        return positions;
    }

    /** Whether any of these subscriptions could match what is in the partition. */
    boolean couldMatch(Collection<Subscription> subscriptions, PartitionLog log) {
        return subscriptions.stream().anyMatch(s -> wanted.by(s.filter().filter(), log.topic()));
    }

    boolean couldMatch(String filter, PartitionLog log) {
        return wanted.by(filter, log.topic());
    }

    /** Where a subscription that is made now begins: the ends of what it could match. */
    Map<PartitionLog, Long> ends(Subscription subscription) {
        Map<PartitionLog, Long> ends = new HashMap<>();
        for (Tail tail : open.values()) {
            if (tail.hasBegun()
                    && wanted.by(subscription.filter().filter(), tail.log().topic())) {
                ends.put(tail.log(), tail.visibleEnd());
            }
        }
        return ends;
    }

    private void forget(TopicId id) {
        fresh.remove(id);
        logs.keySet().removeIf(partition -> partition.topicId().equals(id));
        open.values().removeIf(tail -> {
            boolean gone = tail.log().partition().topicId().equals(id);
            if (gone) {
                tail.close();
            }
            return gone;
        });
    }
}
