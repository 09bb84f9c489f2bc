package io.robustmq.mqtt.deliver;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.mapping.TopicMapping;
import io.robustmq.core.meta.MetaDelta;
import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.meta.MetaListener;
import io.robustmq.core.model.Partition;
import io.robustmq.core.port.Journal;
import io.robustmq.core.retained.RetainedIndex;
import io.robustmq.core.security.Authorizer;
import io.robustmq.core.session.SessionCommand.AddSubscriptions;
import io.robustmq.core.session.SessionCommand.RemoveSubscriptions;
import io.robustmq.core.session.StoredSubscription;
import io.robustmq.core.subscription.MqttTopic;
import io.robustmq.core.subscription.SubscriptionTrie;
import io.robustmq.mqtt.MqttMetrics;
import io.robustmq.mqtt.SlowConfig;
import io.robustmq.mqtt.session.Backlog;
import io.robustmq.mqtt.session.PartitionLog;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Who subscribes to what on this node; what comes of it is {@link Dispatch}'s: each committed batch is read once by its {@link Tail}
 * and goes to those who subscribe. Owned by the router's loop; the calls for connections hand over to it.
 */
public final class Router implements MetaListener {
    private final Loop loop;
    private final Setup setup;
    private final Journal journal;
    private final List<Loop> loops;
    private final Map<Loop, Integer> indexes = new HashMap<>();
    private final TopicMapping mapping;
    private final SessionLimits limits;
    private final MqttMetrics metrics;
    private final LogReader reader;
    private final Tails tails;
    private final Sessions sessions;
    private final RetainedMessages retained;
    private final Positions positions;
    private final SessionStorage storage;
    private final Authorizer authorizer;

    private final SubscriptionTrie<Object> trie = new SubscriptionTrie<>();
    private final Shares shares;
    private final SystemMessages system;
    private final Inspector inspector;
    private final Exclusives exclusives = new Exclusives();
    private final Dispatch dispatch;
    private final SlowSubscribers slow;

    /**
     * What a router works with.
     *
     * @param visible which log topics subscriptions may see; internal topics never are
     */
    public record Setup(
            Journal journal,
            TopicMapping mapping,
            Predicate<String> visible,
            ByteBufAllocator allocator,
            SessionLimits limits,
            RetainedIndex retained,
            Authorizer authorizer,
            MqttMetrics metrics,
            SlowConfig slow) {}

    /**
     * Without subscriptions.
     *
     * @param loop the router's own, one of {@code loops} so that what it delivers there needs no hand-over
     */
    public Router(Loop loop, List<Loop> loops, Setup setup, SessionStorage storage) {
        this.loop = loop;
        this.setup = setup;
        this.journal = setup.journal();
        this.loops = List.copyOf(loops);
        for (int i = 0; i < loops.size(); i++) {
            indexes.put(loops.get(i), i);
        }
        this.mapping = setup.mapping();
        this.limits = setup.limits();
        this.metrics = setup.metrics();
        this.authorizer = setup.authorizer();
        this.storage = storage;
        this.shares = new Shares(this, limits);
        this.reader = new LogReader(setup.journal(), mapping);
        this.tails = new Tails(setup.journal(), loop, setup.visible(), new Interest(), this::dispatch, this::begun);
        this.retained = new RetainedMessages(setup, loop);
        this.positions = new Positions(this, tails, storage);
        this.dispatch = new Dispatch(loop, this.loops, setup, trie, positions);
        this.slow = new SlowSubscribers(this.loops, setup.slow());
        this.system = new SystemMessages(loop, this.loops, setup, topic -> dispatch.routeOf(topic, topic));
        this.inspector = new Inspector(this);
        this.sessions = new Sessions(this, loop, setup.journal(), storage, positions, metrics);
    }

    public Loop loop() {
        return loop;
    }

    /** Which sessions there are; its calls hand over to the router's loop. */
    public Sessions sessions() {
        return sessions;
    }

    /** Filters that somebody subscribes to. */
    public int subscriptionCount() {
        return trie.size();
    }

    /** For operators. */
    public Inspector inspector() {
        return inspector;
    }

    /** Who took long to acknowledge. */
    public SlowSubscribers slow() {
        return slow;
    }

    public Exclusives exclusives() {
        return exclusives;
    }

    /** What the node itself tells. */
    public SystemMessages system() {
        return system;
    }

    MqttMetrics metrics() {
        return metrics;
    }

    Shares shares() {
        return shares;
    }

    SessionStorage storage() {
        return storage;
    }

    Session newSession(String clientId) {
        return new Session(clientId, limits, reader, retained, metrics, this);
    }

    int indexOf(Loop of) {
        Integer index = indexes.get(of);
        if (index == null) {
            throw new IllegalArgumentException("not a loop of this router");
        }
        return index;
    }

    Loop loopAt(int index) {
        return loops.get(index);
    }

    @Override
    public void onImage(MetaDelta delta, MetaImage image) {
        loop.execute(() -> {
            if (delta.securityChanged()) {
                forgetRoutes();
            }
            tails.onImage(delta, image);
            retained.onImage(image);
        });
    }

    /**
     * A subscription that a client asks for.
     *
     * @param replaced the one with the same filter that it takes the place of
     * @param retained whether retained messages are wanted
     */
    public record Subscribed(
            Subscription subscription, @Nullable Subscription replaced, boolean retained) {}

    /**
     * From any loop: makes the subscriptions live and takes the replaced ones out, and stores them if the session is. Then
     * {@code done} runs in the session's loop. Messages committed before the call are not delivered by the new ones;
     * retained messages that were stored before it are found in the index.
     */
    public void subscribe(Session session, List<Subscribed> added, Loop sessionLoop, Consumer<BrokerError> done) {
        subscribe(session, added, null, sessionLoop, done);
    }

    /**
     * As above, with what the subscriptions want of the past: it is offered to the session, once for each, after
     * {@link Session#expectHistory}.
     */
    public void subscribe(
            Session session,
            List<Subscribed> added,
            @Nullable History history,
            Loop sessionLoop,
            Consumer<BrokerError> done) {
        List<String> filters =
                added.stream().map(one -> one.subscription().filter().filter()).toList();
        loop.run(() -> tails.whenKnown(filters, () -> makeLive(session, added, history, sessionLoop, done)));
    }

    private void makeLive(
            Session session,
            List<Subscribed> added,
            @Nullable History history,
            Loop sessionLoop,
            Consumer<BrokerError> done) {
        if (session.evicted) {
            sessionLoop.run(() -> done.accept(BrokerError.NOT_COORDINATOR));
            return;
        }
        Map<Partition, Long> begins = new HashMap<>();
        for (Subscribed one : added) {
            if (one.replaced() != null) {
                remove(one.replaced());
            }
            // Who subscribes may think better of it while leaders are asked where he begins.
            if (!one.subscription().isOut()) {
                putIn(one.subscription());
            }
            if (history != null) {
                plan(session, one.subscription(), history);
            }
            if (session.persistent && !one.subscription().isOut()) {
                noteBegin(session, one.subscription(), begins);
            }
        }
        boolean wantsRetained = added.stream().anyMatch(Subscribed::retained);
        store(session, added, begins, error -> {
            if (wantsRetained) {
                retained.whenCaughtUp(() -> sessionLoop.run(() -> done.accept(error)));
            } else {
                sessionLoop.run(() -> done.accept(error));
            }
        });
    }

    /** How far they are in what had no leader when they subscribed is stored. */
    private void begun() {
        sessions.all().stream().filter(session -> session.persistent).forEach(positions::touch);
    }

    private void plan(Session session, Subscription subscription, History history) {
        Map<PartitionLog, Long> begins = tails.begins(subscription);
        // What is replayed is not looked at again, record by record, as live messages are.
        String filter = subscription.filter().filter();
        begins.keySet()
                .removeIf(log ->
                        !authorizer.allowsWholeFilter(session.principal, log.topic(), filter, session.clientId()));
        history.plan(
                subscription,
                begins,
                journal,
                loop,
                replays -> sessions.inOwner(session, () -> session.offerHistory(replays)));
    }

    private void noteBegin(Session session, Subscription subscription, Map<Partition, Long> begins) {
        // A share gives its members what was there before them, too.
        Map<PartitionLog, Long> from =
                subscription.filter().isShared() ? tails.begins(subscription) : tails.ends(subscription);
        from.forEach((log, end) -> {
            if (session.stored.putIfAbsent(log, end) == null) {
                begins.put(log.partition(), end);
            }
        });
    }

    private void store(
            Session session, List<Subscribed> added, Map<Partition, Long> begins, Consumer<BrokerError> done) {
        List<StoredSubscription> stored = new ArrayList<>(added.size());
        for (Subscribed one : added) {
            Subscription s = one.subscription();
            if (!s.isOut()) {
                stored.add(
                        new StoredSubscription(s.filter().text(), s.qos(), s.noLocal(), s.retainAsPublished(), s.id()));
            }
        }
        if (!session.persistent || stored.isEmpty()) {
            done.accept(BrokerError.NONE);
            return;
        }
        String clientId = session.clientId();
        storage.submit(session, ticket -> new AddSubscriptions(ticket, clientId, stored, begins), done);
    }

    /** From any loop: nothing that is read later goes to these; then {@code done} runs in the session's loop. */
    public void unsubscribe(Session session, List<Subscription> removed, Loop sessionLoop, Runnable done) {
        loop.run(() -> {
            removed.forEach(this::takeOut);
            tails.closeUnwanted();
            if (!session.persistent || removed.isEmpty() || session.evicted) {
                sessionLoop.run(done);
                return;
            }
            String clientId = session.clientId();
            List<String> filters = removed.stream().map(s -> s.filter().text()).toList();
            storage.submit(
                    session,
                    ticket -> new RemoveSubscriptions(ticket, clientId, filters),
                    error -> sessionLoop.run(done));
        });
    }

    /** Makes a stored subscription live again, from where its session had come to. Tails open when all are in. */
    void restore(Subscription subscription, Map<Partition, Long> from) {
        tails.resume(subscription, from);
        addToTrie(subscription);
        exclusives.restore(subscription);
    }

    /** After {@link #restore}. */
    void openRestored(Collection<Subscription> subscriptions) {
        forgetRoutes();
        subscriptions.forEach(s -> tails.open(s.filter().filter()));
    }

    Tails tails() {
        return tails;
    }

    /** A way to sessions of their own, beside that of all: it moves no positions. */
    Dispatch dispatchTo(SubscriptionTrie<Object> some) {
        return new Dispatch(loop, loops, setup, some, null);
    }

    /** Makes stored subscriptions live where the tails stand now; their sessions have what comes before. */
    void join(Collection<Subscription> subscriptions) {
        for (Subscription subscription : subscriptions) {
            addToTrie(subscription);
            exclusives.restore(subscription);
            if (subscription.session().persistent) {
                positions.touch(subscription.session());
            }
        }
        openRestored(subscriptions);
    }

    /** The placement of a session or a subscription changed. */
    void forgetRoutes() {
        dispatch.forgetRoutes();
    }

    /** Takes {@code bytes}. */
    private void dispatch(Tail tail, ByteBuf bytes) {
        dispatch.dispatch(tail, bytes);
    }

    private void putIn(Subscription subscription) {
        if (!subscription.filter().isShared()) {
            tails.fence(subscription);
        }
        addToTrie(subscription);
        forgetRoutes();
        tails.open(subscription.filter().filter());
    }

    private void addToTrie(Subscription subscription) {
        String filter = subscription.filter().filter();
        subscription.in();
        if (subscription.filter().isShared()) {
            trie.put(filter, shares.add(subscription));
        } else {
            trie.put(filter, subscription);
        }
        system.subscribed(filter, 1);
    }

    void takeOut(Subscription subscription) {
        exclusives.release(subscription);
        remove(subscription);
    }

    private void remove(Subscription subscription) {
        boolean wasIn = subscription.out();
        String filter = subscription.filter().filter();
        if (subscription.filter().isShared()) {
            shares.remove(subscription, emptied -> trie.remove(filter, emptied));
        } else {
            // One that is still to join is not there.
            boolean wasThere = trie.remove(filter, subscription);
            system.subscribed(filter, wasThere ? -1 : 0);
            forgetRoutes();
            return;
        }
        system.subscribed(filter, wasIn ? -1 : 0);
        forgetRoutes();
    }

    Backlog sideline() {
        return limits.backlog();
    }

    /** Null when the topic is gone. */
    @Nullable
    PartitionLog logOf(Partition partition) {
        return tails.knownLog(partition);
    }

    /** The member is about to be given the message: unless its session's position is not past it, the share keeps it in mind. */
    void handsOn(ShareGroup.Member member, PartitionLog log, long offset, HandedOn handedOn) {
        Session session = member.session();
        if (session.persistent && session.stored.getOrDefault(log, Long.MAX_VALUE) > offset) {
            handedOn.add(log, offset, member, positions.round());
            positions.lower(session, log, offset);
        }
    }

    /** Gives a live session one message of its share. */
    void offer(Session session, PartitionLog log, long offset, ShareGroup.Member member) {
        loopAt(session.loopIndex).execute(() -> session.offer(log, offset, member));
    }

    /** A topic holds its own tree; a few hold anything. */
    private final class Interest implements Tails.Wanted {
        @Override
        public boolean byAny(String logTopic) {
            return mapping.holdsOtherTrees(logTopic) ? trie.size() > 0 : trie.couldMatchTopicTree(logTopic);
        }

        @Override
        public boolean by(String filter, String logTopic) {
            String first = MqttTopic.firstLevel(filter);
            return first.equals("#")
                    || first.equals("+")
                    || first.equals(logTopic)
                    || mapping.holdsOtherTrees(logTopic);
        }
    }
}
