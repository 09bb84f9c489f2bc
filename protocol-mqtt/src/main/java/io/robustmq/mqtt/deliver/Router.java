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
import io.robustmq.mqtt.home.Homes;
import io.robustmq.mqtt.session.Backlog;
import io.robustmq.mqtt.session.PartitionLog;
import io.robustmq.mqtt.share.Claimed;
import io.robustmq.mqtt.share.ShareNode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Who subscribes to what on this node; what comes of it is {@link Dispatch}'s: each committed batch is read once by its {@link Tail}
 * and goes to those who subscribe. Owned by the router's loop; the calls for connections hand over to it.
 */
public final class Router implements MetaListener {
    private final Loop loop;
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
    private final Seats seats;
    private final Dealer dealer;
    private final SystemMessages system;
    private final Inspector inspector;
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
        this.seats = new Seats(this);
        this.dealer = new Dealer(this, storage, limits);
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

    /** What the node itself tells. */
    public SystemMessages system() {
        return system;
    }

    MqttMetrics metrics() {
        return metrics;
    }

    Seats seats() {
        return seats;
    }

    Dealer dealer() {
        return dealer;
    }

    Journal journal() {
        return journal;
    }

    /**
     * In a cluster, before anybody connects: sessions live where their partition is led, and subscriptions that belong to several clients are
     * dealt where theirs is. Returns this node as others see it.
     *
     * @param others the other nodes, by their ids
     */
    public Shares liveIn(Homes homes, IntFunction<ShareNode> others) {
        ShareNode[] here = new ShareNode[1];
        IntFunction<ShareNode> all = node -> node == homes.nodeId() ? here[0] : others.apply(node);
        SeatWays ways = new SeatWays(homes, all, loop);
        Shares shares = new Shares(seats, ways, dealer, loop);
        here[0] = shares;
        loop.run(() -> {
            HomePartitions partitions = new HomePartitions(homes, sessions, sessions.restoration(), loop, dealer);
            dealer.liveIn(homes, all);
            seats.liveIn(homes, partitions, ways);
            sessions.liveIn(partitions);
        });
        return shares;
    }

    /**
     * From any loop: asks for a part in a shared subscription, or for an exclusive one, before it is made live; {@code done} runs in the
     * session's loop.
     */
    public void claim(Subscription subscription, Loop sessionLoop, Consumer<Claimed> done) {
        loop.run(() -> seats.claim(subscription, claimed -> sessionLoop.run(() -> done.accept(claimed))));
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
            if (!delta.topics().isEmpty()) {
                dealer.look();
            }
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
        Map<Partition, Long> positionsBefore = new HashMap<>();
        for (Subscribed one : added) {
            // What shares get, who deals them knows.
            boolean isShared = one.subscription().filter().isShared();
            Subscription replaced = isShared ? null : one.replaced();
            boolean goesOn = replaced != null && remove(replaced);
            // Who subscribes may think better of it while leaders are asked where he begins.
            boolean begins = !isShared && !one.subscription().isOut();
            if (begins && replaced != null && goesOn) {
                // What it was to get, and has not been read yet, is not lost by asking for it again [MQTT-3.8.4-4].
                one.subscription().takeOver(replaced);
                addToTrie(one.subscription());
                forgetRoutes();
            } else if (begins) {
                putIn(one.subscription());
            }
            if (history != null) {
                plan(session, one.subscription(), history);
            }
            if (session.persistent && begins) {
                positions.begin(session, one.subscription(), positionsBefore);
            }
        }
        boolean wantsRetained = added.stream().anyMatch(Subscribed::retained);
        store(session, added, positionsBefore, error -> {
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
        dealer.touchAll();
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
        storage.submit(session, ticket -> new AddSubscriptions(ticket, clientId, stored, begins), error -> {
            if (error != BrokerError.NONE) {
                positions.notStored(session, begins.keySet());
            }
            done.accept(error);
        });
    }

    /**
     * From any loop: nothing that is read later goes to these; then {@code done} runs in the session's loop, with why it is not
     * stored that they are gone: then they may be back when the session is read again.
     */
    public void unsubscribe(Session session, List<Subscription> removed, Loop sessionLoop, Consumer<BrokerError> done) {
        loop.run(() -> {
            removed.forEach(this::takeOut);
            tails.closeUnwanted();
            if (!session.persistent || removed.isEmpty() || session.evicted) {
                sessionLoop.run(() -> done.accept(BrokerError.NONE));
                return;
            }
            String clientId = session.clientId();
            List<String> filters = removed.stream().map(s -> s.filter().text()).toList();
            List<Partition> forgotten = positions.leave(session);
            storage.submit(
                    session,
                    ticket -> new RemoveSubscriptions(ticket, clientId, filters, forgotten),
                    error -> sessionLoop.run(() -> done.accept(error)));
        });
    }

    /** Makes a stored subscription live again, from where its session had come to. Tails open when all are in. */
    void restore(Subscription subscription, Map<Partition, Long> from) {
        tails.resume(subscription, from);
        addToTrie(subscription);
    }

    /** After {@link #restore}. */
    void openRestored(Collection<Subscription> subscriptions) {
        forgetRoutes();
        subscriptions.forEach(s -> tails.open(s.filter().filter()));
    }

    Tails tails() {
        return tails;
    }

    Dispatch dispatch() {
        return dispatch;
    }

    /** Makes stored subscriptions live where the tails stand now; their sessions have what comes before. */
    void join(Collection<Subscription> subscriptions) {
        for (Subscription subscription : subscriptions) {
            addToTrie(subscription);
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
        tails.fence(subscription);
        addToTrie(subscription);
        forgetRoutes();
        tails.open(subscription.filter().filter());
    }

    private void addToTrie(Subscription subscription) {
        String filter = subscription.filter().filter();
        trie.put(filter, subscription);
        subscription.session().routed.add(subscription);
        system.subscribed(filter, 1);
    }

    void takeOut(Subscription subscription) {
        if (subscription.filter().isShared() || subscription.filter().isExclusive()) {
            seats.leave(subscription);
        }
        if (subscription.filter().isShared()) {
            subscription.out();
        } else {
            remove(subscription);
        }
    }

    /** A group begins where the tails stand now. */
    void join(ShareGroup group) {
        trie.put(group.filter(), group);
        system.subscribed(group.filter(), 1);
        forgetRoutes();
        tails.open(group.filter());
    }

    /** A group that had come so far goes on from there. */
    void backfill(ShareGroup group, Map<Partition, Long> places, BooleanSupplier wanted) {
        Backfill backfill = new Backfill(this, loop, wanted, () -> {
            join(group);
            group.joined();
            group.touch();
            group.pump();
        });
        backfill.add(group.filter(), group, places, group::fence);
        backfill.start();
    }

    /** The group is not dealt here any more. */
    void leave(ShareGroup group) {
        boolean wasThere = trie.remove(group.filter(), group);
        system.subscribed(group.filter(), wasThere ? -1 : 0);
        forgetRoutes();
        tails.closeUnwanted();
    }

    /** Whether it was there. */
    private boolean remove(Subscription subscription) {
        subscription.out();
        String filter = subscription.filter().filter();
        // One that is still to join is not there.
        boolean wasThere = trie.remove(filter, subscription);
        subscription.session().routed.remove(subscription);
        system.subscribed(filter, wasThere ? -1 : 0);
        forgetRoutes();
        return wasThere;
    }

    Backlog sideline() {
        return limits.backlog();
    }

    /** Null when the topic is gone. */
    @Nullable
    PartitionLog logOf(Partition partition) {
        return tails.knownLog(partition);
    }

    /** Gives a live session one message of its share. */
    void offer(Session session, PartitionLog log, long offset, ShareSeat seat) {
        loopAt(session.loopIndex).execute(() -> session.offer(log, offset, seat));
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
