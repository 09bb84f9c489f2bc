package io.robustmq.journal.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.robustmq.core.model.Partition;
import io.robustmq.core.model.TopicId;
import io.robustmq.core.port.EpochEnd;
import io.robustmq.journal.shard.FetchAnswer;
import io.robustmq.journal.shard.FetchAnswer.Outcome;
import io.robustmq.journal.shard.FetchPosition;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class FetchCodecTest {
    private static final Partition PARTITION = new Partition(new TopicId(1, 2), 3);
    private static final Partition OTHER = new Partition(new TopicId(1, 3), 0);

    @Test
    void answersArriveAsTheyWereGiven() {
        List<FetchAnswer> answers = List.of(
                new FetchAnswer(Outcome.AGREES, 4, 90, 5, EpochEnd.UNKNOWN),
                new FetchAnswer(Outcome.AGREES, 4, 90, 5, 50, EpochEnd.UNKNOWN, -1),
                new FetchAnswer(Outcome.DIVERGES, 4, 90, 5, new EpochEnd(2, 70)),
                new FetchAnswer(Outcome.OUT_OF_RANGE, 4, 90, 5, EpochEnd.UNKNOWN),
                new FetchAnswer(Outcome.STORED, 4, 90, 5, 60, EpochEnd.UNKNOWN, 60),
                FetchAnswer.refused(4));
        for (FetchAnswer answer : answers) {
            ByteBuf bytes = Unpooled.buffer();
            FetchCodec.write(PARTITION, answer, 17, bytes);
            assertThat(bytes.readableBytes()).isEqualTo(FetchCodec.answerBytes());
            assertThat(FetchCodec.readPartition(bytes)).isEqualTo(PARTITION);
            assertThat(FetchCodec.readAnswer(bytes)).isEqualTo(answer);
            assertThat(bytes.readInt()).isEqualTo(17);
        }
    }

    @Test
    void questionsArriveAsTheyWereAsked() {
        FetchCodec.Request request = question();
        ByteBuf bytes = Unpooled.buffer();
        FetchCodec.write(request, bytes);
        assertThat(FetchCodec.readRequest(bytes)).isEqualTo(request);
        assertThat(bytes.isReadable()).isFalse();
    }

    /** It does not say of which partitions it has readers: of all, as far as its leader knows. */
    @Test
    void anOlderNodesQuestionIsUnderstood() {
        ByteBuf bytes = Unpooled.buffer();
        FetchCodec.write(question(), bytes);
        bytes.writerIndex(bytes.writerIndex() - 2);
        assertThat(FetchCodec.readRequest(bytes).read()).containsExactlyInAnyOrder(PARTITION, OTHER);
    }

    private static FetchCodec.Request question() {
        Map<Partition, FetchPosition> changed =
                Map.of(PARTITION, new FetchPosition(4, 90, 3), OTHER, new FetchPosition(5, 0, -1));
        return new FetchCodec.Request(2, 7, true, 1 << 20, 500, changed, Set.of(OTHER), List.of(PARTITION));
    }
}
