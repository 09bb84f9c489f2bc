package io.robustmq.server.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.robustmq.core.error.BrokerError;
import io.robustmq.core.error.BrokerException;
import io.robustmq.core.loop.Cancellable;
import io.robustmq.core.loop.SimLoop;
import io.robustmq.core.meta.ClusterLevel;
import io.robustmq.core.meta.MetaCommand;
import io.robustmq.core.meta.MetaCommand.FenceNode;
import io.robustmq.core.meta.MetaCommand.HandOver;
import io.robustmq.core.meta.MetaCommand.RegisterNode;
import io.robustmq.core.meta.MetaDelta;
import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.meta.MetaListener;
import io.robustmq.core.meta.MetaReply;
import io.robustmq.core.meta.NodeImage;
import io.robustmq.core.port.MetaLog;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Test;

class MembershipTest {
    private static final int NODE = 2;
    private static final int LEADER = 1;
    private static final int SESSION_MS = 4_000;
    private static final RegisterNode COMMAND = new RegisterNode(NODE, "", Map.of(), -1, ClusterLevel.SUPPORTED);

    private final SimLoop loop = new SimLoop();
    private final Metadata meta = new Metadata();
    private final List<Long> incarnations = new ArrayList<>();
    private final Membership membership = new Membership(
            NODE,
            meta,
            Membership.Sessions.NONE,
            (node, call, body, timeoutMs, in, reply) -> body.release(),
            loop,
            SESSION_MS,
            incarnations::add,
            untilNanos -> {});

    /** Replies when the test says so, and shows what it says. */
    private static final class Metadata implements MetaLog {
        private final List<MetaCommand> submitted = new ArrayList<>();
        private final List<CompletableFuture<MetaReply>> replies = new ArrayList<>();
        private final Semaphore asked = new Semaphore(0);
        private MetaImage image = MetaImage.EMPTY.withLeader(LEADER);
        private MetaListener listener = (delta, next) -> {};

        @Override
        public MetaImage image() {
            return image;
        }

        @Override
        public CompletableFuture<MetaReply> submit(MetaCommand command) {
            submitted.add(command);
            CompletableFuture<MetaReply> reply = new CompletableFuture<>();
            replies.add(reply);
            asked.release();
            return reply;
        }

        @Override
        public Cancellable subscribe(MetaListener each) {
            listener = each;
            return Cancellable.NOTHING;
        }

        private void show(long incarnation, boolean fenced) {
            NodeImage node = new NodeImage(NODE, incarnation, fenced, "", Map.of());
            image = new MetaImage(
                    image.index() + 1, "test", LEADER, Map.of(), Map.of(), Map.of(NODE, node), Map.of(), 0);
            listener.onImage(new MetaDelta(Set.of(), Set.of(NODE), false), image);
        }

        /** To a command of another thread, when it is there. */
        private void answerNext(MetaReply reply, Runnable before) {
            asked.acquireUninterruptibly();
            before.run();
            answer(reply);
        }

        private void failNext(BrokerException failure) {
            asked.acquireUninterruptibly();
            replies.get(replies.size() - 1).completeExceptionally(failure);
        }

        private void answer(MetaReply reply) {
            replies.get(replies.size() - 1).complete(reply);
        }
    }

    @Test
    void whoIsFencedBeforeItHearsItsIncarnationRegistersAgain() {
        var unused = membership.register(COMMAND);
        meta.show(7, false);
        meta.show(7, true);
        loop.advance(SESSION_MS);
        assertThat(meta.submitted).containsExactly(COMMAND);

        meta.answer(new MetaReply.Registered(7));
        loop.advance(SESSION_MS);
        assertThat(meta.submitted).containsExactly(COMMAND, COMMAND.after(7));

        meta.answer(new MetaReply.Registered(8));
        meta.show(8, false);
        loop.advance(SESSION_MS);
        assertThat(meta.submitted).hasSize(2);
        assertThat(incarnations).containsExactly(7L, 8L);
    }

    @Test
    void whoStopsHandsOverWhatClientsWriteToFirst() {
        registered();
        CompletableFuture<Void> closed = CompletableFuture.runAsync(membership::close);
        meta.answerNext(new MetaReply.Done(), () -> meta.show(7, false));
        meta.answerNext(new MetaReply.Done(), () -> {});
        closed.join();
        assertThat(meta.submitted).containsExactly(COMMAND, new HandOver(NODE, 7), new FenceNode(NODE, 7));
    }

    @Test
    void whoCannotHandOverInOrderHandsOverAllAtOnce() {
        registered();
        CompletableFuture<Void> closed = CompletableFuture.runAsync(membership::close);
        meta.failNext(new BrokerException(BrokerError.NOT_META_LEADER));
        meta.answerNext(new MetaReply.Done(), () -> {});
        closed.join();
        assertThat(meta.submitted).containsExactly(COMMAND, new HandOver(NODE, 7), new FenceNode(NODE, 7));
    }

    private void registered() {
        var unused = membership.register(COMMAND);
        meta.answer(new MetaReply.Registered(7));
        meta.show(7, false);
        loop.run();
        meta.asked.drainPermits();
    }

    @Test
    void whoIsFencedRegistersAgainAtOnceAndOnlyOnce() {
        var unused = membership.register(COMMAND);
        meta.answer(new MetaReply.Registered(7));
        meta.show(7, false);
        loop.run();
        meta.show(7, true);
        loop.run();
        assertThat(meta.submitted).containsExactly(COMMAND, COMMAND.after(7));

        loop.advance(SESSION_MS);
        meta.answer(new MetaReply.Registered(8));
        loop.advance(SESSION_MS);
        assertThat(meta.submitted).hasSize(2);
    }
}
