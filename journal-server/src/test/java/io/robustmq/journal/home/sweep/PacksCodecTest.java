package io.robustmq.journal.home.sweep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.robustmq.core.model.Partition;
import io.robustmq.core.model.TopicId;
import io.robustmq.journal.home.PackName;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PacksCodecTest {
    private static final Partition PARTITION = new Partition(new TopicId(1, 2), 3);
    private static final Set<PackName> PACKS = Set.of(
            new PackName(1, 5, 0),
            new PackName(1, 5, 1),
            new PackName(1, 5, 300),
            new PackName(1, -7, Long.MAX_VALUE),
            new PackName(Integer.MAX_VALUE, Long.MIN_VALUE, 1L << 40));

    @Test
    void questionsArriveAsTheyWereAsked() {
        List<Partition> partitions = List.of(PARTITION, new Partition(new TopicId(-1, -2), 0));
        ByteBuf body = PacksCodec.question(partitions);
        assertThat(PacksCodec.readQuestion(body)).isEqualTo(new PacksCodec.Question(partitions, false, false));
        assertThat(body.isReadable()).isFalse();
        body.release();
    }

    @Test
    void whatIsToBeCheckedArrivesAndSoDoesWhatCameOfIt() {
        ByteBuf body = PacksCodec.checkQuestion(PARTITION, true);
        assertThat(PacksCodec.readQuestion(body)).isEqualTo(new PacksCodec.Question(List.of(PARTITION), true, true));
        body.release();
        PackCheck.Checked checked = new PackCheck.Checked(7, List.of("one is not there", "another neither"));
        ByteBuf answer = PacksCodec.answer(checked);
        assertThat(PacksCodec.readChecked(answer)).isEqualTo(checked);
        answer.release();
        ByteBuf unknown = PacksCodec.answer(PackPeers.Answer.unknown(PARTITION));
        assertThat(PacksCodec.readChecked(unknown)).isNull();
        unknown.release();
    }

    @Test
    void answersArriveAsTheyWereGiven() {
        for (PackPeers.Answer answer : List.of(
                PackPeers.Answer.known(PACKS), PackPeers.Answer.known(Set.of()), PackPeers.Answer.unknown(PARTITION))) {
            ByteBuf body = PacksCodec.answer(answer);
            assertThat(PacksCodec.readAnswer(body)).isEqualTo(answer);
            assertThat(body.isReadable()).isFalse();
            body.release();
        }
    }

    @Test
    void aPackOfARunTakesAByte() {
        Set<PackName> run = new HashSet<>();
        for (int i = 0; i < 1_000; i++) {
            run.add(new PackName(1, 5, 1_000_000 + i));
        }
        ByteBuf body = PacksCodec.answer(PackPeers.Answer.known(run));
        assertThat(body.readableBytes()).isLessThan(1_030);
        body.release();
    }

    /** The first version's bytes. */
    @Test
    void theFormIsTheSameEverywhere() {
        ByteBuf body = PacksCodec.answer(
                PackPeers.Answer.known(Set.of(new PackName(1, 2, 3), new PackName(1, 2, 203), new PackName(4, 5, 6))));
        assertThat(ByteBufUtil.hexDump(body))
                .isEqualTo("01" + "00000002" + "00000001" + "0000000000000002" + "02" + "03" + "c801" + "00000004"
                        + "0000000000000005" + "01" + "06");
        body.release();
    }

    @Test
    void whatIsCutOffIsRefused() {
        for (ByteBuf whole :
                List.of(PacksCodec.answer(PackPeers.Answer.known(PACKS)), PacksCodec.question(List.of(PARTITION)))) {
            for (int length = 0; length < whole.readableBytes(); length++) {
                ByteBuf cut = whole.slice(0, length);
                assertThatThrownBy(() -> {
                            if (whole.getByte(0) == 1) {
                                PacksCodec.readAnswer(cut);
                            } else {
                                PacksCodec.readQuestion(cut);
                            }
                        })
                        .isInstanceOfAny(IndexOutOfBoundsException.class, IllegalArgumentException.class);
            }
            whole.release();
        }
    }

    @Test
    void whatIsTooMuchIsRefused() {
        ByteBuf question = PacksCodec.question(Collections.nCopies(PackPeers.PARTITIONS_MAX + 1, PARTITION));
        assertThatThrownBy(() -> PacksCodec.readQuestion(question)).isInstanceOf(IllegalArgumentException.class);
        question.release();
        ByteBuf answer = PacksCodec.answer(PackPeers.Answer.known(Set.of(new PackName(1, 2, 3))));
        answer.setByte(1 + 4 + 4 + 8, 0x80).setByte(1 + 4 + 4 + 8 + 1, 0x80);
        answer.writeByte(0x80).writeByte(0x01);
        assertThatThrownBy(() -> PacksCodec.readAnswer(answer))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("packs");
        answer.release();
    }

    @Test
    void aNodeThatHasMoreThanAnAnswerHoldsDoesNotSay() {
        NodePacks packs = new NodePacks((partition, done) -> done.accept(PACKS), PACKS.size() - 1);
        packs.ask(List.of(PARTITION), answer -> assertThat(answer).isEqualTo(PackPeers.Answer.unknown(PARTITION)));
        NodePacks room = new NodePacks((partition, done) -> done.accept(PACKS), PACKS.size());
        room.ask(List.of(PARTITION, PARTITION), answer -> assertThat(answer).isEqualTo(PackPeers.Answer.known(PACKS)));
    }
}
