package io.robustmq.core.txn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.robustmq.core.txn.TxnFact.TxnChanged;
import io.robustmq.core.txn.TxnFact.TxnRemoved;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TxnFactCodecTest {
    private static final TxnFactCodec CODEC = new TxnFactCodec();
    private static final TxnSnapshot FULL = new TxnSnapshot(
            5,
            4,
            6,
            (short) 3,
            (short) 2,
            60_000,
            TxnState.PREPARE_COMMIT,
            Set.of(new TxnPartition("a", 1), new TxnPartition("a", 2), new TxnPartition("b", 0)),
            1_000,
            900,
            true);

    @Test
    void whatIsWrittenIsRead() {
        TxnSnapshot plain = TxnSnapshot.of(7, 1, 2);
        for (TxnSnapshot snapshot : new TxnSnapshot[] {FULL, plain}) {
            TxnFact fact = new TxnChanged("t", snapshot);
            assertThat(CODEC.decode(CODEC.key(fact), CODEC.value(fact))).isEqualTo(fact);
        }
        TxnFact removed = new TxnRemoved("t");
        assertThat(CODEC.value(removed)).isNull();
        assertThat(CODEC.decode(CODEC.key(removed), null)).isEqualTo(removed);
    }

    @Test
    void bytesAreKafkas() {
        TxnFact fact = new TxnChanged(
                "t",
                new TxnSnapshot(
                        5,
                        4,
                        -1,
                        (short) 3,
                        (short) -1,
                        60_000,
                        TxnState.ONGOING,
                        Set.of(new TxnPartition("a", 1)),
                        1_000,
                        900,
                        true));
        assertThat(HexFormat.of().formatHex(CODEC.key(fact))).isEqualTo("0000000174");
        assertThat(HexFormat.of().formatHex(CODEC.value(fact)))
                .isEqualTo(
                        "0001" // version
                                + "0000000000000005" // producer id
                                + "0003" // epoch
                                + "0000ea60" // timeout
                                + "01" // Ongoing
                                + "02" + "0261" + "02" + "00000001" + "00" // one topic, one partition
                                + "00000000000003e8" // last update
                                + "0000000000000384" // start
                                + "02" + "00" + "08" + "0000000000000004" // previous producer id
                                + "02" + "02" + "0002"); // client's transaction version
    }

    @Test
    void oldestVersionIsRead() {
        byte[] value = HexFormat.of()
                .parseHex("0000" + "0000000000000005" + "0003" + "0000ea60" + "04" + "ffffffff" + "00000000000003e8"
                        + "0000000000000384");
        assertThat(CODEC.decode(CODEC.key(new TxnRemoved("t")), value))
                .isEqualTo(new TxnChanged(
                        "t",
                        new TxnSnapshot(
                                5,
                                -1,
                                -1,
                                (short) 3,
                                (short) -1,
                                60_000,
                                TxnState.COMPLETE_COMMIT,
                                Set.of(),
                                1_000,
                                900,
                                false)));
    }

    @Test
    void everyTruncationIsRefused() {
        TxnFact fact = new TxnChanged("t", FULL);
        byte[] value = CODEC.value(fact);
        for (int length = 0; length < value.length; length++) {
            byte[] cut = Arrays.copyOf(value, length);
            assertThatThrownBy(() -> CODEC.decode(CODEC.key(fact), cut))
                    .as("%d bytes", length)
                    .isInstanceOf(IllegalArgumentException.class);
        }
        assertThatThrownBy(() -> CODEC.decode(CODEC.key(fact), new byte[] {0, 9}))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
