package io.robustmq.server.link;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.loop.NettyLoops;
import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.meta.NodeImage;
import io.robustmq.core.port.NodeLink;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Node 2 that answers and node 1 that asks, in two event loops. */
final class LinkPair implements AutoCloseable {
    static final Calls ECHO =
            (body, answer) -> answer.send(Unpooled.copiedBuffer("so: ", StandardCharsets.UTF_8), body.retainedSlice());

    private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());
    private final NettyLoops loops = new NettyLoops(group);
    private final List<LinkClient> clients = new ArrayList<>();
    private @Nullable LinkServer server;

    /** What is asked. */
    @FunctionalInterface
    interface Calls {
        void onCall(ByteBuf body, NodeLink.Answer answer);
    }

    /** The port. */
    int serve(LinkTerms terms, String clusterId, Calls calls) throws Exception {
        NodeLink.Service service = loop -> new NodeLink.Conversation() {
            @Override
            public void onCall(ByteBuf body, NodeLink.Answer answer) {
                calls.onCall(body, answer);
            }

            @Override
            public void ended() {}
        };
        LinkServer bound = LinkServer.bind(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                group,
                NioServerSocketChannel.class,
                loops,
                Map.of(NodeLink.Call.FETCH, service),
                terms,
                () -> clusterId);
        server = bound;
        return bound.port();
    }

    /** What a connection to node 2 needs to know, where nothing is asked. */
    LinkServer.Served served(LinkTerms terms) {
        return new LinkServer.Served(Map.of(), terms, () -> "cluster", loops, new RelayTarget(channel -> {}));
    }

    LinkClient client(int port, LinkTerms terms, String clusterId) {
        return client("127.0.0.1", port, terms, clusterId);
    }

    LinkClient client(String host, int port, LinkTerms terms, String clusterId) {
        NodeImage node = new NodeImage(2, 1, false, "", Map.of("journal", host + ":" + port));
        MetaImage image = new MetaImage(1, clusterId, 2, Map.of(), Map.of(), Map.of(2, node), Map.of(), 0);
        LinkClient client = new LinkClient(1, group, loops, NioSocketChannel.class, terms, () -> image);
        clients.add(client);
        return client;
    }

    CompletableFuture<Optional<String>> ask(LinkClient client, String question) {
        return ask(client, NodeLink.Call.FETCH, question);
    }

    CompletableFuture<Optional<String>> ask(LinkClient client, NodeLink.Call call, String question) {
        CompletableFuture<Optional<String>> answer = new CompletableFuture<>();
        Loop loop = loops.loops().get(0);
        client.ask(
                2,
                call,
                Unpooled.copiedBuffer(question, StandardCharsets.UTF_8),
                5_000,
                loop,
                bytes -> answer.complete(
                        bytes == null ? Optional.empty() : Optional.of(bytes.toString(StandardCharsets.UTF_8))));
        return answer;
    }

    void closeServer() {
        if (server != null) {
            server.close();
        }
    }

    @Override
    public void close() {
        closeServer();
        clients.forEach(LinkClient::close);
        group.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
    }
}
