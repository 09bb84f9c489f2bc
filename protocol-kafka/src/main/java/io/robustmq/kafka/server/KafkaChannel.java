package io.robustmq.kafka.server;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.FileRegion;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.handler.timeout.IdleStateEvent;
import io.robustmq.core.loop.Cancellable;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.loop.NettyLoop;
import io.robustmq.core.port.TlsEngines;
import io.robustmq.kafka.KafkaConfig;
import io.robustmq.kafka.KafkaMetrics;
import io.robustmq.kafka.quota.ClientQuotas;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import javax.net.ssl.SSLException;
import org.apache.kafka.common.message.SaslAuthenticateResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection. Requests run one after the other, as Kafka runs them, so that a client that pipelines sees its own
 * effects; only produce requests overlap, because the journal keeps their order. Answers go out in request order. While
 * a request waits its turn, too much is unanswered or unsent, or the client is over a quota, the socket is not read. Owned by
 * the connection's loop.
 */
final class KafkaChannel extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(KafkaChannel.class);

    private final KafkaConfig config;
    private final ApiTable apis;
    private final RequestDecoder decoder;
    private final KafkaMetrics metrics;
    private final NettyLoop loop;
    private final Channel channel;
    private final ClientIdentity identity;
    private final @Nullable TlsEngines tls;
    private final Throttle throttle;
    private final InetSocketAddress remoteAddress;
    private final InetSocketAddress localAddress;

    /** Frames that came but may not start yet. */
    private final Deque<ByteBuf> waiting = new ArrayDeque<>(4);
    /** Started, in request order; the answers of all but the first may be ready. */
    private final Deque<Exchange> inFlight = new ArrayDeque<>(8);

    /** What to do when the connection ends, beyond its requests. */
    private final Set<Runnable> farewells = new LinkedHashSet<>(0);

    private long unansweredBytes;
    private int slicesBeingSent;
    private final Map<Class<?>, Object> belongings = new HashMap<>(2);
    private boolean dispatching;
    private boolean draining;
    private boolean closed;
    private ClientSoftware software = ClientSoftware.UNKNOWN;

    KafkaChannel(
            KafkaConfig config,
            ApiTable apis,
            ClientQuotas quotas,
            KafkaMetrics metrics,
            NettyLoop loop,
            Channel channel,
            ClientIdentity identity,
            @Nullable TlsEngines tls) {
        this.config = config;
        this.apis = apis;
        this.decoder = new RequestDecoder(apis);
        this.metrics = metrics;
        this.loop = loop;
        this.channel = channel;
        this.identity = identity;
        this.tls = tls;
        this.throttle = new Throttle(quotas, loop, metrics, this::dispatch);
        this.remoteAddress = (InetSocketAddress) channel.remoteAddress();
        this.localAddress = (InetSocketAddress) channel.localAddress();
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf frame = (ByteBuf) message;
        if (closed || draining) {
            frame.release();
            return;
        }
        metrics.requestReceived(frame.readableBytes());
        waiting.add(frame);
        unansweredBytes += frame.readableBytes();
        dispatch();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        dispatch();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof FrameCutter.BadLength bad) {
            metrics.requestMalformed();
            close("a request of " + bad.length() + " bytes");
        } else if (event instanceof IdleStateEvent && !throttle.isMuted() && inFlight.isEmpty() && waiting.isEmpty()) {
            close("idle");
        } else if (event instanceof SslHandshakeCompletionEvent handshake && tls != null) {
            secured(context, handshake, tls);
        }
    }

    /** A certificate that was asked for and checked says who the client is. */
    private void secured(ChannelHandlerContext context, SslHandshakeCompletionEvent handshake, TlsEngines engines) {
        SslHandler handler = context.pipeline().get(SslHandler.class);
        if (handshake.isSuccess() && handler != null) {
            engines.peerName(handler.engine().getSession()).ifPresent(identity::establish);
        } else {
            metrics.handshakeFailed();
            close("TLS: " + handshake.cause());
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        close("the client left");
    }

    @Override
    @SuppressWarnings("deprecation") // Netty deprecates it on ChannelHandler, not on inbound handlers
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (cause instanceof IOException || cause.getCause() instanceof SSLException) {
            close(String.valueOf(cause.getMessage()));
        } else {
            LOG.error("client={} failed, connection closed", remoteAddress, cause);
            close("failed");
        }
    }

    Loop loop() {
        return loop;
    }

    ClientIdentity identity() {
        return identity;
    }

    InetSocketAddress remoteAddress() {
        return remoteAddress;
    }

    InetSocketAddress localAddress() {
        return localAddress;
    }

    /** Starts what may start, and reads from the socket only while nothing waits. */
    private void dispatch() {
        if (dispatching || closed) {
            return;
        }
        dispatching = true;
        try {
            while (!closed && !waiting.isEmpty() && mayStart(waiting.element())) {
                start(waiting.remove());
            }
        } finally {
            dispatching = false;
        }
        boolean read = !closed
                && !draining
                && !throttle.isMuted()
                && waiting.isEmpty()
                && inFlight.size() < config.inflightRequestsMax()
                && unansweredBytes < config.inflightBytesMax()
                && channel.isWritable();
        if (channel.config().isAutoRead() != read) {
            channel.config().setAutoRead(read);
        }
    }

    private boolean mayStart(ByteBuf next) {
        if (throttle.isMuted() || slicesBeingSent > 0 || !channel.isWritable()) {
            return false;
        }
        Exchange first = inFlight.peekFirst();
        return first == null
                || (inFlight.size() < config.inflightRequestsMax()
                        && first.api() == ApiKeys.PRODUCE
                        && next.readableBytes() > 1
                        && next.getShort(next.readerIndex()) == ApiKeys.PRODUCE.id);
    }

    private void start(ByteBuf frame) {
        try {
            RequestDecoder.Decoded decoded;
            try {
                decoded = identity.expectsRawToken() ? decoder.decodeRawToken(frame) : decoder.decode(frame);
            } catch (RuntimeException e) {
                // The codec throws many kinds of them for bytes that are no request.
                unansweredBytes -= frame.readableBytes();
                metrics.requestMalformed();
                LOG.debug("client={} sent a request that cannot be read: {}", remoteAddress, e.toString());
                close("malformed request");
                return;
            }
            if (!identity.mayCall(decoded.api().key(), loop.nanoTime())) {
                unansweredBytes -= frame.readableBytes();
                metrics.requestUnauthenticated();
                close(decoded.api().key() + " from a client that has to log in first");
                return;
            }
            Exchange exchange = new Exchange(this, decoded, frame, loop.nanoTime());
            inFlight.add(exchange);
            handle(decoded, exchange);
        } finally {
            frame.release();
        }
    }

    private void handle(RequestDecoder.Decoded decoded, Exchange exchange) {
        if (decoded.body() == null) {
            respond(exchange, apis.apiVersions().unsupportedVersion());
            return;
        }
        long begin = loop.nanoTime();
        try {
            decoded.api().handler().handle(exchange);
        } catch (RuntimeException e) {
            LOG.error(
                    "api={} version={} client={} failed, connection closed",
                    exchange.api().name,
                    decoded.version(),
                    remoteAddress,
                    e);
            close("the request failed");
        }
        if (!closed) {
            throttle.worked(exchange, begin);
        }
    }

    ClientSoftware software() {
        return software;
    }

    void introduce(ClientSoftware said) {
        software = said;
    }

    Throttle throttle() {
        return throttle;
    }

    /** Takes the slices in {@code response}, also when the connection is gone. */
    void respond(Exchange exchange, ApiMessage response) {
        loop.assertInLoop();
        if (closed) {
            SliceRecords.closeAll(response);
            return;
        }
        if (exchange.outbound() != null) {
            SliceRecords.closeAll(response);
            throw new IllegalStateException(exchange.api() + " answered twice");
        }
        throttle.answers(exchange, response);
        Outbound outbound;
        try {
            outbound = exchange.isRawToken() && response instanceof SaslAuthenticateResponseData token
                    ? ResponseEncoder.encodeRawToken(channel.alloc(), token.authBytes())
                    : ResponseEncoder.encode(
                            channel.alloc(), exchange.api(), exchange.version(), exchange.correlationId(), response);
        } catch (RuntimeException e) {
            LOG.error("api={} version={} cannot be answered", exchange.api().name, exchange.version(), e);
            close("the answer cannot be encoded");
            return;
        }
        complete(exchange, outbound);
    }

    <T> T belonging(Class<T> type, Supplier<T> first) {
        loop.assertInLoop();
        return type.cast(belongings.computeIfAbsent(type, missing -> first.get()));
    }

    /** Not at once: who guesses passwords has to wait for each answer. */
    void respondAndClose(Exchange exchange, ApiMessage response) {
        loop.assertInLoop();
        draining = true;
        releaseWaiting();
        Cancellable unused = loop.schedule(config.authenticationFailedDelayMs(), () -> {
            if (exchange.isRawToken()) {
                close("not authenticated");
            } else {
                respond(exchange, response);
            }
        });
    }

    Cancellable onDisconnect(Runnable task) {
        loop.assertInLoop();
        if (closed) {
            task.run();
            return Cancellable.NOTHING;
        }
        farewells.add(task);
        return () -> farewells.remove(task);
    }

    void finish(Exchange exchange) {
        loop.assertInLoop();
        if (!closed) {
            throttle.answers(exchange, null);
            complete(exchange, Outbound.NOTHING);
        }
    }

    private void complete(Exchange exchange, Outbound outbound) {
        exchange.answer(outbound);
        boolean wrote = false;
        while (!inFlight.isEmpty() && !closed) {
            Exchange first = inFlight.element();
            Outbound ready = first.outbound();
            if (ready == null) {
                break;
            }
            inFlight.remove();
            unansweredBytes -= first.frameBytes();
            metrics.requestDone(first.api(), loop.nanoTime() - first.startedNanos(), ready.sizeInBytes());
            write(ready);
            wrote = true;
        }
        if (wrote) {
            channel.flush();
        }
        if (draining && inFlight.isEmpty()) {
            closeAfterFlush();
        }
        dispatch();
    }

    private void write(Outbound outbound) {
        List<Object> parts = outbound.parts();
        int last = parts.size() - 1;
        for (int i = 0; i < last; i++) {
            ChannelFuture unused = channel.write(sendable(parts.get(i)), promise());
        }
        if (outbound.hasSlices()) {
            // Netty does not count file regions as pending bytes: the next request waits until they are sent.
            slicesBeingSent++;
            channel.write(sendable(parts.get(last))).addListener(sent -> {
                slicesBeingSent--;
                dispatch();
            });
        } else if (last >= 0) {
            ChannelFuture unused = channel.write(parts.get(last), promise());
        }
    }

    /** What encrypts has to see the bytes; else they go from the file to the socket. */
    private Object sendable(Object part) {
        return tls != null && part instanceof FileRegion region ? new RegionChunks(region) : part;
    }

    private ChannelPromise promise() {
        return tls == null ? channel.voidPromise() : channel.newPromise();
    }

    /** Answers what produce requests are under way, then closes; anything else is dropped. */
    void drain() {
        loop.assertInLoop();
        draining = true;
        releaseWaiting();
        Exchange first = inFlight.peekFirst();
        if (first == null || first.api() != ApiKeys.PRODUCE) {
            closeAfterFlush();
        }
    }

    private void closeAfterFlush() {
        channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
    }

    void close(String reason) {
        if (closed) {
            return;
        }
        closed = true;
        LOG.debug("client={} connection closed: {}", remoteAddress, reason);
        throttle.close();
        releaseWaiting();
        while (!inFlight.isEmpty()) {
            inFlight.remove().abandon();
        }
        List.copyOf(farewells).forEach(Runnable::run);
        farewells.clear();
        ChannelFuture unused = channel.close();
    }

    private void releaseWaiting() {
        while (!waiting.isEmpty()) {
            ByteBuf frame = waiting.remove();
            unansweredBytes -= frame.readableBytes();
            frame.release();
        }
    }
}
