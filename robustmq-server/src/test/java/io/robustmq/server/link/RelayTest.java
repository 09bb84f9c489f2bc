package io.robustmq.server.link;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.robustmq.core.loop.NettyLoops;
import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.meta.NodeImage;
import io.robustmq.mqtt.home.Relay;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A connection between nodes that becomes a client's: the server answers what it gets with who it takes the client for. */
@SuppressWarnings("FutureReturnValueIgnored") // what is not sent is not answered
class RelayTest {
    private static final Relay.Peer PEER = new Relay.Peer("10.1.2.3", "device-7");

    private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());
    private final NettyLoops loops = new NettyLoops(group);
    private LinkServer server;

    @AfterEach
    void close() {
        server.close();
        group.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
    }

    @Test
    void whatTheClientSendsComesWithWhoItIs() throws Exception {
        serve("secret");
        assertThat(ask("secret", 2)).contains("hello from Peer[address=10.1.2.3, certificate=device-7]");
    }

    @Test
    void aCertificateIsNotBelievedFromWhoMayBeAnybody() throws Exception {
        serve("");
        assertThat(ask("", 2)).contains("hello from Peer[address=10.1.2.3, certificate=]");
    }

    @Test
    void whoDoesNotKnowTheSecretRelaysNothing() throws Exception {
        serve("secret");
        assertThat(ask("guess", 2)).isEmpty();
    }

    @Test
    void aNodeThatIsNotKnownIsNotReached() throws Exception {
        serve("secret");
        assertThat(ask("secret", 3)).isEmpty();
    }

    private void serve(String secret) throws Exception {
        server = LinkServer.bind(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                group,
                NioServerSocketChannel.class,
                loops,
                Map.of(),
                new LinkTerms(secret, null),
                () -> "cluster");
        server.relayTo((channel, peer) -> channel.pipeline().addLast(new SimpleChannelInboundHandler<ByteBuf>() {
            @Override
            protected void channelRead0(ChannelHandlerContext context, ByteBuf said) {
                String answer = said.toString(StandardCharsets.UTF_8) + " from " + peer;
                context.writeAndFlush(Unpooled.copiedBuffer(answer, StandardCharsets.UTF_8));
            }
        }));
    }

    /** The answer to a hello; nothing if the connection was not made, or ended. */
    private Optional<String> ask(String secret, int node) throws Exception {
        NodeImage known = new NodeImage(2, 1, false, "", Map.of("journal", "127.0.0.1:" + server.port()));
        MetaImage image = new MetaImage(1, "cluster", 2, Map.of(), Map.of(), Map.of(2, known), Map.of(), 0);
        LinkClient client =
                new LinkClient(1, group, loops, NioSocketChannel.class, new LinkTerms(secret, null), () -> image);
        CompletableFuture<Optional<String>> answer = new CompletableFuture<>();
        new RelayClient(client).open(node, group.next(), PEER, opened -> {
            if (opened == null) {
                answer.complete(Optional.empty());
            } else {
                greet(opened, answer);
            }
        });
        return answer.get(10, TimeUnit.SECONDS);
    }

    private static void greet(Channel home, CompletableFuture<Optional<String>> answer) {
        home.pipeline().addLast(new SimpleChannelInboundHandler<ByteBuf>() {
            @Override
            protected void channelRead0(ChannelHandlerContext context, ByteBuf said) {
                answer.complete(Optional.of(said.toString(StandardCharsets.UTF_8)));
                context.close();
            }

            @Override
            public void channelInactive(ChannelHandlerContext context) {
                answer.complete(Optional.empty());
            }
        });
        home.writeAndFlush(Unpooled.copiedBuffer("hello", StandardCharsets.UTF_8));
    }
}
