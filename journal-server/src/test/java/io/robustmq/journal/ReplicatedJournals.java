package io.robustmq.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.FileRegion;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.robustmq.core.config.Configuration;
import io.robustmq.core.config.TopicSettings;
import io.robustmq.core.error.BrokerError;
import io.robustmq.core.loop.Cancellable;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.loop.NettyLoops;
import io.robustmq.core.meta.ConfigScope;
import io.robustmq.core.meta.FullReplicas;
import io.robustmq.core.meta.MetaCommand;
import io.robustmq.core.meta.MetaCommand.AlterInSync;
import io.robustmq.core.meta.MetaCommand.SetFull;
import io.robustmq.core.meta.MetaDelta;
import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.meta.MetaListener;
import io.robustmq.core.meta.MetaReply;
import io.robustmq.core.meta.NodeImage;
import io.robustmq.core.meta.OfflineReplicas;
import io.robustmq.core.meta.PartitionImage;
import io.robustmq.core.meta.TopicImage;
import io.robustmq.core.port.AppendOptions;
import io.robustmq.core.port.AppendResult;
import io.robustmq.core.port.MetaLog;
import io.robustmq.core.port.NodeLink;
import io.robustmq.core.port.SegmentStore;
import io.robustmq.journal.remote.AppendService;
import io.robustmq.journal.remote.ClusterJournal;
import io.robustmq.journal.remote.HomeJournal;
import io.robustmq.journal.remote.LogService;
import io.robustmq.storage.memory.MemoryStore;
import io.robustmq.storage.ssd.SsdStore;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Journals of several nodes on real event loops, with one topic {@code orders} of one partition on all of them. The test is
 * the meta service: it places the partition, and grants what leaders ask for unless it is told otherwise.
 */
final class ReplicatedJournals implements AutoCloseable {
    private static final int WAIT_SECONDS = 20;
    private static final long STORE_BYTES = 64 << 20;

    final List<Integer> nodes;
    final Map<Integer, JournalService> journals = new HashMap<>();
    final Map<Integer, SegmentStore> stores = new HashMap<>();
    private final Map<Integer, SegmentStore> disks = new HashMap<>();
    private final Map<Integer, Long> lives = new ConcurrentHashMap<>();
    private final @Nullable Path files;
    final DiskFaults faults = new DiskFaults();
    private final Set<Integer> cutOff = ConcurrentHashMap.newKeySet();
    private final Map<Integer, Integer> fetches = new ConcurrentHashMap<>();
    private final Set<Integer> ignoring = ConcurrentHashMap.newKeySet();
    private final HeldCalls held = new HeldCalls();
    private final Map<Integer, MetaImage> shown = new ConcurrentHashMap<>();
    private final Set<Integer> fenced = ConcurrentHashMap.newKeySet();
    private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());
    private final NettyLoops loops = new NettyLoops(group);
    private final Map<String, String> config;
    private final Map<String, String> topicConfig;
    private final Map<Integer, ClusterJournal> clusterJournals = new ConcurrentHashMap<>();
    private final AtomicInteger answersToLose = new AtomicInteger();
    private final AtomicInteger appendsToLose = new AtomicInteger();
    private final Map<ConfigScope, Map<String, String>> full = new ConcurrentHashMap<>();
    private volatile boolean grants = true;
    private PartitionImage partition;
    private @Nullable PartitionImage second;
    private long index = 1;

    /** @param files what outlives nodes that are {@link #restart restarted} */
    ReplicatedJournals(int count, Map<String, String> topicConfig, Path files) throws Exception {
        this(count, Map.of(), topicConfig, STORE_BYTES, files);
    }

    ReplicatedJournals(int count, Map<String, String> config, Map<String, String> topicConfig) throws Exception {
        this(count, config, topicConfig, STORE_BYTES);
    }

    /** @param firstBytes how much fits into the store of node 1 */
    ReplicatedJournals(int count, Map<String, String> config, Map<String, String> topicConfig, long firstBytes)
            throws Exception {
        this(count, config, topicConfig, firstBytes, null);
    }

    private ReplicatedJournals(
            int count,
            Map<String, String> config,
            Map<String, String> topicConfig,
            long firstBytes,
            @Nullable Path files)
            throws Exception {
        this.files = files;
        this.nodes = IntStream.rangeClosed(1, count).boxed().toList();
        this.config = config;
        this.topicConfig = topicConfig;
        this.partition = new PartitionImage(0, 1, 0, 0, nodes, nodes);
        nodes.forEach(node -> lives.put(node, 1L));
        for (int node : nodes) {
            stores.put(node, new MemoryStore(node == 1 ? firstBytes : STORE_BYTES));
            open(node);
        }
        show();
    }

    /** The process is another one, and what was in memory is gone. */
    synchronized void restart(int node) throws IOException {
        journals.get(node).close();
        stores.get(node).close();
        disks.get(node).close();
        lives.merge(node, 1L, Long::sum);
        stores.put(node, new MemoryStore(STORE_BYTES));
        open(node);
        show();
    }

    private void open(int node) throws IOException {
        JournalService journal = new JournalService(
                JournalConfig.from(new Configuration(JournalConfig.keys(), config)),
                loops,
                Map.of("ssd", disk(node), "memory", stores.get(node)),
                node,
                new SimpleMeterRegistry());
        journal.joinCluster(new Meta(node), new Link(node));
        journal.start();
        journals.put(node, journal);
        shown.put(node, image());
        journal.onImage(MetaDelta.NOTHING, image());
        journal.registered(lives.get(node));
        journal.leased(System.nanoTime() + TimeUnit.HOURS.toNanos(1));
    }

    private SegmentStore disk(int node) throws IOException {
        if (files == null) {
            return faults.over(stores.get(node), node, topicConfig.containsKey(TopicSettings.FLUSH_MESSAGES.name()));
        }
        SegmentStore disk = new SsdStore(files.resolve(Integer.toString(node)));
        disks.put(node, disk);
        return disk;
    }

    /** Another partition of the topic, which node 1 leads whatever becomes of the first. */
    synchronized void add() {
        second = new PartitionImage(1, 1, 0, 0, nodes, nodes);
        show();
    }

    /** How often the node has asked others for what is new to it. */
    int fetches(int node) {
        return fetches.getOrDefault(node, 0);
    }

    /** The log as the node sees it, with what others lead. */
    ClusterJournal clusterJournal(int node) {
        return clusterJournals.computeIfAbsent(
                node, id -> new ClusterJournal(id, journals.get(id), new Meta(id), new Link(id), loops));
    }

    /** As {@link #clusterJournal}, but what cannot be read of its own replica is read at the leader. */
    HomeJournal homeJournal(int node) {
        return new HomeJournal(clusterJournal(node), loops, STORE_BYTES);
    }

    /** The node is not reached, and nobody is told that; what it is asked arrives when it is {@link #release released}. */
    void hold(int node, NodeLink.Call... calls) {
        held.hold(node, calls);
    }

    /** What the node answers does not arrive before it is released. */
    void holdAnswers(int node, NodeLink.Call... calls) {
        held.holdAnswers(node, calls);
    }

    /** As on a new connection, when nobody knows what becomes of the requests on the last one: they arrive when it is released. */
    void holdNoMore(int node) {
        held.holdNoMore(node);
    }

    int heldAppends(int node) {
        return held.appends(node);
    }

    int heldAnswers(int node) {
        return held.answers(node);
    }

    void ignoreMetadata(int node) {
        ignoring.add(node);
    }

    void heedMetadata(int node) {
        ignoring.remove(node);
        show();
    }

    void release(int node) {
        if (ignoring.contains(node)) {
            heedMetadata(node);
        }
        held.release(node);
    }

    /** The cluster takes the node for dead. */
    void fence(int node) {
        fenced.add(node);
        show();
    }

    /** So many answers to appends from now on do not arrive. */
    void loseAnswers(int count) {
        answersToLose.set(count);
    }

    /** So many appends for other nodes do not arrive. */
    void loseAppends(int count) {
        appendsToLose.set(count);
    }

    PartitionImage partition() {
        return partition;
    }

    void grants(boolean granting) {
        grants = granting;
    }

    /** Nobody reaches the node, and it reaches nobody; it does not see what is decided meanwhile. */
    void cutOff(int node) {
        cutOff.add(node);
    }

    void reconnect(int node) {
        cutOff.remove(node);
        show();
    }

    /** As the meta service would when {@code leader} takes over. */
    synchronized void lead(int leader, Integer... inSync) {
        partition = new PartitionImage(
                0, leader, partition.leaderEpoch() + 1, partition.partitionEpoch() + 1, nodes, List.of(inSync));
        show();
    }

    private synchronized MetaReply alter(AlterInSync command) {
        if (!grants
                || command.partition().index() != 0
                || cutOff.contains(command.leader())
                || command.leader() != partition.leader()
                || command.partitionEpoch() != partition.partitionEpoch()) {
            return new MetaReply.Refused(BrokerError.FENCED_LEADER_EPOCH, "refused");
        }
        partition = new PartitionImage(
                0,
                partition.leader(),
                partition.leaderEpoch(),
                partition.partitionEpoch() + 1,
                nodes,
                command.inSync().keySet().stream().sorted().toList());
        show();
        return new MetaReply.Done();
    }

    private synchronized void show() {
        index++;
        MetaImage image = image();
        journals.forEach((node, journal) -> {
            if (!cutOff.contains(node) && !ignoring.contains(node)) {
                shown.put(node, image);
                journal.onImage(Images.changed(JournalHarness.ORDERS_ID), image);
                ClusterJournal cluster = clusterJournals.get(node);
                if (cluster != null) {
                    cluster.onImage(Images.changed(JournalHarness.ORDERS_ID), image);
                }
            }
        });
    }

    private MetaImage image() {
        PartitionImage other = second;
        List<PartitionImage> partitions = other == null ? List.of(partition) : List.of(partition, other);
        TopicImage topic = new TopicImage(JournalHarness.ORDERS_ID, "orders", partitions, topicConfig);
        Map<Integer, NodeImage> registered = new HashMap<>();
        nodes.forEach(node ->
                registered.put(node, new NodeImage(node, lives.get(node), fenced.contains(node), "", Map.of())));
        return new MetaImage(
                index,
                "cluster",
                1,
                Map.of("orders", topic),
                Map.of(JournalHarness.ORDERS_ID, topic),
                registered,
                Map.copyOf(full),
                0);
    }

    private MetaReply setFull(SetFull command) {
        Map<String, String> row = new HashMap<>();
        command.partitions().forEach(each -> row.put(OfflineReplicas.key(each), ""));
        full.put(FullReplicas.scope(command.nodeId()), row);
        return new MetaReply.Done();
    }

    /** What the node would say of the partition. */
    synchronized void room(int node, boolean room) {
        full.put(FullReplicas.scope(node), room ? Map.of() : Map.of(OfflineReplicas.key(JournalHarness.ORDERS), ""));
        show();
    }

    /** Whether the node has said that it has no room for the partition. */
    boolean saysThatItIsFull(int node) {
        return FullReplicas.has(image(), node, JournalHarness.ORDERS_ID, 0);
    }

    CompletableFuture<AppendResult> send(int node, AppendOptions options, String... values) {
        CompletableFuture<AppendResult> answer = new CompletableFuture<>();
        journals.get(node)
                .append(
                        JournalHarness.ORDERS,
                        Batches.of(values),
                        options,
                        loops.loops().get(0),
                        answer::complete);
        return answer;
    }

    AppendResult append(int node, String... values) throws Exception {
        return send(node, AppendOptions.DURABLE, values).get(WAIT_SECONDS, TimeUnit.SECONDS);
    }

    static void until(BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(WAIT_SECONDS);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).isLessThan(deadline);
            LockSupport.parkNanos(1_000_000);
        }
    }

    Loop loop() {
        return loops.loops().get(0);
    }

    long end(int node) {
        return journals.get(node).state(JournalHarness.ORDERS).logEndOffset();
    }

    @Override
    public void close() throws IOException {
        journals.values().forEach(JournalService::close);
        for (SegmentStore store : stores.values()) {
            store.close();
        }
        for (SegmentStore disk : disks.values()) {
            disk.close();
        }
        group.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
    }

    /** Leaders ask it. */
    private final class Meta implements MetaLog {
        private final int node;

        private Meta(int node) {
            this.node = node;
        }

        @Override
        public MetaImage image() {
            return shown.getOrDefault(node, MetaImage.EMPTY);
        }

        @Override
        public CompletableFuture<MetaReply> submit(MetaCommand command) {
            return CompletableFuture.supplyAsync(() -> {
                if (command instanceof SetFull told) {
                    return setFull(told);
                }
                return command instanceof MetaCommand.AllocateProducerIds ids
                        ? new MetaReply.ProducerIds(1000L * ids.nodeId(), 1000)
                        : alter((AlterInSync) command);
            });
        }

        @Override
        public Cancellable subscribe(MetaListener listener) {
            return Cancellable.NOTHING;
        }
    }

    /** Calls without a network. */
    private final class Link implements NodeLink {
        private final int self;
        private final Map<String, NodeLink.Conversation> conversations = new ConcurrentHashMap<>();

        private Link(int self) {
            this.self = self;
        }

        @Override
        public void ask(
                int node, Call call, ByteBuf body, long timeoutMs, Loop loop, Consumer<@Nullable ByteBuf> reply) {
            Loop theirs = loops.loopFor("link-" + node + "-" + self);
            if (call == Call.FETCH) {
                fetches.merge(self, 1, Integer::sum);
            }
            boolean lost = call == Call.APPEND && appendsToLose.getAndDecrement() > 0;
            if (lost || cutOff.contains(node) || cutOff.contains(self)) {
                body.release();
                loop.execute(() -> reply.accept(null));
                return;
            }
            held.ask(
                    node,
                    call,
                    () -> theirs.execute(() -> {
                        try {
                            conversations
                                    .computeIfAbsent(
                                            call + "-" + node + "-" + lives.get(node),
                                            id -> service(node, call).begin(theirs))
                                    .onCall(body, parts -> answer(node, call, loop, reply, parts));
                        } finally {
                            body.release();
                        }
                    }));
        }

        private NodeLink.Service service(int node, Call call) {
            JournalService journal = journals.get(node);
            return switch (call) {
                case APPEND -> new AppendService(journal, new Meta(node), clusterJournal(node));
                case LOG -> new LogService(journal);
                default -> journal.fetchService();
            };
        }

        private void answer(int node, Call call, Loop loop, Consumer<@Nullable ByteBuf> reply, Object... parts) {
            List<ByteBuf> buffers = new ArrayList<>();
            for (Object part : parts) {
                buffers.add(part instanceof FileRegion region ? read(region) : (ByteBuf) part);
            }
            ByteBuf whole = Unpooled.wrappedBuffer(buffers.toArray(new ByteBuf[0]));
            boolean lost = cutOff.contains(node)
                    || cutOff.contains(self)
                    || (call == Call.APPEND && answersToLose.getAndDecrement() > 0);
            held.answer(
                    node,
                    call,
                    () -> loop.execute(() -> {
                        try {
                            reply.accept(lost ? null : whole);
                        } finally {
                            whole.release();
                        }
                    }));
        }

        private static ByteBuf read(FileRegion region) {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            try {
                region.transferTo(Channels.newChannel(bytes), 0);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } finally {
                region.release();
            }
            return Unpooled.wrappedBuffer(bytes.toByteArray());
        }
    }
}
