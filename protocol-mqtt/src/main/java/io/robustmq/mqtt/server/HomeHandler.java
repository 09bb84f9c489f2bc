package io.robustmq.mqtt.server;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.concurrent.Future;
import io.robustmq.mqtt.home.ConnectScan;
import io.robustmq.mqtt.home.Homes;
import io.robustmq.mqtt.home.Relay;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads of a connection to a cluster what it takes to know whose it is. If its home is this node, makes way for what serves it
 * here; else passes its bytes on to the home, and back, no faster than each side takes them. Owned by the connection's loop.
 *
 * <pre>
 *   client id not read ──► home not known ──► here: gone
 *                               ▲   │
 *                  not reached  │   ▼
 *                           connecting to the home ──► passing on
 * </pre>
 */
@SuppressWarnings("FutureReturnValueIgnored") // what fails on a channel closes it
final class HomeHandler extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(HomeHandler.class);
    /** Properties of CONNECT, before the client id, may be large; a home is not looked for beyond this. */
    private static final int SCAN_BYTES_MAX = 1 << 18;

    private static final int AGAIN_MS = 100;
    private static final int MOVED_SECONDS = 1;

    private final Homes homes;
    private final Relay relay;
    private final int timeoutMs;
    private final Supplier<Relay.Peer> peer;
    private final Runnable serve;
    private final Set<HomeHandler> passing;
    private ByteBuf first = Unpooled.EMPTY_BUFFER;
    private @Nullable String clientId;
    private @Nullable Channel home;
    private volatile @Nullable ChannelHandlerContext client;
    private int homeNode = Homes.NOBODY;
    private @Nullable Future<?> timeout;
    private boolean isGone;

    /**
     * Before anything was read.
     *
     * @param peer what is known of the client, once it has sent something
     * @param serve adds to the pipeline what serves the client here
     * @param passing has this while it passes bytes on
     */
    HomeHandler(
            Homes homes,
            Relay relay,
            int timeoutMs,
            Supplier<Relay.Peer> peer,
            Runnable serve,
            Set<HomeHandler> passing) {
        this.passing = passing;
        this.homes = homes;
        this.relay = relay;
        this.timeoutMs = timeoutMs;
        this.peer = peer;
        this.serve = serve;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        timeout = context.executor().schedule(() -> context.close(), timeoutMs, TimeUnit.MILLISECONDS);
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        decided();
        first.release();
        first = Unpooled.EMPTY_BUFFER;
    }

    private void decided() {
        if (timeout != null) {
            timeout.cancel(false);
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        Channel to = home;
        if (to != null) {
            to.write(message, to.voidPromise());
            return;
        }
        first = Unpooled.wrappedBuffer(first, (ByteBuf) message);
        if (clientId == null) {
            scan(context);
        }
    }

    private void scan(ChannelHandlerContext context) {
        ConnectScan.Result result = ConnectScan.scan(first);
        boolean tooMuch = result.outcome() == ConnectScan.Outcome.MORE && first.readableBytes() > SCAN_BYTES_MAX;
        if (result.outcome() == ConnectScan.Outcome.FOUND) {
            clientId = result.clientId();
            // What else was read on the way here comes all the same.
            context.channel().config().setAutoRead(false);
            goHome(context, result.clientId());
        } else if (result.outcome() == ConnectScan.Outcome.NONE || tooMuch) {
            stay(context);
        }
    }

    private void goHome(ChannelHandlerContext context, String id) {
        if (isGone) {
            return;
        }
        if (!homes.isKnown()) {
            CompletableFuture<?> unused = homes.create().whenComplete((made, failure) -> later(context, id));
        } else if (homes.isHere(id)) {
            context.channel().config().setAutoRead(true);
            stay(context);
        } else if (homes.of(id) == Homes.NOBODY) {
            later(context, id);
        } else {
            int node = homes.of(id);
            relay.open(node, context.channel().eventLoop(), peer.get(), opened -> {
                if (opened == null) {
                    LOG.debug("client={} node={} action=try again reason=\"home not reached\"", id, node);
                    later(context, id);
                } else {
                    passOn(context, opened, node);
                }
            });
        }
    }

    private void later(ChannelHandlerContext context, String id) {
        context.executor().schedule(() -> goHome(context, id), AGAIN_MS, TimeUnit.MILLISECONDS);
    }

    private void stay(ChannelHandlerContext context) {
        ByteBuf begin = first;
        first = Unpooled.EMPTY_BUFFER;
        serve.run();
        context.fireChannelRead(begin);
        context.fireChannelReadComplete();
        context.pipeline().remove(this);
    }

    private void passOn(ChannelHandlerContext context, Channel to, int node) {
        if (isGone) {
            to.close();
            return;
        }
        decided();
        to.config().setWriteBufferWaterMark(context.channel().config().getWriteBufferWaterMark());
        to.pipeline().addLast(new Answers(context));
        home = to;
        homeNode = node;
        client = context;
        passing.add(this);
        // Whether it moved was not asked of this client before.
        context.executor().schedule(this::endIfMoved, MOVED_SECONDS, TimeUnit.SECONDS);
        to.writeAndFlush(first, to.voidPromise());
        first = Unpooled.EMPTY_BUFFER;
        context.channel().config().setAutoRead(to.isWritable());
    }

    /** Any thread: ends the connection if the client's home has moved, of which a node that died without a word tells nothing. */
    void endIfMoved() {
        ChannelHandlerContext context = client;
        if (context != null) {
            context.executor().execute(() -> {
                if (clientId != null && homes.hasLeft(clientId, homeNode)) {
                    context.close();
                }
            });
        }
    }

    /** Any thread: this node stops. */
    void end() {
        ChannelHandlerContext context = client;
        if (context != null) {
            context.close();
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        if (home != null) {
            home.flush();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        if (home != null) {
            home.config().setAutoRead(context.channel().isWritable());
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        isGone = true;
        passing.remove(this);
        decided();
        if (home != null) {
            Farewell.closeWhenSent(home, home);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        LOG.debug("address={} connection failed: {}", context.channel().remoteAddress(), cause.toString());
        context.close();
    }

    /** What the home sends. */
    private static final class Answers extends ChannelInboundHandlerAdapter {
        private final ChannelHandlerContext client;

        Answers(ChannelHandlerContext client) {
            this.client = client;
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            client.write(message, client.voidPromise());
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext context) {
            client.flush();
        }

        @Override
        public void channelWritabilityChanged(ChannelHandlerContext context) {
            client.channel().config().setAutoRead(context.channel().isWritable());
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            Farewell.closeWhenSent(client.channel(), client);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            LOG.debug("home={} connection failed: {}", context.channel().remoteAddress(), cause.toString());
            context.close();
        }
    }
}
