package io.robustmq.mqtt.server;

import io.robustmq.core.coordinator.Coordinator;
import io.robustmq.core.coordinator.EffectSink;
import io.robustmq.core.delayed.DelayCommand;
import io.robustmq.core.delayed.DelayEffect;
import io.robustmq.core.delayed.DelayedMessage;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.model.TopicName;
import io.robustmq.core.port.Journal;
import io.robustmq.core.record.RecordHeader;
import io.robustmq.core.session.StoredReceipt;
import io.robustmq.mqtt.admin.MqttAdmin;
import io.robustmq.mqtt.deliver.ReceiptCheck;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Messages that are published later: kept by their coordinator, published here when due. Where one goes is stored before it is
 * appended, and its record names it, so that after a crash it is known whether the log has it. Owned by the router's loop;
 * calls and effects hand over to it.
 */
final class DelayedMessages implements EffectSink<DelayCommand, DelayEffect> {
    private static final int REFUSED_AGAIN_MS = 5_000;
    private static final Logger LOG = LoggerFactory.getLogger(DelayedMessages.class);
    /** All are in one partition, so that they are listed in order. */
    private static final String KEY = "";

    private static final String NAME = "$delayed/";
    private static final int NO_PACKET_ID = 0;

    private final Loop loop;
    private final Journal journal;
    private final NodePublisher publisher;
    private final Tickets<DelayEffect> tickets = new Tickets<>();
    private final Map<String, Runnable> announced = new HashMap<>();
    /** What came due before publishing may begin; null when it has. */
    private @Nullable List<Runnable> early = new ArrayList<>();

    /** Null on a single node. */
    private volatile @Nullable LeaderCalls others;

    /** Set once, before anybody calls. */
    private volatile @Nullable Coordinator<DelayCommand> coordinator;

    DelayedMessages(Loop loop, Journal journal, NodePublisher publisher) {
        this.loop = loop;
        this.journal = journal;
        this.publisher = publisher;
    }

    void connect(Coordinator<DelayCommand> to) {
        coordinator = to;
    }

    /** From any loop: {@code done} gets the partition that messages are kept in, made if need be; -1 if there is none. */
    void whenKept(Loop answerIn, IntConsumer done) {
        Coordinator<DelayCommand> to = coordinator;
        int partition = to == null ? -1 : to.partitionOf(KEY);
        if (to == null || partition >= 0) {
            done.accept(partition);
        } else {
            submit(
                    ticket -> new DelayCommand.List(ticket, "", 0),
                    effect -> answerIn.run(() -> done.accept(to.partitionOf(KEY))));
        }
    }

    /** From any loop: {@code done} gets the outcome in {@code answerIn}; the record in the log has {@code marks} beside it. */
    void delay(DelayedMessage message, List<RecordHeader> marks, Loop answerIn, Consumer<DelayEffect.Outcome> done) {
        LeaderCalls elsewhere = others;
        int leader = leader();
        if (elsewhere != null && leader != LeaderCalls.HERE) {
            elsewhere.delay(leader, message, marks, answerIn, done);
        } else {
            delayHere(message, marks, answerIn, done);
        }
    }

    /** In a cluster: what another node leads is asked there. Before anybody calls. */
    void askElsewhere(LeaderCalls calls) {
        others = calls;
    }

    private int leader() {
        LeaderCalls elsewhere = others;
        return elsewhere == null ? LeaderCalls.HERE : elsewhere.leaderOf(TopicName.MQTT_DELAYED);
    }

    /** For another node too. */
    void delayHere(
            DelayedMessage message, List<RecordHeader> marks, Loop answerIn, Consumer<DelayEffect.Outcome> done) {
        submit(
                ticket -> new DelayCommand.Delay(ticket, message, marks),
                effect -> answerIn.run(() -> done.accept(of(effect))));
    }

    /** Any thread. */
    CompletableFuture<DelayEffect.Outcome> cancel(String id) {
        if (isUnused()) {
            return CompletableFuture.completedFuture(DelayEffect.Outcome.NOT_WAITING);
        }
        CompletableFuture<DelayEffect.Outcome> done = new CompletableFuture<>();
        LeaderCalls elsewhere = others;
        int leader = leader();
        if (elsewhere != null && leader != LeaderCalls.HERE) {
            elsewhere.cancel(leader, id, done::complete);
        } else {
            cancelHere(id, done::complete);
        }
        return done;
    }

    /** For another node too. */
    void cancelHere(String id, Consumer<DelayEffect.Outcome> done) {
        submit(ticket -> new DelayCommand.Cancel(ticket, id), effect -> done.accept(of(effect)));
    }

    /** Any thread: those after {@code afterId}, from the first if it is empty. */
    CompletableFuture<MqttAdmin.DelayedPage> list(String afterId, int max) {
        if (isUnused()) {
            return CompletableFuture.completedFuture(new MqttAdmin.DelayedPage(List.of(), 0));
        }
        CompletableFuture<MqttAdmin.DelayedPage> done = new CompletableFuture<>();
        LeaderCalls elsewhere = others;
        int leader = leader();
        if (elsewhere != null && leader != LeaderCalls.HERE) {
            elsewhere.list(leader, afterId, max, done::complete);
        } else {
            listHere(afterId, max, done::complete);
        }
        return done;
    }

    /** For another node too. */
    void listHere(String afterId, int max, Consumer<MqttAdmin.DelayedPage> done) {
        submit(
                ticket -> new DelayCommand.List(ticket, afterId, max),
                effect -> done.accept(
                        effect instanceof DelayEffect.Listed listed
                                ? new MqttAdmin.DelayedPage(listed.messages(), listed.total())
                                : new MqttAdmin.DelayedPage(List.of(), 0)));
    }

    /** To ask would make the topic. */
    private boolean isUnused() {
        Coordinator<DelayCommand> to = coordinator;
        return to == null || to.partitionOf(KEY) < 0;
    }

    private static DelayEffect.Outcome of(DelayEffect effect) {
        return effect instanceof DelayEffect.Answered answered ? answered.outcome() : DelayEffect.Outcome.UNAVAILABLE;
    }

    private void submit(TicketedCommand command, Consumer<DelayEffect> done) {
        loop.run(() -> {
            send(command.with(tickets.open(done)));
        });
    }

    private interface TicketedCommand {
        DelayCommand with(long ticket);
    }

    private void send(DelayCommand command) {
        Coordinator<DelayCommand> to = coordinator;
        if (to != null) {
            to.submit(KEY, command);
        }
    }

    /** Everything that is stored can be read now: publishing begins. */
    void begin() {
        loop.run(() -> {
            List<Runnable> due = early;
            early = null;
            if (due != null) {
                due.forEach(Runnable::run);
            }
        });
    }

    private void whenBegun(Runnable task) {
        if (early == null) {
            task.run();
        } else {
            early.add(task);
        }
    }

    @Override
    public void perform(DelayEffect effect) {
        loop.execute(() -> {
            if (effect instanceof DelayEffect.Answered answered) {
                tickets.answer(answered.ticket(), effect);
            } else if (effect instanceof DelayEffect.Listed listed) {
                tickets.answer(listed.ticket(), effect);
            } else if (effect instanceof DelayEffect.Due due) {
                whenBegun(() -> publish(due.message()));
            } else if (effect instanceof DelayEffect.Append append) {
                goOn(append.id());
            } else if (effect instanceof DelayEffect.Doubtful doubtful) {
                whenBegun(() -> check(doubtful));
            } else {
                throw new AssertionError(effect);
            }
        });
    }

    @Override
    public void refused(DelayCommand command, BrokerError error) {
        loop.execute(() -> {
            if (command instanceof DelayCommand.Delay c) {
                tickets.answer(c.ticket(), unavailable(c.ticket()));
            } else if (command instanceof DelayCommand.Cancel c) {
                tickets.answer(c.ticket(), unavailable(c.ticket()));
            } else if (command instanceof DelayCommand.List c) {
                tickets.answer(c.ticket(), unavailable(c.ticket()));
            } else if (command instanceof DelayCommand.BeginPublish c) {
                announced.remove(c.id());
                send(new DelayCommand.Postpone(c.id()));
            } else if (error == BrokerError.OVERLOADED) {
                // Any other refusal has the partition loaded again, with what is due.
                loop.schedule(REFUSED_AGAIN_MS, () -> send(command));
            } else {
                LOG.warn("command={} was not stored: {}", command.getClass().getSimpleName(), error.text());
            }
        });
    }

    private static DelayEffect unavailable(long ticket) {
        return new DelayEffect.Answered(ticket, DelayEffect.Outcome.UNAVAILABLE);
    }

    private void publish(DelayedMessage message) {
        String id = message.id();
        publisher.publish(
                message.message(),
                message.clientId(),
                NAME + id,
                NO_PACKET_ID,
                (partition, from, goOn) -> {
                    announced.put(id, goOn);
                    send(new DelayCommand.BeginPublish(id, partition, from));
                },
                error -> published(id, error));
    }

    private void goOn(String id) {
        Runnable append = announced.remove(id);
        if (append != null) {
            append.run();
        }
    }

    /** What nobody may publish, or to no topic, is given up; what the log does not take now is tried again. */
    private void published(String id, BrokerError error) {
        boolean hopeless = error == BrokerError.TOPIC_AUTHORIZATION_FAILED || error == BrokerError.INVALID_TOPIC;
        boolean isOver = error == BrokerError.NONE || hopeless;
        send(isOver ? new DelayCommand.EndPublish(id) : new DelayCommand.Postpone(id));
    }

    private void check(DelayEffect.Doubtful doubtful) {
        String id = doubtful.message().id();
        ReceiptCheck.Receipt receipt = new ReceiptCheck.Receipt(NAME + id, NO_PACKET_ID);
        StoredReceipt begun = new StoredReceipt(NO_PACKET_ID, doubtful.partition(), doubtful.fromOffset());
        ReceiptCheck.start(Map.of(receipt, begun), journal, loop, found -> {
            if (found.contains(receipt)) {
                publisher.retain(doubtful.message().message(), NAME + id, error -> published(id, error));
            } else {
                publish(doubtful.message());
            }
        });
    }
}
