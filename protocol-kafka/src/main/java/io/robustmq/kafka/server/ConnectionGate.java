package io.robustmq.kafka.server;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.concurrent.ScheduledFuture;
import io.robustmq.kafka.KafkaConfig;
import io.robustmq.kafka.KafkaMetrics;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Limits how many connections there are and how fast they come. Sits on the listening channel: one that is too many, or comes
 * while clients are turned away, is closed before it costs anything, and when they come too fast the kernel's backlog holds
 * them. Owned by the acceptor's loop.
 */
final class ConnectionGate extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(ConnectionGate.class);
    private static final long SECOND_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final KafkaConfig config;
    private final KafkaMetrics metrics;
    private final BooleanSupplier turnsAway;
    private long secondStartedNanos = System.nanoTime();
    private int acceptedThisSecond;
    private boolean refusing;

    /** @param turnsAway whether nobody is let in at present */
    ConnectionGate(KafkaConfig config, KafkaMetrics metrics, BooleanSupplier turnsAway) {
        this.config = config;
        this.metrics = metrics;
        this.turnsAway = turnsAway;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        Channel client = (Channel) message;
        countAgainstRate(context);
        boolean tooMany = metrics.connections() >= config.connectionsMax();
        if (tooMany != refusing) {
            refusing = tooMany;
            LOG.warn("kafka.connections.max={} refusing={}", config.connectionsMax(), refusing);
        }
        if (tooMany || turnsAway.getAsBoolean()) {
            metrics.connectionRefused();
            client.unsafe().closeForcibly();
        } else {
            metrics.connectionOpened();
            client.closeFuture().addListener(ignored -> metrics.connectionClosed());
            context.fireChannelRead(client);
        }
    }

    private void countAgainstRate(ChannelHandlerContext context) {
        long now = System.nanoTime();
        if (now - secondStartedNanos >= SECOND_NANOS) {
            secondStartedNanos = now;
            acceptedThisSecond = 0;
        }
        acceptedThisSecond++;
        if (acceptedThisSecond == config.connectionsPerSecondMax()) {
            metrics.acceptPaused();
            context.channel().config().setAutoRead(false);
            ScheduledFuture<?> unused = context.executor()
                    .schedule(
                            () -> {
                                context.channel().config().setAutoRead(true);
                            },
                            SECOND_NANOS - (now - secondStartedNanos),
                            TimeUnit.NANOSECONDS);
        }
    }
}
