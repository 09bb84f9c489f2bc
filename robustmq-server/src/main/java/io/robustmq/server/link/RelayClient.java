package io.robustmq.server.link;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import io.robustmq.mqtt.home.Relay;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Makes connections to other nodes' ports for nodes that become a client's, one for each: TCP holds back who is too fast, and
 * nobody waits for another. Any thread; each connection lives in the loop that asked for it.
 *
 * <pre>
 *   ◄── challenge
 *   hello, relay (the client's address, whom its certificate names) ──►
 *   ◄── what the client sends and gets, as it is ──►
 * </pre>
 */
@SuppressWarnings("FutureReturnValueIgnored") // what fails to be sent or closed is a connection that is lost
public final class RelayClient implements Relay {
    private static final int CONNECT_MS = 2_000;
    private static final int CHALLENGE_BYTES_MAX = 512;

    private final LinkClient client;

    public RelayClient(LinkClient client) {
        this.client = client;
    }

    @Override
    public void open(int node, EventLoop loop, Peer peer, Consumer<@Nullable Channel> opened) {
        client.resolve(node, loop, address -> {
            if (address == null || client.isClosed()) {
                opened.accept(null);
            } else {
                connect(address, loop, peer, opened);
            }
        });
    }

    private void connect(InetSocketAddress address, EventLoop loop, Peer peer, Consumer<@Nullable Channel> opened) {
        Greeting greeting = new Greeting(peer, opened);
        new Bootstrap()
                .group(loop)
                .channel(client.channel())
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_MS)
                .handler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel fresh) {
                        client.terms().addTo(fresh.pipeline(), address);
                        fresh.pipeline().addLast(LinkFrame.decoder(CHALLENGE_BYTES_MAX), greeting);
                    }
                })
                .connect(address)
                .addListener(done -> {
                    if (!done.isSuccess()) {
                        greeting.end(null);
                    }
                });
    }

    /** Until the connection is the client's. */
    private final class Greeting extends SimpleChannelInboundHandler<ByteBuf> {
        private final Peer peer;
        private final Consumer<@Nullable Channel> opened;
        private boolean isOver;

        Greeting(Peer peer, Consumer<@Nullable Channel> opened) {
            this.peer = peer;
            this.opened = opened;
        }

        @Override
        protected void channelRead0(ChannelHandlerContext context, ByteBuf frame) throws IOException {
            LinkChallenge challenge = LinkChallenge.read(frame);
            int version = client.terms().versions().commonWith(challenge.versions());
            Channel channel = context.channel();
            channel.write(client.hello(challenge, version), channel.voidPromise());
            byte[] address = peer.address().getBytes(StandardCharsets.UTF_8);
            byte[] certificate = peer.certificate().getBytes(StandardCharsets.UTF_8);
            ByteBuf relay = LinkFrame.head(version, LinkFrame.RELAY, 0, 2 + address.length + 2 + certificate.length)
                    .writeShort(address.length)
                    .writeBytes(address)
                    .writeShort(certificate.length)
                    .writeBytes(certificate);
            channel.write(relay, channel.voidPromise());
            end(channel);
            context.pipeline().remove(this);
            context.pipeline().remove(LengthFieldBasedFrameDecoder.class);
        }

        void end(@Nullable Channel channel) {
            if (!isOver) {
                isOver = true;
                opened.accept(channel);
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            end(null);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            context.close();
        }
    }
}
