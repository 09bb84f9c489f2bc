package io.robustmq.server.link;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ConnectTimeoutException;
import io.netty.channel.SimpleChannelInboundHandler;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.loop.NettyLoop;
import io.robustmq.core.port.NodeLink;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The connection to one node, from its first use on. Owned by its loop, which {@link #ask} and {@link #close} hand over to.
 *
 * <pre>
 *   idle ── a question ──► connecting ── challenge ──► open ──┐
 *    ▲                          │                             │ lost, or a question not answered in time
 *    └── all questions: null ◄──┴─────────────────────────────┘
 * </pre>
 */
@SuppressWarnings("FutureReturnValueIgnored") // what fails to be sent or closed is a connection that is lost
final class LinkConnection {
    private static final Logger LOG = LoggerFactory.getLogger(LinkConnection.class);
    private static final int CONNECT_MS = 2_000;
    /** Of one kind: many questions of one kind must not keep the others from being asked. */
    private static final int QUESTIONS_MAX = 1_024;

    private final LinkClient client;
    private final int node;
    private final NettyLoop loop;
    private final ArrayDeque<LinkAsk> waiting = new ArrayDeque<>();
    private final Map<Long, LinkAsk> asked = new LinkedHashMap<>();
    private @Nullable Channel channel;
    private final Map<NodeLink.Call, Integer> unanswered = new EnumMap<>(NodeLink.Call.class);
    private boolean open;
    private boolean resolving;
    private long number;
    private int version;
    /** Not said again before there was a connection: it is tried again several times a second. */
    private String warned = "";

    LinkConnection(LinkClient client, int node) {
        this.client = client;
        this.node = node;
        this.loop = (NettyLoop) client.loopFor(node);
    }

    void ask(LinkAsk ask) {
        loop.run(() -> {
            if (client.isClosed() || unanswered.getOrDefault(ask.call, 0) >= QUESTIONS_MAX) {
                refuse(ask);
                return;
            }
            unanswered.merge(ask.call, 1, Integer::sum);
            ask.timeout = loop.schedule(ask.timeoutMs, () -> lose("no answer to " + ask.call));
            if (open && channel != null) {
                send(channel, ask);
            } else {
                waiting.add(ask);
                connect();
            }
        });
    }

    void close() {
        loop.run(() -> lose("closing"));
    }

    private static void refuse(LinkAsk ask) {
        ask.body.release();
        ask.answer(null);
    }

    private void connect() {
        if (channel != null || resolving) {
            return;
        }
        resolving = true;
        client.resolve(node, loop, address -> {
            resolving = false;
            if (address == null) {
                lose("its address is not known");
            } else if (channel == null && !waiting.isEmpty()) {
                connect(address);
            }
        });
    }

    private void connect(InetSocketAddress address) {
        Bootstrap bootstrap = new Bootstrap()
                .group(loop.eventLoop())
                .channel(client.channel())
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_MS)
                .handler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel fresh) {
                        client.terms().addTo(fresh.pipeline(), address);
                        fresh.pipeline().addLast(LinkFrame.decoder(LinkFrame.BYTES_MAX), new Answers());
                    }
                });
        ChannelFuture connecting = bootstrap.connect(address);
        Channel mine = connecting.channel();
        channel = mine;
        connecting.addListener(done -> {
            if (!done.isSuccess() && channel == mine) {
                // No answer at all may be the network, or a process that stands still.
                boolean refused =
                        done.cause() instanceof ConnectException && !(done.cause() instanceof ConnectTimeoutException);
                if (refused) {
                    client.lost(node);
                }
                lose(String.valueOf(done.cause()));
            }
        });
    }

    private void send(Channel to, LinkAsk ask) {
        if (LinkFrame.since(ask.call) > version) {
            warn(
                    "refuse",
                    "it is too old for " + ask.call + ", which came with version " + LinkFrame.since(ask.call)
                            + " of the link; upgrade it");
            unanswered.merge(ask.call, -1, Integer::sum);
            refuse(ask);
            return;
        }
        long mine = ++number;
        asked.put(mine, ask);
        to.write(LinkFrame.head(version, LinkFrame.code(ask.call), mine, ask.body.readableBytes()), to.voidPromise());
        to.writeAndFlush(ask.body, to.voidPromise());
    }

    private void onChallenge(Channel from, LinkChallenge challenge) throws IOException {
        version = client.terms().versions().commonWith(challenge.versions());
        ByteBuf hello = client.hello(challenge, version);
        from.writeAndFlush(hello, from.voidPromise());
        open = true;
        warned = "";
        client.found(node);
        for (LinkAsk next = waiting.poll(); next != null; next = waiting.poll()) {
            send(from, next);
        }
    }

    /** Whatever was asked has no answer. */
    private void lose(String reason) {
        Channel last = channel;
        channel = null;
        open = false;
        if (last != null) {
            LOG.debug("node={} action=disconnect reason=\"{}\"", node, reason);
            last.close();
        }
        List<LinkAsk> sent = new ArrayList<>(asked.values());
        asked.clear();
        unanswered.clear();
        List<LinkAsk> unsent = new ArrayList<>(waiting);
        waiting.clear();
        sent.forEach(ask -> ask.answer(null));
        unsent.forEach(LinkConnection::refuse);
    }

    private void warn(String action, String reason) {
        if (!reason.equals(warned)) {
            warned = reason;
            LOG.warn("node={} action={} reason=\"{}\"", node, action, reason);
        }
    }

    Loop loop() {
        return loop;
    }

    /** What the other node sends. */
    private final class Answers extends SimpleChannelInboundHandler<ByteBuf> {
        @Override
        protected void channelRead0(ChannelHandlerContext context, ByteBuf frame) throws IOException {
            if (!open) {
                onChallenge(context.channel(), LinkChallenge.read(frame));
                return;
            }
            byte spoken = frame.readByte();
            byte kind = frame.readByte();
            long answered = frame.readLong();
            if (spoken != version) {
                throw new IOException("a frame of version " + spoken + " after a hello of version " + version);
            }
            LinkAsk ask = kind == LinkFrame.ANSWER ? asked.remove(answered) : null;
            if (ask == null) {
                throw new IOException("an answer that nobody waits for");
            }
            unanswered.merge(ask.call, -1, Integer::sum);
            ask.answer(frame.retain());
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            if (channel == context.channel()) {
                client.lost(node);
                lose("connection closed");
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            warn("disconnect", String.valueOf(cause));
            context.close();
        }
    }
}
