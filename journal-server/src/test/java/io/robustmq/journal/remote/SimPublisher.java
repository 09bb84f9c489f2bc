package io.robustmq.journal.remote;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.robustmq.core.port.Acks;
import io.robustmq.core.port.AppendOptions;
import io.robustmq.core.port.AppendResult;
import io.robustmq.journal.Batches;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Publishes numbers; when one fails it connects again, and sends again all that is not acknowledged, in its order. One that looks does so
 * with what it does not find in the log, as is done for QoS 2.
 */
final class SimPublisher {
    private static final int BROKEN_ONE_IN = 8;
    private static final int PATIENCE_MS_MAX = 30_000;
    private static final int UNACKNOWLEDGED_MAX = 30;
    private static final int RECONNECT_MS_MAX = 1_000;
    private static final int IMPATIENCE_MS_MAX = 1_000;

    private final int id;
    private final ClusterJournal writer;
    private final WriterWorld world;
    private final boolean looks;
    /** By number, how often each was sent; -1 for one that is refused for good. */
    private final Map<Integer, Integer> sent = new HashMap<>();

    private final List<Integer> unacknowledged = new ArrayList<>();
    private int next;
    private int acknowledged;
    private int connection;
    private boolean failed;
    private boolean isLooking;

    SimPublisher(int id, ClusterJournal writer, WriterWorld world, boolean looks) {
        this.id = id;
        this.writer = writer;
        this.world = world;
        this.looks = looks;
    }

    void publish() {
        if (failed) {
            sendAgain();
            return;
        }
        if (unacknowledged.size() == UNACKNOWLEDGED_MAX) {
            return;
        }
        int number = next++;
        unacknowledged.add(number);
        boolean broken = world.random.nextInt(BROKEN_ONE_IN) == 0;
        send(number, broken);
    }

    private void send(int number, boolean broken) {
        ByteBuf batch = Batches.untracked(id + ":" + number);
        if (broken) {
            Batches.withAttributes(batch, 0x07);
            sent.put(number, -1);
        } else {
            sent.merge(number, 1, Integer::sum);
        }
        int mine = connection;
        AppendOptions options = new AppendOptions(
                Acks.ALL,
                AppendOptions.Origin.CLIENT,
                AppendOptions.ANY_EPOCH,
                1 + world.random.nextInt(world.random.nextBoolean() ? PATIENCE_MS_MAX : IMPATIENCE_MS_MAX));
        writer.append(
                WriterWorld.PARTITION, batch, options, world.loop, result -> answered(number, broken, mine, result));
    }

    private void answered(int number, boolean broken, int through, AppendResult result) {
        if (through != connection) {
            return;
        }
        if (result.succeeded()) {
            assertThat(broken).isFalse();
            acknowledged++;
            unacknowledged.remove((Integer) number);
        } else if (broken && !result.error().retriable()) {
            unacknowledged.remove((Integer) number);
        } else {
            assertThat(result.error().retriable()).as(result.error().toString()).isTrue();
            failed = true;
            connection++;
        }
    }

    void sendAgain() {
        if (!failed || isLooking) {
            return;
        }
        if (looks) {
            isLooking = true;
            world.look(this::found);
        } else {
            sendAll();
        }
    }

    private void found(Set<String> log) {
        for (int number : List.copyOf(unacknowledged)) {
            if (log.contains(id + ":" + number)) {
                acknowledged++;
                unacknowledged.remove((Integer) number);
            }
        }
        world.loop.schedule(world.random.nextInt(RECONNECT_MS_MAX), () -> {
            isLooking = false;
            sendAll();
        });
    }

    private void sendAll() {
        failed = false;
        for (int number : List.copyOf(unacknowledged)) {
            send(number, sent.get(number) == -1);
        }
    }

    boolean isWaiting() {
        return failed || !unacknowledged.isEmpty();
    }

    int acknowledged() {
        return acknowledged;
    }

    /** @param log all values, in their order */
    void check(List<String> log) {
        Map<Integer, Integer> found = new HashMap<>();
        int last = -1;
        for (String value : log) {
            if (value.startsWith(id + ":")) {
                int number = Integer.parseInt(value.substring(value.indexOf(':') + 1));
                if (found.merge(number, 1, Integer::sum) == 1) {
                    assertThat(number)
                            .as("%s is in its order in %s", value, log)
                            .isGreaterThan(last);
                    last = number;
                }
            }
        }
        for (int number = 0; number < next; number++) {
            int times = sent.get(number);
            int there = found.getOrDefault(number, 0);
            if (times == -1) {
                assertThat(there).isZero();
            } else {
                assertThat(there)
                        .as("times that %s:%s is in the log, sent %s times", id, number, times)
                        .isBetween(1, looks ? 1 : times);
            }
        }
    }
}
