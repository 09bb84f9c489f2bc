package io.robustmq.server.link;

import static org.assertj.core.api.Assertions.assertThat;

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
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LinkTest {
    private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());
    private final NettyLoops loops = new NettyLoops(group);
    private final List<AutoCloseable> opened = new ArrayList<>();

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable each : opened) {
            each.close();
        }
        group.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
    }

    @Test
    void aQuestionIsAnsweredInPartsAndInOrder() throws Exception {
        LinkClient client = client(serve("secret", "cluster"), "secret", "cluster");
        List<CompletableFuture<Optional<String>>> answers = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            answers.add(ask(client, "question " + i));
        }
        for (int i = 0; i < 50; i++) {
            assertThat(answers.get(i).get(10, TimeUnit.SECONDS)).contains("so: question " + i);
        }
    }

    @Test
    void whoDoesNotKnowTheSecretIsNotAnswered() throws Exception {
        LinkClient client = client(serve("secret", "cluster"), "guess", "cluster");
        assertThat(ask(client, "question").get(10, TimeUnit.SECONDS)).isEmpty();
    }

    @Test
    void aNodeOfAnotherClusterIsNotAnswered() throws Exception {
        LinkClient client = client(serve("", "cluster"), "", "other");
        assertThat(ask(client, "question").get(10, TimeUnit.SECONDS)).isEmpty();
    }

    @Test
    void whoHasNotSaidWhoItIsIsCutOffBeforeALargeFrameIsKept() throws Exception {
        try (Socket stranger = new Socket(InetAddress.getLoopbackAddress(), serve("secret", "cluster"))) {
            stranger.setSoTimeout(10_000);
            int bytes = RequestDecoder.HELLO_BYTES_MAX + 1;
            stranger.getOutputStream()
                    .write(ByteBuffer.allocate(4).putInt(bytes).array());
            // To the end: the challenge, and then nothing more, though the frame itself was never sent.
            assertThat(stranger.getInputStream().readAllBytes()).isNotEmpty();
        }
    }

    @Test
    void aQuestionLargerThanAHelloIsAnswered() throws Exception {
        String question = "q".repeat(10 * RequestDecoder.HELLO_BYTES_MAX);
        LinkClient client = client(serve("secret", "cluster"), "secret", "cluster");
        assertThat(ask(client, question).get(10, TimeUnit.SECONDS)).contains("so: " + question);
    }

    @Test
    void withoutAListenerThereIsNoAnswerAndALaterOneIsFound() throws Exception {
        int port = serve("", "cluster");
        opened.remove(0).close();
        LinkClient client = client(port, "", "cluster");
        assertThat(ask(client, "question").get(10, TimeUnit.SECONDS)).isEmpty();
    }

    @Test
    void everyQuestionOfALostConnectionIsToldSo() throws Exception {
        CompletableFuture<NodeLink.Answer> asked = new CompletableFuture<>();
        int port = serve("", "cluster", (body, answer) -> asked.complete(answer));
        LinkClient client = client(port, "", "cluster");
        CompletableFuture<Optional<String>> answer = ask(client, "question");
        asked.get(10, TimeUnit.SECONDS);
        opened.get(0).close();
        assertThat(answer.get(10, TimeUnit.SECONDS)).isEmpty();
    }

    @Test
    void whoClosesTheConnectionIsLostAndWhoAnswersIsFound() throws Exception {
        BlockingQueue<String> seen = new LinkedBlockingQueue<>();
        LinkClient client = client(serve("", "cluster"), "", "cluster");
        client.watchedBy(node -> seen.add("lost " + node), node -> seen.add("found " + node));
        ask(client, "question").get(10, TimeUnit.SECONDS);
        assertThat(seen.poll(10, TimeUnit.SECONDS)).isEqualTo("found 2");
        opened.remove(0).close();
        assertThat(seen.poll(10, TimeUnit.SECONDS)).isEqualTo("lost 2");
        ask(client, "is anybody there").get(10, TimeUnit.SECONDS);
        assertThat(seen.poll(10, TimeUnit.SECONDS)).isEqualTo("lost 2");
    }

    @Test
    void aNodeIsReachedByItsName() throws Exception {
        LinkClient client = client("localhost", serve("", "cluster"), "", "cluster");
        assertThat(ask(client, "question").get(10, TimeUnit.SECONDS)).contains("so: question");
    }

    @Test
    void aNameThatIsNoneIsNoAnswer() throws Exception {
        LinkClient client = client("no.such.host.invalid", 1, "", "cluster");
        assertThat(ask(client, "question").get(10, TimeUnit.SECONDS)).isEmpty();
    }

    private int serve(String secret, String clusterId) throws Exception {
        return serve(
                secret,
                clusterId,
                (body, answer) ->
                        answer.send(Unpooled.copiedBuffer("so: ", StandardCharsets.UTF_8), body.retainedSlice()));
    }

    private int serve(String secret, String clusterId, Calls calls) throws Exception {
        NodeLink.Service service = loop -> new NodeLink.Conversation() {
            @Override
            public void onCall(ByteBuf body, NodeLink.Answer answer) {
                calls.onCall(body, answer);
            }

            @Override
            public void ended() {}
        };
        LinkServer server = LinkServer.bind(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                group,
                NioServerSocketChannel.class,
                loops,
                Map.of(NodeLink.Call.FETCH, service),
                new LinkSecret(secret),
                () -> clusterId);
        opened.add(server);
        return server.port();
    }

    /** What is asked. */
    @FunctionalInterface
    private interface Calls {
        void onCall(ByteBuf body, NodeLink.Answer answer);
    }

    private LinkClient client(int port, String secret, String clusterId) {
        return client("127.0.0.1", port, secret, clusterId);
    }

    private LinkClient client(String host, int port, String secret, String clusterId) {
        NodeImage node = new NodeImage(2, 1, false, "", Map.of("journal", host + ":" + port));
        MetaImage image = new MetaImage(1, clusterId, 2, Map.of(), Map.of(), Map.of(2, node), Map.of(), 0);
        LinkClient client =
                new LinkClient(1, group, loops, NioSocketChannel.class, new LinkSecret(secret), () -> image);
        opened.add(client);
        return client;
    }

    private CompletableFuture<Optional<String>> ask(LinkClient client, String question) {
        CompletableFuture<Optional<String>> answer = new CompletableFuture<>();
        Loop loop = loops.loops().get(0);
        client.ask(
                2,
                NodeLink.Call.FETCH,
                Unpooled.copiedBuffer(question, StandardCharsets.UTF_8),
                5_000,
                loop,
                bytes -> answer.complete(
                        bytes == null ? Optional.empty() : Optional.of(bytes.toString(StandardCharsets.UTF_8))));
        return answer;
    }
}
