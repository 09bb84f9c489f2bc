package io.robustmq.mqtt.deliver;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.loop.SimLoop;
import io.robustmq.core.port.NodeLink;
import io.robustmq.mqtt.share.ShareLink;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The connections between simulated nodes: each takes its time, keeps its order, and may be cut, after which what was asked by it is answered by
 * nobody, whether it had arrived or not. One thread.
 */
final class SimWire {
    private static final int LATENCY_MS_MAX = 20;

    private final SimLoop loop;
    private final Random random;
    private final Map<Integer, ShareLink> nodes = new HashMap<>();
    private final Map<Integer, GatedLoop> loops = new HashMap<>();
    private final Map<Pair, Connection> connections = new HashMap<>();
    private final List<Pair> broken = new ArrayList<>();

    private record Pair(int from, int to) {}

    SimWire(SimLoop loop, Random random) {
        this.loop = loop;
        this.random = random;
    }

    /** From one node to another. */
    private static final class Connection {
        private final List<Asked> open = new ArrayList<>();
        private long lastMs;
        private boolean ended;
    }

    private static final class Asked {
        private final Loop loop;
        private final Consumer<@Nullable ByteBuf> reply;
        private boolean answered;

        Asked(Loop loop, Consumer<@Nullable ByteBuf> reply) {
            this.loop = loop;
            this.reply = reply;
        }

        void answer(@Nullable ByteBuf body) {
            if (!answered) {
                answered = true;
                loop.run(() -> reply.accept(body));
            }
        }
    }

    void add(int node, ShareLink link, GatedLoop in) {
        nodes.put(node, link);
        loops.put(node, in);
    }

    /** Its process has ended. */
    void remove(int node) {
        nodes.remove(node);
        connections.keySet().stream()
                .filter(pair -> pair.from == node || pair.to == node)
                .toList()
                .forEach(this::end);
    }

    private void end(Pair pair) {
        Connection connection = connections.remove(pair);
        if (connection != null) {
            connection.ended = true;
            List.copyOf(connection.open).forEach(asked -> asked.answer(null));
        }
    }

    /** Closes a connection; the next question opens another. */
    void cut(int from, int to) {
        end(new Pair(from, to));
    }

    /** From now on nothing gets from one to the other. */
    void isolate(int from, int to) {
        broken.add(new Pair(from, to));
        cut(from, to);
    }

    void heal() {
        broken.clear();
    }

    NodeLink from(int node) {
        return (to, call, body, timeoutMs, askers, reply) -> ask(new Pair(node, to), body, timeoutMs, askers, reply);
    }

    private void ask(Pair pair, ByteBuf body, long timeoutMs, Loop askers, Consumer<@Nullable ByteBuf> reply) {
        byte[] bytes = bytes(body);
        Asked asked = new Asked(askers, reply);
        if (broken.contains(pair) || !nodes.containsKey(pair.to)) {
            loop.schedule(LATENCY_MS_MAX, () -> asked.answer(null));
            return;
        }
        Connection connection = connections.computeIfAbsent(pair, p -> new Connection());
        connection.open.add(asked);
        loop.schedule(timeoutMs, () -> asked.answer(null));
        later(connection, () -> arrive(pair, connection, bytes, asked));
    }

    private void later(Connection connection, Runnable task) {
        connection.lastMs = Math.max(connection.lastMs, loop.nowMs() + random.nextInt(LATENCY_MS_MAX));
        loop.schedule(connection.lastMs - loop.nowMs(), () -> {
            if (!connection.ended) {
                task.run();
            }
        });
    }

    private void arrive(Pair pair, Connection connection, byte[] bytes, Asked asked) {
        ShareLink there = nodes.get(pair.to);
        if (there == null) {
            return;
        }
        ByteBuf body = Unpooled.wrappedBuffer(bytes);
        assert body.readByte() == ShareLink.KIND : "another kind of call";
        there.onCall(body, loops.get(pair.to), parts -> {
            byte[] answer = bytes((ByteBuf) parts[0]);
            later(connection, () -> {
                connection.open.remove(asked);
                asked.answer(Unpooled.wrappedBuffer(answer));
            });
        });
    }

    private static byte[] bytes(ByteBuf body) {
        byte[] bytes = new byte[body.readableBytes()];
        body.readBytes(bytes);
        body.release();
        return bytes;
    }
}
