package io.robustmq.mqtt.server;

import io.robustmq.core.ban.Ban;
import io.robustmq.core.ban.BanCodec;
import io.robustmq.core.ban.BanCommand;
import io.robustmq.core.ban.BanEffect;
import io.robustmq.core.ban.BanFact;
import io.robustmq.core.ban.BanIndex;
import io.robustmq.core.coordinator.Coordinator;
import io.robustmq.core.coordinator.EffectSink;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.model.TopicName;
import io.robustmq.core.record.RecordView;
import io.robustmq.mqtt.limits.FlappingDetector;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Bans, as their coordinator keeps them, and the clients that get one because they come and go all the time. Owned by the router's
 * loop; calls and effects hand over to it. The index is read by any thread.
 */
final class Bans implements EffectSink<BanCommand, BanEffect> {
    private static final Logger LOG = LoggerFactory.getLogger(Bans.class);
    private static final String KEY = "";

    private final Loop loop;
    private final BanIndex index = new BanIndex();
    private final Tickets<BanEffect> tickets = new Tickets<>();
    private final FlappingDetector flapping;
    private final long flappingBanMs;
    private final BanCodec codec = new BanCodec();
    private Runnable imposed = () -> {};
    /** Null on a single node. */
    private volatile @Nullable LeaderCalls others;

    /** Set once, before anybody calls. */
    private volatile @Nullable Coordinator<BanCommand> coordinator;

    Bans(Loop loop, FlappingDetector flapping, long flappingBanMs) {
        this.loop = loop;
        this.flapping = flapping;
        this.flappingBanMs = flappingBanMs;
    }

    void connect(Coordinator<BanCommand> to) {
        coordinator = to;
    }

    /** {@code task} runs in the router's loop when somebody was banned who may be connected. */
    void whenImposed(Runnable task) {
        imposed = task;
    }

    BanIndex index() {
        return index;
    }

    /** In a cluster: what another node leads is asked there. Before anybody calls. */
    void askElsewhere(LeaderCalls calls) {
        others = calls;
    }

    /** In the router's loop, in a cluster: a record of the bans' topic, whoever leads it. */
    void read(RecordView record) {
        byte[] key = record.keyArray();
        BanFact fact = key == null ? null : codec.decode(key, record.valueArray());
        if (fact instanceof BanFact.BanImposed now) {
            index.put(now.ban());
            imposed.run();
        } else if (fact != null) {
            index.remove(fact.key());
        }
    }

    private int leader() {
        LeaderCalls elsewhere = others;
        return elsewhere == null ? LeaderCalls.HERE : elsewhere.leaderOf(TopicName.MQTT_BANS);
    }

    /** Any thread. */
    CompletableFuture<BanEffect.Outcome> impose(Ban ban) {
        LeaderCalls elsewhere = others;
        int leader = leader();
        if (elsewhere == null || leader == LeaderCalls.HERE) {
            return submit(ticket -> new BanCommand.Impose(ticket, ban));
        }
        CompletableFuture<BanEffect.Outcome> done = new CompletableFuture<>();
        elsewhere.ban(leader, ban, done::complete);
        return done;
    }

    /** For another node. Any thread. */
    void imposeHere(Ban ban, Consumer<BanEffect.Outcome> done) {
        CompletableFuture<Void> unused =
                submit(ticket -> new BanCommand.Impose(ticket, ban)).thenAccept(done);
    }

    /** For another node. Any thread. */
    void liftHere(Ban.Key key, Consumer<BanEffect.Outcome> done) {
        CompletableFuture<Void> unused =
                submit(ticket -> new BanCommand.Lift(ticket, key)).thenAccept(done);
    }

    /** Any thread. */
    CompletableFuture<BanEffect.Outcome> lift(Ban.Key key) {
        Coordinator<BanCommand> to = coordinator;
        if (to == null || to.partitionOf(KEY) < 0) {
            // To ask would make the topic.
            return CompletableFuture.completedFuture(BanEffect.Outcome.NOT_BANNED);
        }
        LeaderCalls elsewhere = others;
        int leader = leader();
        if (elsewhere != null && leader != LeaderCalls.HERE) {
            CompletableFuture<BanEffect.Outcome> done = new CompletableFuture<>();
            elsewhere.unban(leader, key, done::complete);
            return done;
        }
        return submit(ticket -> new BanCommand.Lift(ticket, key));
    }

    /** Completes when all bans that are stored are in the index. */
    CompletableFuture<BanEffect.Outcome> whenLoaded() {
        // An answer says that everything before it was loaded; nobody has this name.
        return submit(ticket -> new BanCommand.Lift(ticket, new Ban.Key(Ban.Kind.CLIENT, "")));
    }

    private CompletableFuture<BanEffect.Outcome> submit(LongFunction<BanCommand> command) {
        CompletableFuture<BanEffect.Outcome> done = new CompletableFuture<>();
        loop.run(() -> {
            Coordinator<BanCommand> to = coordinator;
            if (to == null) {
                done.complete(BanEffect.Outcome.UNAVAILABLE);
                return;
            }
            long ticket = tickets.open(effect -> done.complete(of(effect)));
            to.submit(KEY, command.apply(ticket));
        });
        return done;
    }

    private static BanEffect.Outcome of(BanEffect effect) {
        return effect instanceof BanEffect.Answered answered ? answered.outcome() : BanEffect.Outcome.UNAVAILABLE;
    }

    /** From any loop: a client's connection ended. */
    void left(String clientId) {
        if (flapping.isOn()) {
            loop.run(() -> {
                long now = loop.nowMs();
                if (flapping.left(clientId, now)) {
                    LOG.info(
                            "client={} banned for ms={} reason=it comes and goes all the time",
                            clientId,
                            flappingBanMs);
                    CompletableFuture<BanEffect.Outcome> unused = impose(new Ban(
                            Ban.Kind.CLIENT,
                            clientId,
                            "comes and goes all the time",
                            "flapping",
                            now,
                            now + flappingBanMs));
                }
            });
        }
    }

    @Override
    public void perform(BanEffect effect) {
        loop.execute(() -> {
            if (effect instanceof BanEffect.Answered answered) {
                tickets.answer(answered.ticket(), effect);
            } else if (effect instanceof BanEffect.Imposed now) {
                index.put(now.ban());
                imposed.run();
            } else if (effect instanceof BanEffect.Lifted lifted) {
                index.remove(lifted.key());
            } else {
                throw new AssertionError(effect);
            }
        });
    }

    @Override
    public void refused(BanCommand command, BrokerError error) {
        LOG.warn("command={} was not stored: {}", command.getClass().getSimpleName(), error.text());
        loop.execute(() -> {
            if (command instanceof BanCommand.Impose c) {
                tickets.answer(c.ticket(), new BanEffect.Answered(c.ticket(), BanEffect.Outcome.UNAVAILABLE));
            } else if (command instanceof BanCommand.Lift c) {
                tickets.answer(c.ticket(), new BanEffect.Answered(c.ticket(), BanEffect.Outcome.UNAVAILABLE));
            }
        });
    }
}
