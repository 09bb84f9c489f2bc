package io.robustmq.mqtt.share;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.robustmq.core.model.Partition;
import io.robustmq.core.model.Principal;
import io.robustmq.core.model.TopicId;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class ShareCodecTest {
    private static final Partition P = new Partition(new TopicId(3, 4), 5);
    private static final Stamp STAMP = new Stamp(7, 2, 9, 1L << 40);
    private static final SeatState SEAT =
            new SeatState("$share/g/a/+", "client", 3, 11, 4, true, false, 20, Principal.user("who", "::1"));

    @Test
    void aReportIsReadAsItWasWritten() {
        Holding held = holding(5, 9);
        Report report = new Report(
                Map.of(11, 4, 12, 1),
                List.of(new Report.Seat(SEAT, held, Map.of(P, 3L))),
                Map.of("$share/g/a/+", holding(1, 2)));
        Report read = ShareCodec.report(bytes(body -> ShareCodec.write(body, report)));
        assertThat(read).isNotNull();
        assertThat(read.epochs()).isEqualTo(report.epochs());
        assertThat(read.seats()).hasSize(1);
        assertThat(read.seats().get(0).state()).isEqualTo(SEAT);
        assertThat(read.seats().get(0).held().of(P)).containsExactly(5L, 9L);
        assertThat(read.seats().get(0).begins()).isEqualTo(Map.of(P, 3L));
        assertThat(read.settled().get("$share/g/a/+").of(P)).containsExactly(1L, 2L);
        assertThat(ShareCodec.report(bytes(body -> ShareCodec.write(body, (Report) null))))
                .isNull();
    }

    @Test
    void aDealIsReadAsItWasWritten() {
        Deal deal = new Deal(
                STAMP,
                List.of(new Deal.Hand("$share/g/a", "client", true, P, List.of(1L, 2L))),
                List.of(new Deal.Floor("$share/g/a", P, 1)));
        assertThat(ShareCodec.deal(bytes(body -> ShareCodec.write(body, deal)))).isEqualTo(deal);
    }

    @Test
    void everyWordIsReadAsItWasWritten() {
        Told told = new Told(
                STAMP,
                3,
                8,
                List.of(
                        new Word.Changed(SEAT),
                        new Word.Settled("s", "c", holding(1)),
                        new Word.Returned("s", "c", holding(2, 3)),
                        new Word.Gone("s", "c", holding(4))));
        Told read = ShareCodec.told(bytes(body -> ShareCodec.write(body, told)));
        assertThat(read.stamp()).isEqualTo(STAMP);
        assertThat(read.node()).isEqualTo(3);
        assertThat(read.number()).isEqualTo(8);
        assertThat(read.words()).hasSize(Word.class.getPermittedSubclasses().length);
        assertThat(read.words().get(0)).isEqualTo(new Word.Changed(SEAT));
        assertThat(((Word.Settled) read.words().get(1)).what().of(P)).containsExactly(1L);
        assertThat(((Word.Returned) read.words().get(2)).what().of(P)).containsExactly(2L, 3L);
        Word.Gone gone = (Word.Gone) read.words().get(3);
        assertThat(gone.share() + gone.clientId()).isEqualTo("sc");
        assertThat(gone.kept()).isNotNull();
        assertThat(gone.kept().of(P)).containsExactly(4L);
    }

    /** A node of the version before says nothing of what is kept, and reads nothing behind the words. */
    @Test
    void aWordOfTheVersionBeforeIsRead() {
        Told told = new Told(STAMP, 3, 8, List.of(new Word.Gone("s", "c", new Holding())));
        ByteBuf bytes = bytes(body -> ShareCodec.write(body, told));
        Told before = ShareCodec.told(bytes.slice(0, bytes.readableBytes() - Integer.BYTES));
        assertThat(before.words()).containsExactly(new Word.Gone("s", "c", null));
    }

    @Test
    void whatIsCutOffIsRefused() {
        ByteBuf whole = bytes(body -> ShareCodec.write(
                body, new Told(STAMP, 3, 8, List.of(new Word.Changed(SEAT), new Word.Returned("s", "c", holding(2))))));
        for (int length = 0; length < whole.readableBytes(); length++) {
            ByteBuf part = whole.slice(0, length);
            assertThatThrownBy(() -> ShareCodec.told(part))
                    .isInstanceOfAny(IndexOutOfBoundsException.class, IllegalArgumentException.class);
        }
    }

    private static Holding holding(long... offsets) {
        Holding holding = new Holding();
        for (long offset : offsets) {
            holding.add(P, offset);
        }
        return holding;
    }

    private static ByteBuf bytes(Consumer<ByteBuf> writer) {
        ByteBuf body = Unpooled.buffer();
        writer.accept(body);
        return body;
    }
}
