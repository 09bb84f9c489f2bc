package io.robustmq.journal.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.robustmq.core.loop.SimLoop;
import io.robustmq.core.model.Partition;
import io.robustmq.core.model.TopicId;
import io.robustmq.journal.shard.FetchPosition;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class FetchConversationTest {
    private static final Partition ORDERS = new Partition(new TopicId(1, 1), 0);
    private static final Partition OTHERS = new Partition(new TopicId(1, 2), 0);

    private static final int PACE_MS = 2;

    private final SimLoop loop = new SimLoop();
    private final Map<Partition, FakeLog> logs = new HashMap<>();
    private final FetchConversation conversation = new FetchConversation(logs::get, FakeLog.unheld(), PACE_MS, loop);
    private final List<String> answers = new ArrayList<>();

    FetchConversationTest() {
        logs.put(ORDERS, new FakeLog());
        logs.put(OTHERS, new FakeLog());
    }

    @Test
    void whatIsWrittenEndsTheWait() {
        ask("a", Map.of(ORDERS, at(0)));
        assertThat(answers).isEmpty();
        grow(ORDERS, 2);
        assertThat(answers).containsExactly("a: orders AGREES 2");
    }

    @Test
    void batchesAreNotSentAgainBeforeTheFollowerSaysWhereItStands() {
        ask("a", Map.of(ORDERS, at(0)));
        grow(ORDERS, 2);
        // For another partition's sake, before that answer came.
        ask("b", Map.of(OTHERS, at(0)));
        grow(ORDERS, 3);
        assertThat(answers).containsExactly("a: orders AGREES 2");
        grow(OTHERS, 4);
        ask("c", Map.of(ORDERS, at(2)));
        loop.advance(PACE_MS);
        assertThat(answers).containsExactly("a: orders AGREES 2", "b: others AGREES 4", "c: orders AGREES 1");
    }

    @Test
    void whatIsWrittenRightAfterAnAnswerIsGatheredForTheNext() {
        ask("a", Map.of(ORDERS, at(0), OTHERS, at(0)));
        grow(ORDERS, 1);
        assertThat(answers).hasSize(1).first().asString().startsWith("a: orders AGREES 1");
        ask("b", Map.of(ORDERS, at(1)));
        grow(ORDERS, 2);
        grow(OTHERS, 4);
        loop.advance(PACE_MS - 1);
        grow(ORDERS, 3);
        assertThat(answers).hasSize(1);
        loop.advance(1);
        assertThat(answers).last().isIn("b: orders AGREES 2 others AGREES 4", "b: others AGREES 4 orders AGREES 2");
        ask("c", Map.of(ORDERS, at(3), OTHERS, at(4)));
        loop.advance(PACE_MS);
        grow(ORDERS, 5);
        assertThat(answers).last().isEqualTo("c: orders AGREES 2");
    }

    /** It would not come before this is acknowledged. */
    @Test
    void whereNothingComesThatIsNotWaitedFor() {
        ask("a", Map.of(ORDERS, at(0)));
        grow(ORDERS, 1);
        ask("b", Map.of(ORDERS, at(1)));
        grow(ORDERS, 2);
        loop.advance(PACE_MS);
        ask("c", Map.of(ORDERS, at(2)));
        grow(ORDERS, 3);
        ask("d", Map.of(ORDERS, at(3)));
        grow(ORDERS, 4);
        assertThat(answers)
                .containsExactly(
                        "a: orders AGREES 1", "b: orders AGREES 1", "c: orders AGREES 1", "d: orders AGREES 1");
    }

    @Test
    void aRefusalIsSaidOncePerPosition() {
        ask("a", Map.of(ORDERS, new FetchPosition(FakeLog.EPOCH - 1, 0, -1)));
        ask("b", Map.of());
        grow(ORDERS, 2);
        assertThat(answers).containsExactly("a: orders REFUSED 0");
        ask("c", Map.of(ORDERS, at(0)));
        assertThat(answers).containsExactly("a: orders REFUSED 0", "b:", "c: orders AGREES 2");
    }

    @Test
    void theHighWatermarkIsSaidWhenTheWaitEnds() {
        ask("a", Map.of(ORDERS, at(0)));
        logs.get(ORDERS).commit(1);
        loop.advance(500);
        assertThat(answers).containsExactly("a: orders AGREES 0");
        ask("b", Map.of());
        loop.advance(500);
        assertThat(answers).containsExactly("a: orders AGREES 0", "b:");
    }

    /** An answer to a position from before is dropped, with what it said of the high watermark. */
    @Test
    void theHighWatermarkIsSaidAgainToWhoSaysThatItIsWhereItWas() {
        ask("a", Map.of(ORDERS, at(0)));
        logs.get(ORDERS).commit(1);
        loop.advance(500);
        ask("b", Map.of(ORDERS, at(0)));
        loop.advance(500);
        assertThat(answers).containsExactly("a: orders AGREES 0", "b: orders AGREES 0");
    }

    /** It took the first answer, and dropped the second with what that said. */
    @Test
    void theHighWatermarkIsSaidAgainToWhoTookOneOfTwoAnswersAndWentOn() {
        grow(ORDERS, 2);
        ask("a", Map.of(ORDERS, at(0)));
        logs.get(ORDERS).commit(1);
        ask("b", Map.of(ORDERS, at(0)));
        loop.advance(PACE_MS);
        ask("c", Map.of(ORDERS, at(2)));
        loop.advance(500);
        ask("d", Map.of());
        loop.advance(500);
        assertThat(answers).containsExactly("a: orders AGREES 2", "b: orders AGREES 2", "c: orders AGREES 0", "d:");
    }

    @Test
    void theHighWatermarkIsSaidToWhoWasToBeginElsewhere() {
        grow(ORDERS, 2);
        logs.get(ORDERS).commit(2);
        ask("a", Map.of(ORDERS, at(5)));
        ask("b", Map.of(ORDERS, at(2)));
        loop.advance(500);
        assertThat(answers).containsExactly("a: orders OUT_OF_RANGE 0", "b: orders AGREES 0");
    }

    @Test
    void theHighWatermarkOfWhatHasReadersIsSaidAtOnce() {
        ask("a", Map.of(ORDERS, at(0), OTHERS, at(0)), Set.of(ORDERS));
        assertThat(answers).as("what it is now").hasSize(1);
        ask("b", Map.of());
        logs.get(OTHERS).commit(1);
        loop.run();
        assertThat(answers).hasSize(1);
        logs.get(ORDERS).commit(1);
        loop.run();
        assertThat(answers)
                .hasSize(2)
                .last()
                .asString()
                .contains("orders AGREES 0")
                .contains("others AGREES 0");
        // It has none any more.
        ask("c", Map.of(ORDERS, at(0)));
        logs.get(ORDERS).commit(2);
        loop.run();
        assertThat(answers).hasSize(2);
    }

    private static FetchPosition at(long offset) {
        return new FetchPosition(FakeLog.EPOCH, offset, -1);
    }

    private void grow(Partition partition, long end) {
        logs.get(partition).grow(end);
        loop.run();
    }

    private void ask(String name, Map<Partition, FetchPosition> changed) {
        ask(name, changed, Set.of());
    }

    private void ask(String name, Map<Partition, FetchPosition> changed, Set<Partition> read) {
        ByteBuf body = Unpooled.buffer();
        FetchCodec.write(new FetchCodec.Request(2, 1, false, 1 << 20, 500, changed, read, List.of()), body);
        loop.execute(() -> conversation.onCall(body, parts -> answers.add(name + ":" + read(parts))));
        loop.run();
    }

    private static String read(Object... parts) {
        ByteBuf all = Unpooled.buffer();
        for (Object part : parts) {
            all.writeBytes((ByteBuf) part);
            ((ByteBuf) part).release();
        }
        var text = new StringBuilder();
        while (all.isReadable()) {
            Partition partition = FetchCodec.readPartition(all);
            text.append(partition.equals(ORDERS) ? " orders " : " others ")
                    .append(FetchCodec.readAnswer(all).outcome());
            int bytes = all.readInt();
            all.skipBytes(bytes);
            text.append(' ').append(bytes);
        }
        return text.toString();
    }
}
