package io.robustmq.e2e;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;

/**
 * Many subscribers of one filter with QoS 0, all read by one thread: how long each message took from the clock in its payload. Owned by
 * the thread that made it.
 */
final class ManyReaders implements AutoCloseable {
    private static final int BUFFER_BYTES = 16 << 10;
    private static final long READ_TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(60);
    private static final int SELECT_MS = 100;

    private final Selector selector;
    private final int count;
    private long[] latenciesNanos = new long[1024];
    private int received;

    ManyReaders(BrokerProcess broker, String name, int count, String filter) throws IOException {
        this.count = count;
        selector = Selector.open();
        for (int i = 0; i < count; i++) {
            var channel = SocketChannel.open(
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), broker.port(Endpoint.MQTT)));
            channel.write(ByteBuffer.wrap(MqttWire.connectPacket(name + i, "")));
            channel.write(ByteBuffer.wrap(MqttWire.subscribePacket(filter, 0)));
            channel.configureBlocking(false);
            channel.register(selector, SelectionKey.OP_READ, ByteBuffer.allocate(BUFFER_BYTES));
        }
        await(0, count);
    }

    /** Until so many messages came since the counting began, and so many SUBACKs from now on. */
    private void await(int messages, int subacks) throws IOException {
        long end = System.nanoTime() + READ_TIMEOUT_NANOS;
        int subscribed = 0;
        while (received < messages || subscribed < subacks) {
            if (System.nanoTime() > end) {
                throw new AssertionError("only " + received + " messages of " + messages);
            }
            selector.select(SELECT_MS);
            subscribed += readSelected();
        }
    }

    /** How many SUBACKs came. */
    private int readSelected() throws IOException {
        int subacks = 0;
        for (SelectionKey key : selector.selectedKeys()) {
            subacks += read(key);
        }
        selector.selectedKeys().clear();
        return subacks;
    }

    private int read(SelectionKey key) throws IOException {
        var buffer = (ByteBuffer) key.attachment();
        if (((SocketChannel) key.channel()).read(buffer) < 0) {
            throw new AssertionError("the broker closed a connection");
        }
        long now = System.nanoTime();
        int subacks = 0;
        buffer.flip();
        while (buffer.remaining() >= 2 && buffer.remaining() >= 2 + buffer.get(buffer.position() + 1)) {
            int type = (buffer.get() & 0xFF) >>> 4;
            int next = buffer.get() + buffer.position();
            if (type == MqttWire.PUBLISH) {
                took(now - buffer.getLong(next - Long.BYTES));
            }
            subacks += type == MqttWire.SUBACK ? 1 : 0;
            buffer.position(next);
        }
        buffer.compact();
        return subacks;
    }

    private void took(long nanos) {
        if (received == latenciesNanos.length) {
            latenciesNanos = Arrays.copyOf(latenciesNanos, 2 * received);
        }
        latenciesNanos[received++] = nanos;
    }

    /** Publishes so many messages, one each {@code periodMs}, and waits until all readers have them; what each took. */
    Latencies publish(MqttWire publisher, String topic, int messages, long periodMs) throws IOException {
        received = 0;
        long next = System.nanoTime();
        for (int i = 0; i < messages; i++) {
            while (System.nanoTime() < next) {
                selector.selectNow();
                readSelected();
            }
            next += TimeUnit.MILLISECONDS.toNanos(periodMs);
            byte[] payload =
                    ByteBuffer.allocate(Long.BYTES).putLong(System.nanoTime()).array();
            publisher.send(MqttWire.publishPacket(0, topic, 0, payload));
        }
        await(messages * count, 0);
        return Latencies.of(Arrays.copyOf(latenciesNanos, received));
    }

    /** In milliseconds. */
    record Latencies(double p50, double p99, double max) {
        static Latencies of(long[] nanos) {
            Arrays.sort(nanos);
            return new Latencies(at(nanos, 0.5), at(nanos, 0.99), at(nanos, 1));
        }

        private static double at(long[] sorted, double share) {
            return sorted[(int) Math.min(sorted.length - 1L, (long) (sorted.length * share))] / 1e6;
        }
    }

    @Override
    public void close() throws IOException {
        for (SelectionKey key : selector.keys()) {
            key.channel().close();
        }
        selector.close();
    }
}
