package io.robustmq.server.link;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import io.netty.util.NetUtil;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.loop.NettyLoops;
import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.meta.NodeImage;
import io.robustmq.core.port.NodeLink;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Asks other nodes, by one connection to each, made when it is needed. Thread-safe. */
public final class LinkClient implements NodeLink, AutoCloseable {
    static final String ENDPOINT = "journal";

    private final int nodeId;
    private final EventLoopGroup group;
    private final NettyLoops loops;
    private final Class<? extends Channel> channel;
    private final LinkTerms terms;
    private final Supplier<MetaImage> image;
    private final Map<Integer, LinkConnection> connections = new ConcurrentHashMap<>();
    /** Looking up a name may block. */
    private final ExecutorService resolver = Executors.newSingleThreadExecutor(task -> {
        Thread thread = new Thread(task, "resolve-nodes");
        thread.setDaemon(true);
        return thread;
    });

    private volatile Map<Integer, InetSocketAddress> firsts = Map.of();
    private volatile IntConsumer lost = node -> {};
    private volatile IntConsumer found = node -> {};
    private volatile boolean closed;

    /** @param image says where the nodes are */
    public LinkClient(
            int nodeId,
            EventLoopGroup group,
            NettyLoops loops,
            Class<? extends Channel> channel,
            LinkTerms terms,
            Supplier<MetaImage> image) {
        this.nodeId = nodeId;
        this.group = group;
        this.loops = loops;
        this.channel = channel;
        this.terms = terms;
        this.image = image;
    }

    @Override
    public void ask(int node, Call call, ByteBuf body, long timeoutMs, Loop loop, Consumer<@Nullable ByteBuf> reply) {
        LinkConnection connection = connections.computeIfAbsent(node, id -> new LinkConnection(this, id));
        connection.ask(new LinkAsk(call, body, timeoutMs, loop, reply));
    }

    EventLoopGroup group() {
        return group;
    }

    Loop loopFor(int node) {
        return loops.loopFor("link-" + node);
    }

    Class<? extends Channel> channel() {
        return channel;
    }

    LinkTerms terms() {
        return terms;
    }

    /** What answers a node's challenge. */
    ByteBuf hello(LinkChallenge challenge, int version) {
        String clusterId = image.get().clusterId();
        byte[] id = clusterId.getBytes(StandardCharsets.UTF_8);
        byte[] proof = terms.secret().proof(challenge.bytes(), clusterId, nodeId);
        return LinkFrame.head(version, LinkFrame.HELLO, 0, 2 + id.length + 4 + proof.length)
                .writeShort(id.length)
                .writeBytes(id)
                .writeInt(nodeId)
                .writeBytes(proof);
    }

    boolean isClosed() {
        return closed;
    }

    /** Looks up where the node is, which may take long. {@code reply} gets null while it has not registered, or has no address. */
    void resolve(int node, Executor loop, Consumer<@Nullable InetSocketAddress> reply) {
        NodeImage known = image.get().nodes().get(node);
        String endpoint = known == null ? null : known.endpoints().get(ENDPOINT);
        int colon = endpoint == null ? -1 : endpoint.lastIndexOf(':');
        InetSocketAddress told = firsts.get(node);
        if (told != null && (endpoint == null || colon < 1)) {
            resolve(told.getHostString(), told.getPort(), loop, reply);
        } else if (endpoint == null || colon < 1) {
            loop.execute(() -> reply.accept(null));
        } else {
            resolve(endpoint.substring(0, colon), Integer.parseInt(endpoint.substring(colon + 1)), loop, reply);
        }
    }

    private void resolve(String host, int port, Executor loop, Consumer<@Nullable InetSocketAddress> reply) {
        if (NetUtil.isValidIpV4Address(host) || NetUtil.isValidIpV6Address(host)) {
            loop.execute(() -> reply.accept(new InetSocketAddress(host, port)));
            return;
        }
        CompletableFuture<?> unused = CompletableFuture.supplyAsync(() -> new InetSocketAddress(host, port), resolver)
                .whenComplete((address, failure) ->
                        loop.execute(() -> reply.accept(address == null || address.isUnresolved() ? null : address)));
    }

    /** Where nodes are that have not registered, as far as this one knows. */
    public void firstAt(Map<Integer, InetSocketAddress> addresses) {
        firsts = Map.copyOf(addresses);
    }

    /**
     * Tells what connections say of other nodes, from now on, in the connections' loops.
     *
     * @param whenLost is told a node that closed the connection, or where nobody listens any more
     */
    public void watchedBy(IntConsumer whenLost, IntConsumer whenFound) {
        lost = whenLost;
        found = whenFound;
    }

    void lost(int node) {
        lost.accept(node);
    }

    void found(int node) {
        found.accept(node);
    }

    @Override
    public void close() {
        closed = true;
        connections.values().forEach(LinkConnection::close);
        resolver.shutdown();
    }
}
