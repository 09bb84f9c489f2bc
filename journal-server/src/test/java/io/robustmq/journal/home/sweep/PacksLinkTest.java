package io.robustmq.journal.home.sweep;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.robustmq.core.loop.Loop;
import io.robustmq.core.loop.SimLoop;
import io.robustmq.core.model.Partition;
import io.robustmq.core.model.TopicId;
import io.robustmq.core.port.NodeLink;
import io.robustmq.journal.home.PackName;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** One node asks another, with the connection between them in the test's thread. */
class PacksLinkTest {
    private static final Partition FIRST = new Partition(new TopicId(1, 2), 0);
    private static final Partition SECOND = new Partition(new TopicId(1, 2), 1);
    private static final PackName PACK = new PackName(3, 4, 5);

    private final SimLoop loop = new SimLoop();
    private final Map<Partition, Set<PackName>> known = new HashMap<>();
    private final List<Partition> asked = new ArrayList<>();
    private final PacksService service = new PacksService(
            (partition, done) -> {
                asked.add(partition);
                done.accept(known.get(partition));
            },
            null);
    private final Connection connection = new Connection();
    private final PacksLink link = new PacksLink(connection, loop);

    @Test
    void whatAllPartitionsNeedIsToldTogether() {
        known.put(FIRST, Set.of(PACK));
        known.put(SECOND, Set.of(new PackName(3, 4, 6)));
        assertThat(ask(FIRST, SECOND)).isEqualTo(PackPeers.Answer.known(Set.of(PACK, new PackName(3, 4, 6))));
    }

    @Test
    void whenOneIsNotKnownNothingIs() {
        known.put(SECOND, Set.of(PACK));
        assertThat(ask(FIRST, SECOND)).isEqualTo(PackPeers.Answer.unknown(FIRST));
        assertThat(asked).containsExactly(FIRST);
    }

    @Test
    void whoDoesNotAnswerOrNotInThisWayDoesNotSay() {
        known.put(FIRST, Set.of(PACK));
        connection.isLost = true;
        assertThat(ask(FIRST)).isEqualTo(PackPeers.Answer.unknown(FIRST));
        connection.isLost = false;
        connection.isNewer = true;
        assertThat(ask(FIRST)).isEqualTo(PackPeers.Answer.unknown(FIRST));
    }

    /** Without an answer the connection would be given up, and with it what others asked. */
    @Test
    void whereALeaderTakesItsTimeItIsToldInTimeThatNothingIsKnown() {
        List<Consumer<@Nullable Set<PackName>>> slow = new ArrayList<>();
        PacksService waits = new PacksService((partition, done) -> slow.add(done), null);
        List<PackPeers.Answer> answers = new ArrayList<>();
        ByteBuf question = PacksCodec.question(List.of(FIRST, SECOND));
        waits.begin(loop).onCall(question, parts -> {
            ByteBuf answer = (ByteBuf) parts[0];
            answers.add(PacksCodec.readAnswer(answer));
            answer.release();
        });
        question.release();
        loop.run();
        assertThat(answers).isEmpty();
        loop.advance(PacksLink.TIMEOUT_MS - 1);
        assertThat(answers).containsExactly(PackPeers.Answer.unknown(FIRST));
        slow.get(0).accept(Set.of(PACK));
        slow.get(1).accept(Set.of(PACK));
        loop.run();
        assertThat(answers).hasSize(1);
    }

    @Test
    void whoeverWasAnsweredIsToldNothingLater() {
        known.put(FIRST, Set.of(PACK));
        assertThat(ask(FIRST)).isEqualTo(PackPeers.Answer.known(Set.of(PACK)));
        assertThat(loop.timerCount()).isZero();
    }

    @Test
    void aNodeWithoutAStoreChecksNothing() {
        CompletableFuture<PackCheck.Checked> outcome = link.check(2, FIRST, true);
        loop.run();
        assertThat(outcome).isCompletedExceptionally();
    }

    private PackPeers.Answer ask(Partition... partitions) {
        List<PackPeers.Answer> answers = new ArrayList<>();
        link.ask(2, List.of(partitions), answers::add);
        loop.run();
        assertThat(answers).hasSize(1);
        return answers.get(0);
    }

    private final class Connection implements NodeLink {
        private final Conversation conversation = service.begin(loop);
        private boolean isLost;
        private boolean isNewer;

        @Override
        public void ask(
                int node, Call call, ByteBuf body, long timeoutMs, Loop asking, Consumer<@Nullable ByteBuf> reply) {
            assertThat(call).isEqualTo(Call.PACKS);
            if (isLost) {
                body.release();
                asking.execute(() -> reply.accept(null));
                return;
            }
            conversation.onCall(body, parts -> {
                ByteBuf answer = (ByteBuf) parts[0];
                if (isNewer) {
                    answer.setByte(0, 9);
                }
                reply.accept(answer);
                answer.release();
            });
            body.release();
        }
    }
}
