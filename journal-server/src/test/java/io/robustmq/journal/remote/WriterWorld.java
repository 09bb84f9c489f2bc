package io.robustmq.journal.remote;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.robustmq.core.config.Configuration;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.loop.Cancellable;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.loop.SimLoop;
import io.robustmq.core.meta.MetaCommand;
import io.robustmq.core.meta.MetaDelta;
import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.meta.MetaListener;
import io.robustmq.core.meta.MetaReply;
import io.robustmq.core.meta.NodeImage;
import io.robustmq.core.meta.PartitionImage;
import io.robustmq.core.meta.TopicImage;
import io.robustmq.core.model.Partition;
import io.robustmq.core.model.TopicId;
import io.robustmq.core.port.AppendResult;
import io.robustmq.core.port.MetaLog;
import io.robustmq.core.port.NodeLink;
import io.robustmq.journal.Batches;
import io.robustmq.journal.JournalConfig;
import io.robustmq.journal.JournalService;
import io.robustmq.storage.memory.MemoryStore;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A node that appends for publishers to a partition of three other nodes, which stand still, are deposed, lead again, lose connections, say no, and
 * are heard late, all by one seed.
 */
final class WriterWorld implements MetaLog, NodeLink, AutoCloseable {
    static final Partition PARTITION = new Partition(new TopicId(7, 9), 0);
    private static final int WRITER = 9;
    private static final int NODES = 3;
    private static final int PUBLISHERS = 4;
    private static final int LOOK_AGAIN_MS = 20;
    private static final int ANSWER_MS_MAX = 300;
    private static final long CALM_MS = 60_000;

    final Random random;
    final SimLoop loop = new SimLoop();
    final List<SimLeader> nodes = new ArrayList<>();
    private final MemoryStore store = new MemoryStore(1 << 20);
    private final JournalService journal;
    private final ClusterJournal writer;
    private final List<SimPublisher> publishers = new ArrayList<>();
    /** Questions that the writer's link waits for, by node, in order. */
    private final Map<Integer, List<Question>> asked = new HashMap<>();

    private int leader = 1;
    private int epoch;
    private Set<Integer> inSync = new HashSet<>(Set.of(1, 2, 3));
    private long index = 1;
    private MetaImage shown;
    private int looks;

    private static final class Question {
        final Consumer<@Nullable ByteBuf> reply;
        boolean isOver;

        Question(Consumer<@Nullable ByteBuf> reply) {
            this.reply = reply;
        }
    }

    WriterWorld(long seed) {
        random = new Random(seed);
        journal = new JournalService(
                JournalConfig.from(new Configuration(JournalConfig.keys(), Map.of())),
                loop,
                Map.of("ssd", store),
                WRITER,
                new SimpleMeterRegistry());
        journal.joinCluster(this, this);
        journal.registered(1);
        shown = present();
        writer = new ClusterJournal(WRITER, journal, this, this, loop);
        for (int id = 1; id <= NODES; id++) {
            nodes.add(new SimLeader(id));
        }
        nodes.forEach(this::hear);
        // Where some do not look, what they send soon keeps out what comes late.
        int looking = random.nextBoolean() ? PUBLISHERS : PUBLISHERS / 2;
        for (int i = 0; i < PUBLISHERS; i++) {
            publishers.add(new SimPublisher(i, writer, this, i < looking));
        }
    }

    /** Returns how many messages were acknowledged. */
    int run(int steps) {
        for (int i = 0; i < steps; i++) {
            step();
            loop.run();
        }
        settle();
        List<String> log = committed();
        publishers.forEach(publisher -> publisher.check(log));
        return publishers.stream().mapToInt(SimPublisher::acknowledged).sum();
    }

    /** How often somebody looked through the log. */
    int looks() {
        return looks;
    }

    private void step() {
        SimLeader node = nodes.get(random.nextInt(NODES));
        switch (random.nextInt(23)) {
            case 0, 1, 2, 3 -> publishers.get(random.nextInt(PUBLISHERS)).publish();
            case 4, 5, 6, 7 -> receive(node);
            case 8, 9, 10, 11 -> fetch(node);
            case 12, 13 -> nodes.forEach(each -> each.commit(nodes));
            case 14 -> hear(node);
            case 15 -> show();
            case 16 -> loop.advance(random.nextInt(300));
            case 17 -> rarely(4, () -> node.stands = !node.stands);
            case 18 -> rarely(2, this::elect);
            case 19 -> rarely(3, () -> changeInSync(node));
            case 20 -> rarely(5, () -> lose(node.id));
            case 21 -> rarely(3, () -> receiveLate(node));
            default -> rarely(3, node::giveUpOldest);
        }
    }

    private void rarely(int oneIn, Runnable task) {
        if (random.nextInt(oneIn) == 0) {
            task.run();
        }
    }

    private void receive(SimLeader node) {
        if (!node.stands && !node.inbox.isEmpty()) {
            node.inbox.remove().run();
        }
    }

    private static void receiveLate(SimLeader node) {
        if (!node.stands && !node.late.isEmpty()) {
            node.late.remove().run();
        }
    }

    private void fetch(SimLeader node) {
        SimLeader from = nodes.get(leader - 1);
        if (!node.stands && !from.stands && from.leads && node != from && node.epoch == from.epoch) {
            node.fetch(from);
        }
    }

    /** A replica hears of the metadata. */
    private void hear(SimLeader node) {
        if (!node.stands && (node.epoch < epoch || node.leads)) {
            node.take(epoch, leader == node.id, inSync);
        }
    }

    /** One that is in sync leads; now and then the same, or nobody for a while. */
    private void elect() {
        List<Integer> fit = inSync.stream().sorted().toList();
        int next = fit.get(random.nextInt(fit.size()));
        if (nodes.get(next - 1).stands) {
            return;
        }
        leader = next;
        epoch++;
        nodes.stream().filter(node -> node.stands).forEach(node -> inSync.remove(node.id));
        rarely(2, this::show);
    }

    private void changeInSync(SimLeader node) {
        SimLeader from = nodes.get(leader - 1);
        if (node == from || from.stands || from.epoch != epoch) {
            return;
        }
        boolean hasAll = !node.stands && node.epoch == epoch && node.log.size() == from.log.size();
        if (hasAll) {
            node.fetch(from);
            inSync.add(node.id);
        } else if (node.stands) {
            inSync.remove(node.id);
        }
        hear(from);
    }

    /** The writer hears of the metadata. */
    private void show() {
        index++;
        shown = present();
        writer.onImage(new MetaDelta(Set.of(PARTITION.topicId()), Set.of(), false), shown);
    }

    private MetaImage present() {
        List<Integer> replicas = List.of(1, 2, 3);
        PartitionImage partition = new PartitionImage(
                0,
                leader,
                epoch,
                (int) index,
                replicas,
                inSync.stream().sorted().toList());
        TopicImage topic = new TopicImage(PARTITION.topicId(), "orders", List.of(partition), Map.of());
        Map<Integer, NodeImage> registered = new HashMap<>();
        replicas.forEach(node -> registered.put(node, new NodeImage(node, 1, false, "", Map.of())));
        return new MetaImage(
                index,
                "cluster",
                1,
                Map.of("orders", topic),
                Map.of(PARTITION.topicId(), topic),
                registered,
                Map.of(),
                0);
    }

    /** All are well, until everything that can be is acknowledged. */
    private void settle() {
        nodes.forEach(node -> node.stands = false);
        for (long ms = 0; publishers.stream().anyMatch(SimPublisher::isWaiting); ms += 10) {
            assertThat(ms).as("everything comes to an end").isLessThan(CALM_MS);
            publishers.forEach(SimPublisher::sendAgain);
            goOnCalmly();
        }
        // A fence may be under way that nobody waits for any more, and what comes late must not be taken now either.
        for (int i = 0; i < 100; i++) {
            goOnCalmly();
        }
    }

    private void goOnCalmly() {
        nodes.forEach(this::hear);
        show();
        nodes.forEach(this::receive);
        nodes.forEach(node -> rarely(20, () -> receiveLate(node)));
        nodes.forEach(this::fetch);
        nodes.forEach(each -> each.commit(nodes));
        loop.advance(10);
    }

    /** Tells what is in the log once nothing of what was handed over before can come any more. */
    void look(Consumer<Set<String>> reply) {
        if (random.nextBoolean()) {
            writer.settledWrites(PARTITION, loop, () -> lookUpToEnd(reply));
        } else {
            askFromElsewhere(() -> lookUpToEnd(reply));
        }
    }

    /** As another node does, until it is told that all is settled. */
    private void askFromElsewhere(Runnable settled) {
        askWhetherSettled(result -> {
            if (result.succeeded()) {
                settled.run();
            } else {
                assertThat(result.error()).isEqualTo(BrokerError.REQUEST_TIMED_OUT);
                loop.schedule(LOOK_AGAIN_MS, () -> askFromElsewhere(settled));
            }
        });
    }

    void askWhetherSettled(Consumer<AppendResult> reply) {
        ByteBuf question = Unpooled.buffer(64);
        AppendCodec.writeSettle(PARTITION, shown.index(), question);
        new AppendService(journal, this, writer).begin(loop).onCall(question, parts -> {
            ByteBuf answer = (ByteBuf) parts[0];
            reply.accept(AppendCodec.readResult(answer));
            answer.release();
        });
        question.release();
    }

    void publish() {
        publishers.get(0).publish();
        loop.run();
    }

    private void lookUpToEnd(Consumer<Set<String>> reply) {
        SimLeader node = nodes.get(leader - 1);
        if (node.stands || !node.leads || node.epoch != epoch) {
            loop.schedule(LOOK_AGAIN_MS, () -> lookUpToEnd(reply));
        } else {
            look(node, node.endOffset(), epoch, reply);
        }
    }

    private void look(SimLeader node, long end, int asked, Consumer<Set<String>> reply) {
        if (epoch != asked) {
            lookUpToEnd(reply);
        } else if (node.committed(nodes) < end) {
            loop.schedule(LOOK_AGAIN_MS, () -> look(node, end, asked, reply));
        } else {
            looks++;
            reply.accept(Set.copyOf(values(node)));
        }
    }

    private List<String> committed() {
        return values(nodes.get(leader - 1));
    }

    private static List<String> values(SimLeader node) {
        List<String> values = new ArrayList<>();
        for (SimLeader.Entry entry : node.log) {
            Batches.read(entry.batch()).forEach(each -> values.add(each.substring(each.indexOf('=') + 1)));
        }
        return values;
    }

    // ---- the link

    @Override
    public void ask(int node, Call call, ByteBuf body, long timeoutMs, Loop in, Consumer<@Nullable ByteBuf> reply) {
        if (call != Call.APPEND) {
            body.release();
            in.execute(() -> reply.accept(null));
            return;
        }
        ByteBuf bytes = SimLeader.copy(body);
        body.release();
        if (bytes.getByte(0) == AppendCodec.SETTLE) {
            bytes.release();
            in.execute(() -> answerSettled(reply));
            return;
        }
        Question question = new Question(reply);
        asked.computeIfAbsent(node, n -> new ArrayList<>()).add(question);
        SimLeader to = nodes.get(node - 1);
        to.inbox.add(() -> arrived(to, bytes, question));
        in.schedule(timeoutMs, () -> {
            if (!question.isOver) {
                lose(node);
            }
        });
    }

    /** None of these nodes appends anything itself. */
    private static void answerSettled(Consumer<@Nullable ByteBuf> reply) {
        ByteBuf answer = Unpooled.buffer(64);
        AppendCodec.write(AppendResult.appended(0, -1, 0), answer);
        reply.accept(answer);
        answer.release();
    }

    private void arrived(SimLeader node, ByteBuf bytes, Question question) {
        assertThat(bytes.readByte()).isEqualTo(AppendCodec.APPEND);
        AppendCodec.readAppend(bytes);
        if (random.nextInt(12) == 0) {
            bytes.release();
            answer(question, AppendResult.refused(BrokerError.OVERLOADED));
            return;
        }
        node.append(bytes.discardReadBytes(), result -> answer(question, result));
    }

    private void answer(Question question, AppendResult result) {
        ByteBuf bytes = Unpooled.buffer(64);
        AppendCodec.write(result, bytes);
        loop.schedule(random.nextInt(ANSWER_MS_MAX), () -> {
            if (!question.isOver) {
                question.isOver = true;
                question.reply.accept(bytes);
            }
            bytes.release();
        });
    }

    /** The connection to the node: what was asked may still arrive there, before what is asked by the next one, or at any later time. */
    private void lose(int node) {
        List<Question> lost = asked.getOrDefault(node, List.of()).stream()
                .filter(question -> !question.isOver)
                .toList();
        asked.remove(node);
        lost.forEach(question -> question.isOver = true);
        lost.forEach(question -> question.reply.accept(null));
        SimLeader there = nodes.get(node - 1);
        if (random.nextBoolean()) {
            there.late.addAll(there.inbox);
            there.inbox.clear();
        } else if (random.nextBoolean()) {
            there.inbox.clear();
        }
    }

    // ---- the metadata

    @Override
    public MetaImage image() {
        return shown;
    }

    @Override
    public CompletableFuture<MetaReply> submit(MetaCommand command) {
        return CompletableFuture.completedFuture(new MetaReply.ProducerIds(1000, 1000));
    }

    @Override
    public Cancellable subscribe(MetaListener listener) {
        return Cancellable.NOTHING;
    }

    @Override
    public void close() {
        nodes.forEach(SimLeader::close);
        journal.close();
        store.close();
    }
}
